// SPDX-License-Identifier: Apache-2.0
//
// One thread and one heap for every deadline of the process. What is to be done at a deadline runs
// on that thread and without a lock; it must be short.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Synchronization

/// The deadlines of all waits and loads, and of elements that grow too old.
///
/// A timer costs its entry in the heap, and only until it is cancelled or due. (`Task.sleep` keeps
/// a cancelled timer's task until its deadline: 300,000 loads with an hour's limit kept 230 MB.)
///
/// The thread begins with the first timer and sleeps until the earliest deadline it knows; a
/// cancelled timer may wake it once for nothing, so that timers that are made and cancelled wake
/// nobody.
///
/// A forked child has no such thread, as it has none of the threads that run tasks.
final class TimerQueue: Sendable {
  static let shared = TimerQueue()

  private struct State: ~Copyable {
    var heap = TimerHeap()
    /// When the thread looks next by itself.
    var wakesAt = Moment(nanoseconds: .max)
    var hasThread = false
  }

  private let state = LockedArray<State>(count: 1) { _ in State() }
  /// Changes when the thread should look again; it is parked at this word.
  private let news = PaddedArray<Atomic<UInt32>>(count: 1) { _ in Atomic(0) }

  private init() {}

  /// How many timers are waiting.
  var count: Int { state.withLock(0) { $0.heap.count } }
  /// For how many timers there is room.
  var capacity: Int { state.withLock(0) { $0.heap.capacity } }

  /// Makes a timer; nil for the end of time.
  func add(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerEntry? {
    if deadline.nanoseconds == .max { return nil }
    let entry = TimerEntry(at: deadline, fire)
    let (isFirst, isEarliest) = state.withLock(0) { state in
      state.heap.insert(entry)
      let isFirst = !state.hasThread
      state.hasThread = true
      let isEarliest = deadline < state.wakesAt
      if isEarliest { state.wakesAt = deadline }
      return (isFirst, isEarliest)
    }
    if isFirst { begin() } else if isEarliest { wake() }
    return entry
  }

  /// Takes a timer out, unless it is due already: then it may be running, or have run.
  func cancel(_ entry: TimerEntry) {
    // The entry is the caller's, so it ends outside the lock.
    _ = state.withLock(0) { $0.heap.remove(entry) }
  }

  private func wake() {
    let word = news.pointer(0)
    word.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
    SystemCall.wake(word, 1)
  }

  // MARK: The thread

  private func begin() {
    let status = DetachedThread.begin { TimerQueue.shared.run() }
    require(status == 0, "ConcurrentCollections: no thread for timers: pthread_create failed: \(status)")
  }

  private func run() -> Never {
    DetachedThread.setName("timers")
    let word = news.pointer(0)
    while true {
      let seen = word.pointee.load(ordering: .sequentiallyConsistent)
      let now = Moment.now
      let (due, wakesAt) = state.withLock(0) { state in
        let due = state.heap.popDue(at: now, atMost: 64)
        state.wakesAt = due.isEmpty ? state.heap.earliest ?? Moment(nanoseconds: .max) : now
        return (due, state.wakesAt)
      }
      for entry in due { entry.fire() }
      if due.isEmpty { sleep(word, seen, until: wakesAt) }
    }
  }

  /// Sleeps until a moment or until there are news; an hour at most.
  private func sleep(_ word: UnsafeMutablePointer<Atomic<UInt32>>, _ seen: UInt32, until moment: Moment) {
    let limit = min(moment.nanoseconds(since: .now), 3_600_000_000_000)
    let end = Moment.now.advanced(byNanoseconds: limit)
    SystemCall.wait(word, while: seen, atMost: limit)
    // It came back early: by a signal, or as this machine cannot park threads. Then not at once
    // again.
    if Moment.now < end, word.pointee.load(ordering: .relaxed) == seen { usleep(1000) }
  }
}
