// SPDX-License-Identifier: Apache-2.0
//
// Runs one subject under one combination of circumstances. Between start and stop the threads only
// do the operations, count them, and read the clock around one operation in 64.

import Foundation
import Histogram
import Synchronization

/// The state that the threads of one cell share.
final class Round: Sendable {
  let missing: Atomic<Int>
  let stop = Atomic<Bool>(false)
  let total = Mutex<(operations: Int, histogram: Histogram<UInt64>)>((0, Round.makeHistogram()))

  init(_ parties: Int) { missing = Atomic(parties) }

  /// Two significant digits up to ten seconds; longer operations count as ten seconds.
  static func makeHistogram() -> Histogram<UInt64> {
    Histogram(highestTrackableValue: 10_000_000_000, numberOfSignificantValueDigits: .two)
  }

  func arrive() {
    missing.subtract(1, ordering: .acquiringAndReleasing)
    while missing.load(ordering: .acquiring) > 0 { sched_yield() }
  }

  func add(_ operations: Int, _ histogram: Histogram<UInt64>) {
    total.withLock { total in
      total.operations += operations
      total.histogram.add(histogram)
    }
  }

  func cell(_ subject: String, _ circumstances: Circumstances, _ elapsed: UInt64) -> Cell {
    total.withLock { total in
      Cell(
        subject: subject, circumstances: circumstances, operations: total.operations,
        operationsPerSecond: Double(total.operations) / (Double(elapsed) / 1e9),
        p50Nanoseconds: Double(total.histogram.valueAtPercentile(50)),
        p99Nanoseconds: Double(total.histogram.valueAtPercentile(99)),
        p999Nanoseconds: Double(total.histogram.valueAtPercentile(99.9)))
    }
  }
}

/// Runs subjects.
enum Runner {
  static func run<S: Subject>(
    _ subject: S, _ circumstances: Circumstances, _ sequence: KeySequence<S.Key>, seconds: Double
  ) -> Cell {
    let round = Round(circumstances.threads + 1)
    let group = DispatchGroup()
    for number in 0..<circumstances.threads {
      group.enter()
      let thread = Thread {
        work(subject, circumstances.readPercent, number, sequence, round)
        group.leave()
      }
      thread.stackSize = 1 << 18
      thread.start()
    }
    round.arrive()
    let start = nanoseconds()
    usleep(UInt32(seconds * 1e6))
    round.stop.store(true, ordering: .relaxed)
    group.wait()
    return round.cell(S.name, circumstances, nanoseconds() - start)
  }

  private static func work<S: Subject>(
    _ subject: S, _ readPercent: Int, _ number: Int, _ sequence: KeySequence<S.Key>, _ round: Round
  ) {
    var histogram = Round.makeHistogram()
    var walk = Walk(sequence, readPercent: readPercent, number: number)
    round.arrive()
    while !round.stop.load(ordering: .relaxed) {
      let before = nanoseconds()
      walk.step(subject)
      _ = histogram.record(min(nanoseconds() &- before, 9_999_999_999))
      for _ in 1..<64 { walk.step(subject) }
    }
    walk.end()
    round.add(walk.operations, histogram)
  }

  static func run<S: AsyncSubject>(
    _ subject: S, _ circumstances: Circumstances, _ sequence: KeySequence<S.Key>, seconds: Double
  ) async -> Cell {
    let round = Round(0)
    let start = nanoseconds()
    await withTaskGroup(of: Void.self) { group in
      // The thread is outside the pool, which the tasks may keep busy.
      Thread {
        usleep(UInt32(seconds * 1e6))
        round.stop.store(true, ordering: .relaxed)
      }.start()
      for number in 0..<circumstances.threads {
        group.addTask { await work(subject, circumstances.readPercent, number, sequence, round) }
      }
    }
    return round.cell(S.name, circumstances, nanoseconds() - start)
  }

  private static func work<S: AsyncSubject>(
    _ subject: S, _ readPercent: Int, _ number: Int, _ sequence: KeySequence<S.Key>, _ round: Round
  ) async {
    var histogram = Round.makeHistogram()
    var walk = Walk(sequence, readPercent: readPercent, number: number)
    while !round.stop.load(ordering: .relaxed) {
      let isTimed = walk.operations & 63 == 0
      let before = isTimed ? nanoseconds() : 0
      if walk.isRead {
        walk.seen &+= await subject.read(walk.key) ?? 0
      } else {
        await subject.write(walk.key, walk.operations)
      }
      if isTimed { _ = histogram.record(min(nanoseconds() &- before, 9_999_999_999)) }
      walk.advance()
      // Without this a task that never has to wait would occupy its thread all the time.
      if walk.operations & 1023 == 0 { await Task.yield() }
    }
    walk.end()
    round.add(walk.operations, histogram)
  }
}
