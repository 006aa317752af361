// SPDX-License-Identifier: Apache-2.0
//
// The waits of unlucky threads: situations in which a lock that lets the running thread retake it
// starves the others.

import Foundation
import Histogram
import Synchronization

/// Measures waits.
enum Waits {
  /// A situation in which a lock is used.
  enum Situation: String, CaseIterable {
    case longHolders = "2 threads hold it for 10 ms at a time and want it again at once, 1 writes a key"
    case crowd = "16 threads write one key"
  }

  static func all(seconds: Double, _ isMeasured: (String) -> Bool) -> [Wait] {
    Situation.allCases.flatMap { situation in
      [
        wait(LockedSubject<Int>.self, situation, seconds, isMeasured),
        wait(MutexSubject<Int>.self, situation, seconds, isMeasured),
        wait(NIOSubject<Int>.self, situation, seconds, isMeasured),
        wait(ReadWriteSubject<Int>.self, situation, seconds, isMeasured),
        wait(ReadWriteLockSubject<Int>.self, situation, seconds, isMeasured),
      ].compactMap(\.self)
    }
  }

  private static func wait<S: HoldableSubject>(
    _: S.Type, _ situation: Situation, _ seconds: Double, _ isMeasured: (String) -> Bool
  ) -> Wait? where S.Key == Int {
    guard isMeasured(S.name) else { return nil }
    let subject = S([1: 1])
    let holders = situation == .longHolders ? 2 : 0
    let writers = situation == .longHolders ? 1 : 16
    let round = Round(holders + writers + 1)
    let longest = Atomic<UInt64>(0)
    let group = DispatchGroup()
    for number in 0..<holders + writers {
      group.enter()
      let thread = Thread {
        if number < holders { hold(subject, round) } else { write(subject, round, longest) }
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
    let elapsed = Double(nanoseconds() - start)
    return round.total.withLock { total in
      Wait(
        subject: S.name, situation: situation.rawValue, operationsPerSecond: Double(total.operations) / elapsed * 1e9,
        p999Nanoseconds: Double(total.histogram.valueAtPercentile(99.9)),
        longestNanoseconds: Double(longest.load(ordering: .relaxed)))
    }
  }

  private static func hold<S: HoldableSubject>(_ subject: S, _ round: Round) {
    round.arrive()
    while !round.stop.load(ordering: .relaxed) {
      subject.hold {
        let end = nanoseconds() + 10_000_000
        while nanoseconds() < end {}
      }
    }
  }

  private static func write<S: HoldableSubject>(
    _ subject: S, _ round: Round, _ longest: borrowing Atomic<UInt64>
  ) where S.Key == Int {
    var histogram = Round.makeHistogram()
    var operations = 0
    round.arrive()
    while !round.stop.load(ordering: .relaxed) {
      let before = nanoseconds()
      subject.write(1, operations)
      let time = nanoseconds() &- before
      _ = histogram.record(min(time, 9_999_999_999))
      if time > longest.load(ordering: .relaxed) { longest.max(time, ordering: .relaxed) }
      operations += 1
    }
    round.add(operations, histogram)
  }
}
