// SPDX-License-Identifier: Apache-2.0
//
// The load lab's trials: latencies of what stalls, the search for a rate, replays.

#if ReportTools && REPORTS && canImport(Glibc)

import ConcurrentCollections
import Foundation
import Synchronization
import Testing

@testable import AccessTraffic
@testable import access_audit_load

struct LoadTrialTests {
  /// By a clock that only the operations move: 1 000 a second are planned, each takes 100 µs, and
  /// one of them half a second.
  @Test func stall_makesAllLateThatWereToComeMeanwhile() {
    var now: UInt64 = 0
    var operations = 0
    let plan = OpenTrial(threads: 1, readPercent: 100, perSecond: 1_000, seconds: 2, seed: 1)
    let account = plan.play(
      plan.arrivals(0), clock: { now }, wait: { now = $0 },
      perform: {
        operations += 1
        now += operations == 100 ? 500_000_000 : 100_000
      })
    #expect(account.latencies.count == UInt64(operations) && account.unfinished == 0)
    // Some 500 were to come while it stalled: the first waited half a second, the last not at all.
    let late = account.latencies.classes.enumerated().filter { Spread.lowerBound($0.offset) >= 50_000_000 }
      .reduce(0) { $0 + $1.element }
    #expect(late > 400 && late < 600, "\(late)")
    #expect(account.latencies.quantile(0.9) > 200_000_000 && account.latencies.quantile(0.5) < 1_000_000)
  }

  @Test func whatIsNeverDone_countsWithItsAge() {
    var now: UInt64 = 0
    var plan = OpenTrial(threads: 1, readPercent: 100, perSecond: 1_000, seconds: 1, seed: 1)
    plan.patience = 0.5
    let account = plan.play(
      plan.arrivals(0), clock: { now }, wait: { now = $0 }, perform: { now += 10_000_000 })
    let planned = account.latencies.count
    #expect(planned > 800 && planned < 1_200 && account.unfinished > planned / 2, "\(account)")
    #expect(account.latencies.greatest >= 500_000_000 && account.latencies.quantile(0.99) > 1_000_000_000)
    let result = OpenResult([account])
    #expect(!result.holds(0.99, within: .max, threads: 1) && result.served < planned / 5)
  }

  /// A model whose lock is held: everyone's operations are late, by threads as by tasks.
  @Test func heldModel_isSeenInRealTime() async {
    struct Held: LoadSubject {
      let calls = Counter()
      func read(_ key: Int) -> Int? {
        if calls.next() == 20 { usleep(300_000) }
        return nil
      }
      func write(_ key: Int, _ value: Int) {}
      func remove(_ key: Int) {}
      func count() -> Int { 0 }
      func visit() -> Int { 0 }
    }
    struct HeldByTasks: AsyncLoadSubject {
      let held = Held()
      func read(_ key: Int) async -> Int? { held.read(key) }
      func write(_ key: Int, _ value: Int) async {}
      func remove(_ key: Int) async {}
      func count() async -> Int { 0 }
      func visit() async -> Int { 0 }
    }
    let stream = KeyStream<Int>(keys: 10, seed: 1)
    let plan = OpenTrial(threads: 1, readPercent: 100, perSecond: 1_000, seconds: 0.5, seed: 1)
    let results = await offThePool { [plan.run(Held(), stream), plan.run(async: HeldByTasks(), stream)] }
    for result in results {
      // 300 were planned for the time of the stall; all but the last few are late by 10 ms or more.
      let late = result.latencies.classes.enumerated().filter { Spread.lowerBound($0.offset) >= 10_000_000 }
        .reduce(0) { $0 + $1.element }
      #expect(late >= 200, "\(result)")
    }
  }

  @Test(arguments: [3.0, 700, 52_000, 9e6]) func search_findsTheHighestRate(_ truth: Double) throws {
    var spread = Spread()
    spread.add(1)
    let good = OpenResult([.init(latencies: spread)])
    spread.add(1_000_000_000)
    let bad = OpenResult([.init(latencies: spread, late: 100)])
    let found = GoalSearch.run(
      first: 1_000, holds: { $0.holds(0.99, within: 1_000, threads: 1) },
      trial: { rate, _ in rate <= truth ? good : bad })
    let held = try #require(found.holds?.rate)
    if found.tries < GoalSearch.tries {
      #expect(held <= truth && held > truth / 1.1 && found.fails.map { $0 > truth } == true, "\(found)")
    } else {
      #expect(held <= truth)
    }
    let none = GoalSearch.run(first: 10, holds: { _ in false }, trial: { _, _ in bad })
    #expect(none.holds == nil)
    // What holds for a short time only is no answer.
    let short = GoalSearch.run(
      first: 1_000, holds: { $0.holds(0.99, within: 1_000, threads: 1) },
      trial: { rate, isLong in rate <= (isLong ? 50_000 : 60_000) ? good : bad })
    #expect(try #require(short.holds?.rate) <= 50_000)
  }

  @Test func replay_endsWithWhatTheTrafficLeaves() async throws {
    let plan = try Recording.withFile(Traffic(accesses: 500, threads: 3, readShare: 0.3, keys: 20).recording().bytes) {
      try ReplayPlan(of: $0)
    }
    for model in LoadModel.allCases where !model.isForOneThread {
      let outcome = await offThePool {
        Contender(model, ReplayRun.elements(plan, Int.self)).replayed(ReplayRun(plan: plan, speed: nil))
      }
      #expect(outcome.operations == 500 && outcome.nanoseconds > 0 && outcome.latencies.count == 0, "\(model)")
      let timed = await offThePool {
        Contender(model, ReplayRun.elements(plan, String.self)).replayed(ReplayRun(plan: plan, speed: 10))
      }
      // 500 at 1 000 a second take half a second.
      #expect(timed.latencies.count == 500 && timed.nanoseconds > 45_000_000, "\(model)")
    }
    let dictionary = LockedDictionary(ReplayRun.elements(plan, Int.self))
    _ = ReplayRun(plan: plan, speed: nil).run(ConcurrentSubject(base: dictionary))
    #expect(dictionary.count == plan.present.count + plan.others && dictionary.count >= 20)
  }

  @Test func everyModel_doesWhatItsNameSays() async {
    for model in LoadModel.allCases {
      let perSecond = await offThePool {
        Contender(model, KeyStream<String>.elements(50)).closed(
          ClosedTrial(threads: model.isForOneThread ? 1 : 3, readPercent: 50, seconds: 0.01),
          KeyStream(keys: 50, seed: 1))
      }
      #expect(perSecond > 0, "\(model)")
    }
  }
}

/// On a thread of its own: what waits for tasks must not keep a thread that they need.
private func offThePool<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

private final class Counter: Sendable {
  private let number = Atomic(0)
  func next() -> Int { number.add(1, ordering: .relaxed).newValue }
}

#endif
