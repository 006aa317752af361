// SPDX-License-Identifier: Apache-2.0
//
// An event loop as network libraries have them: one thread, a queue of tasks, tasks for later.

import Foundation

final class EventLoop: @unchecked Sendable {
  private struct Delayed {
    var due: DispatchTime
    var body: @Sendable () -> Void
  }

  private let condition = NSCondition()
  private var tasks: [@Sendable () -> Void] = []
  private var delayed: [Delayed] = []
  private var isStopped = false
  private let ended = DispatchSemaphore(value: 0)

  init(_ name: String) {
    let thread = Thread { [self] in
      while let task = next() { task() }
      ended.signal()
    }
    thread.name = name
    thread.start()
  }

  /// Runs the task on the loop, soon.
  func execute(_ task: @escaping @Sendable () -> Void) {
    condition.lock()
    tasks.append(task)
    condition.signal()
    condition.unlock()
  }

  /// Runs the task on the loop, after a time.
  func schedule(after microseconds: Int, _ task: @escaping @Sendable () -> Void) {
    condition.lock()
    delayed.append(Delayed(due: .now() + .microseconds(microseconds), body: task))
    condition.signal()
    condition.unlock()
  }

  /// Runs the task on the loop and waits for its end.
  func wait(_ task: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    execute {
      task()
      done.signal()
    }
    done.wait()
  }

  /// Waits until all tasks, those for later too, have run.
  func stop() {
    condition.lock()
    isStopped = true
    condition.signal()
    condition.unlock()
    ended.wait()
  }

  private func next() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if !tasks.isEmpty { return tasks.removeFirst() }
      let now = DispatchTime.now()
      if let index = delayed.firstIndex(where: { $0.due <= now }) { return delayed.remove(at: index).body }
      guard let soonest = delayed.map(\.due).min() else {
        if isStopped { return nil }
        condition.wait()
        continue
      }
      let left = Double(soonest.uptimeNanoseconds - now.uptimeNanoseconds) / 1e9
      _ = condition.wait(until: Date(timeIntervalSinceNow: left))
    }
  }
}
