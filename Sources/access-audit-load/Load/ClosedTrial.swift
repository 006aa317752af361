// SPDX-License-Identifier: Apache-2.0
//
// Threads or tasks that do nothing but operations, for a time: how many a second.

#if ReportTools && canImport(Glibc)
import Foundation
import Synchronization

struct ClosedTrial: Sendable {
  var threads: Int
  var readPercent: Int
  var seconds: Double

  private final class State: Sendable {
    let stop = Atomic<Bool>(false)
    let operations = Atomic<Int>(0)
  }

  /// Operations a second.
  func run<Subject: LoadSubject>(_ subject: Subject, _ stream: KeyStream<Subject.Key>) -> Double {
    let state = State()
    let line = StartLine(threads + 1)
    var elapsed: UInt64 = 0
    Crew.run(
      threads,
      beside: {
        let start = line.start()
        usleep(UInt32(seconds * 1e6))
        state.stop.store(true, ordering: .relaxed)
        elapsed = monotonicNanoseconds() - start
      }
    ) { number in
      var walk = Walk(stream, readPercent: readPercent, number: number)
      _ = line.wait()
      // A thread that comes to run too late does something all the same.
      repeat { for _ in 0..<16 { walk.step(subject) } } while !state.stop.load(ordering: .relaxed)
      walk.end()
      state.operations.add(walk.operations, ordering: .relaxed)
    }
    return Double(state.operations.load(ordering: .relaxed)) / (Double(max(elapsed, 1)) / 1e9)
  }

  func run<Subject: AsyncLoadSubject>(async subject: Subject, _ stream: KeyStream<Subject.Key>) -> Double {
    let state = State()
    let start = monotonicNanoseconds()
    // A thread of its own: the tasks keep the pool busy.
    Thread.detachNewThread {
      usleep(UInt32(seconds * 1e6))
      state.stop.store(true, ordering: .relaxed)
    }
    Crew.wait {
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<threads {
          group.addTask {
            var walk = Walk(stream, readPercent: readPercent, number: number)
            repeat { for _ in 0..<4 { await walk.step(async: subject) } } while !state.stop.load(ordering: .relaxed)
            walk.end()
            state.operations.add(walk.operations, ordering: .relaxed)
          }
        }
      }
    }
    let elapsed = monotonicNanoseconds() - start
    return Double(state.operations.load(ordering: .relaxed)) / (Double(max(elapsed, 1)) / 1e9)
  }
}
#endif
