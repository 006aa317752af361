// SPDX-License-Identifier: Apache-2.0
//
// Processes that fork: beside accesses of other threads, inside an access, in the middle of
// unwinding, before an exec.

import AuditedCollections
import Foundation
import Synchronization

enum ForkScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "fork-child-audits": { forkChild(races: true) },
    "fork-child-quiet": { forkChild(races: false) },
    "fork-while-unwinding": { forkWhileUnwinding() },
    "fork-in-window": { forkInsideWindow() },
    "fork-beside-write": { forkBesideWrite() },
    "fork-exec": { forkExec() },
  ]

  /// The C library's fork, which the Swift overlay hides.
  static func forkProcess() -> Int32 {
    // Buffered output would be printed by both processes.
    fflush(nil)
    let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork")!
    return unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()
  }

  static func waitForChild(_ child: Int32) -> Int32 {
    var status: Int32 = 0
    waitpid(child, &status, 0)
    return status
  }

  /// Forks while three other threads are making accesses. They have begun before the fork, because
  /// a fork during the first use of another library leaves that library half initialised in the
  /// child.
  static func forkChild(races: Bool) {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    let isDone = Gate()
    let begun = Counter()
    onThreads(4) { worker in
      guard worker == 3 else { return writeOwn(from: worker, begun, until: isDone) }
      Waiting.until { begun.value == 3 }
      for round in 0..<(races ? 1 : 5) {
        shared.value[round] = round
        let child = forkProcess()
        if child == 0 {
          for i in 0..<100 { shared.value[i] = i }
          if races { ReportScenarios.overlapOnce(label: "in the child") }
          AccessAudit.flush()
          exit(0)
        }
        let status = waitForChild(child)
        print("child ended with \(status >> 8) signal \(status & 127)")
      }
      isDone.open()
    }
  }

  private static func writeOwn(from first: Int, _ begun: Counter, until isDone: Gate) {
    var own: AuditedDictionary<Int, Int> = [:]
    own[0] = first
    begun.increment()
    var step = first
    while !isDone.isOpen {
      own[step % 100] = step
      step += 1
    }
  }

  /// Forks again and again while other threads unwind new stacks, which locks the loader's list of
  /// images and libunwind's memory. The child, which unwinds new stacks too, must not find these
  /// locks held forever.
  static func forkWhileUnwinding() {
    let isDone = Gate()
    let begun = Counter()
    onThreads(3) { worker in
      guard worker == 2 else {
        var round = UInt64(worker)
        repeat {
          // A new thread each time, because libunwind caches return addresses per thread.
          LifeCycleScenarios.onRawThreads(1) { [round] in windingWrite(round, depth: 24) }
          round += 2
          if round < 4 { begun.increment() }
        } while !isDone.isOpen
        return
      }
      Waiting.until { begun.value == 2 }
      for round in 0..<100 {
        let child = forkProcess()
        if child == 0 {
          for i in 0..<50 { windingWrite(UInt64(round * 977 + i), depth: 24) }
          AccessAudit.flush()
          _exit(0)
        }
        precondition(waitForChild(child) == 0)
      }
      isDone.open()
    }
    print("every child ended")
  }

  /// A write at the end of a chain of calls that differs for each path.
  @inline(never)
  private static func windingWrite(_ path: UInt64, depth: Int) {
    if depth == 0 {
      var own: AuditedDictionary<Int, Int> = [:]
      own[1] = 1
    } else if path & 1 == 0 {
      windingWrite(path >> 1, depth: depth - 1)
    } else {
      windingWrite(path >> 1, depth: depth - 2 < 0 ? 0 : depth - 2)
    }
    // Not a tail call: the frame stays.
    precondition(depth >= 0)
  }

  static func forkInsideWindow() {
    let holder = Holder()
    let trap = Trap()
    trap.arm {
      let child = forkProcess()
      if child == 0 {
        // In the child this thread is still inside its write; it leaves the write and continues.
        return
      }
      print("child ended with \(waitForChild(child) >> 8)")
    }
    holder.value[GatedKey(1, trap)] = [1]
    for i in 0..<10 { holder.value[GatedKey(i)] = [i] }
    precondition(holder.value.count == 10)
  }

  /// The child accesses a dictionary that another thread of the parent was writing at the fork.
  /// That thread does not exist in the child, so there is no overlap and no thread to wait for.
  static func forkBesideWrite() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let leaving = Gate()
    trap.arm {
      inside.open()
      leaving.wait()
    }
    together(
      { holder.value[GatedKey(1, trap)] = [1] },
      {
        inside.wait()
        let child = forkProcess()
        if child == 0 {
          for i in 0..<100 { holder.value[GatedKey(i)] = [i] }
          _ = holder.value.count
          _exit(AccessAudit.violations.isEmpty ? 0 : 1)
        }
        print("child ended with \(waitForChild(child) >> 8)")
        leaving.open()
      })
  }

  static func forkExec() {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    for _ in 0..<5 {
      let child = forkProcess()
      if child == 0 {
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        execv("/bin/true", &arguments)
        _exit(99)
      }
      precondition(waitForChild(child) == 0)
    }
  }
}
