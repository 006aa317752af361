// SPDX-License-Identifier: Apache-2.0
//
// Runs workloads and records their histories. The threads of a run are created once and meet before
// each history.

import Foundation
import Synchronization

@testable import ConcurrentCollections

/// A history without an explanation, and the seed to run its workload again.
struct HistoryFailure: CustomStringConvertible {
  var seed: UInt64
  var failure: LinearizabilityChecker.Failure

  var description: String {
    let lines = failure.events.map { "  \($0.began)...\($0.ended) \($0.operation) -> \(String(describing: $0.result))" }
    return """
      not linearizable: key \(failure.key), seed \(seed) (run again with REMEDIES_SEED=\(seed) swift test \
      --filter ConcurrentCollectionsTests)
      \(lines.joined(separator: "\n"))
      """
  }
}

/// Records histories and checks them.
enum HistoryRunner {
  /// One history while it is recorded.
  private final class Round: Sendable {
    let workload: Workload
    let subject: any Subject
    let clock = EventClock()
    let events = Guarded<[Event]>([])
    let arrived = Atomic<Int>(0)
    let finished = Atomic<Int>(0)

    init(seed: UInt64, subject: any Subject) {
      workload = Workload(seed: seed)
      self.subject = subject
    }
  }

  /// Records histories on threads until one fails or the count is reached; a new subject for each.
  ///
  /// Seeds of one number of threads are run by one team, so that no thread is idle.
  static func run(
    _ count: Int, seed: UInt64, _ makeSubject: @escaping @Sendable () -> any Subject
  ) async -> HistoryFailure? {
    let seeds = Dictionary(grouping: (0..<UInt64(count)).map { seed &+ $0 }, by: Workload.threadCount(seed:))
    for (threads, seeds) in seeds.sorted(by: { $0.key < $1.key }) {
      if let failure = await run(seeds, threads: threads, makeSubject) { return failure }
    }
    return nil
  }

  private static func run(
    _ seeds: [UInt64], threads: Int, _ makeSubject: @escaping @Sendable () -> any Subject
  ) async -> HistoryFailure? {
    // The present round and its number; -1 ends the run.
    let current = Guarded<(number: Int, round: Round?)>((0, nil))
    let found = Guarded<HistoryFailure?>(nil)
    await Team.run(threads) { thread in
      for (index, seed) in seeds.enumerated() {
        if thread == 0 {
          let round = Round(seed: seed, subject: makeSubject())
          current.withLock { $0 = (index + 1, round) }
        }
        var next: Round?
        while next == nil {
          let (number, round) = current.withLock { $0 }
          if number < 0 { return }
          if number == index + 1 { next = round } else { sched_yield() }
        }
        guard let round = next else { return }
        round.arrived.add(1, ordering: .acquiringAndReleasing)
        while round.arrived.load(ordering: .acquiring) < threads { sched_yield() }
        let events = record(round.workload.threads[thread], round.workload.keys, round.clock, round.subject)
        round.events.withLock { $0 += events }
        round.finished.add(1, ordering: .acquiringAndReleasing)
        guard thread == 0 else { continue }
        while round.finished.load(ordering: .acquiring) < threads { sched_yield() }
        if let failure = LinearizabilityChecker.failure(in: round.events.withLock({ $0 })) {
          found.withLock { $0 = HistoryFailure(seed: seed, failure: failure) }
          current.withLock { $0 = (-1, nil) }
          return
        }
      }
    }
    return found.withLock { $0 }
  }

  private static func record(
    _ steps: [Step], _ keys: Int, _ clock: EventClock, _ subject: any Subject
  ) -> [Event] {
    var events: [Event] = []
    for step in steps {
      let began = clock.tick()
      switch step {
      case .one(let key, let operation):
        let result = subject.perform(operation, on: key)
        events.append(Event(key: key, operation: operation, result: result, began: began, ended: clock.tick()))
      case .removeAllEven:
        subject.removeAllEven()
        let ended = clock.tick()
        for key in 0..<keys {
          events.append(Event(key: key, operation: .removeIfEven, result: nil, began: began, ended: ended))
        }
      case .removeAll:
        subject.removeAll()
        let ended = clock.tick()
        for key in 0..<keys {
          events.append(Event(key: key, operation: .removeInAll, result: nil, began: began, ended: ended))
        }
      case .snapshot:
        let elements = subject.snapshot()
        let ended = clock.tick()
        for key in 0..<keys {
          events.append(
            Event(key: key, operation: .readInSnapshot, result: elements[key], began: began, ended: ended))
        }
      }
    }
    return events
  }

  /// Records histories in tasks until one fails or the count is reached; a new subject for each.
  static func runTasks(
    _ count: Int, seed: UInt64, _ makeSubject: @Sendable () -> any AsyncSubject
  ) async -> HistoryFailure? {
    for number in 0..<count {
      let workload = Workload(seed: seed &+ UInt64(number))
      let subject = makeSubject()
      let clock = EventClock()
      let events = await withTaskGroup(of: [Event].self) { group in
        for steps in workload.threads {
          group.addTask { await record(steps, workload.keys, clock, subject) }
        }
        return await group.reduce(into: []) { $0 += $1 }
      }
      if let failure = LinearizabilityChecker.failure(in: events) {
        return HistoryFailure(seed: seed &+ UInt64(number), failure: failure)
      }
    }
    return nil
  }

  private static func record(
    _ steps: [Step], _ keys: Int, _ clock: EventClock, _ subject: any AsyncSubject
  ) async -> [Event] {
    var events: [Event] = []
    for step in steps {
      let began = clock.tick()
      switch step {
      case .one(let key, let operation):
        let result = await subject.perform(operation, on: key)
        events.append(Event(key: key, operation: operation, result: result, began: began, ended: clock.tick()))
      case .removeAllEven:
        await subject.removeAllEven()
        let ended = clock.tick()
        for key in 0..<keys {
          events.append(Event(key: key, operation: .removeIfEven, result: nil, began: began, ended: ended))
        }
      case .removeAll:
        await subject.removeAll()
        let ended = clock.tick()
        for key in 0..<keys {
          events.append(Event(key: key, operation: .removeInAll, result: nil, began: began, ended: ended))
        }
      case .snapshot:
        let elements = await subject.snapshot()
        let ended = clock.tick()
        for key in 0..<keys {
          events.append(
            Event(key: key, operation: .readInSnapshot, result: elements[key], began: began, ended: ended))
        }
      }
    }
    return events
  }
}
