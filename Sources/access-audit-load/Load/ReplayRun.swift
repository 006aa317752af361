// SPDX-License-Identifier: Apache-2.0
//
// Recorded traffic done again: thread by thread, at the recorded times or without pauses.

#if ReportTools && canImport(Glibc)
import AccessTraffic
import Foundation
import Synchronization

struct ReplayOutcome: Sendable {
  var nanoseconds: UInt64 = 0
  var operations = 0
  var latencies = Spread()
  var unfinished: UInt64 = 0
}

struct ReplayRun: Sendable {
  let plan: ReplayPlan
  /// Times the recorded speed; `nil`: without pauses.
  var speed: Double?
  /// A run at the recorded times that has not done all so long after its end is ended.
  var patience = 1.0

  private final class State: Sendable {
    let outcome = Mutex(ReplayOutcome())

    func add(_ operations: Int, _ latencies: Spread, unfinished: UInt64, at time: UInt64) {
      outcome.withLock { outcome in
        outcome.operations += operations
        outcome.latencies = outcome.latencies.merged(latencies)
        outcome.unfinished += unfinished
        outcome.nanoseconds = max(outcome.nanoseconds, time)
      }
    }
  }

  /// The elements that are there before the first operation.
  static func elements<Key: LoadKey>(_ plan: ReplayPlan, _: Key.Type) -> [Key: Int] {
    var elements = [Key: Int](minimumCapacity: plan.present.count + plan.others)
    for key in plan.present { elements[Key.make(Int(key))] = Int(key) }
    for other in 0..<plan.others { elements[Key.make(plan.keys + other)] = other }
    return elements
  }

  private func planned(_ step: ReplayPlan.Step, _ speed: Double) -> UInt64 { UInt64(Double(step.time) / speed) }
  private func cutoff(_ speed: Double) -> UInt64 { UInt64((plan.seconds / speed + patience) * 1e9) }

  func run<Subject: LoadSubject>(_ subject: Subject) -> ReplayOutcome {
    let state = State()
    let line = StartLine(plan.threads.count + 1)
    let keys = (0..<plan.keys).map { Subject.Key.make($0) }
    Crew.run(plan.threads.count, beside: { _ = line.start() }) { number in
      let steps = plan.threads[number]
      let start = line.wait()
      let (latencies, done, seen) = Self.play(
        subject, steps, keys, start, speed, planned: planned, cutoff: speed.map(cutoff) ?? .max)
      if seen == .min { print("") }
      let now = monotonicNanoseconds() - start
      var all = latencies
      for step in steps[done...] { all.add(now - planned(step, speed ?? 1)) }
      state.add(done, all, unfinished: UInt64(steps.count - done), at: now)
    }
    return state.outcome.withLock { $0 }
  }

  private static func play<Subject: LoadSubject>(
    _ subject: Subject, _ steps: [ReplayPlan.Step], _ keys: [Subject.Key], _ start: UInt64, _ speed: Double?,
    planned: (ReplayPlan.Step, Double) -> UInt64, cutoff: UInt64
  ) -> (Spread, done: Int, seen: Int) {
    var (latencies, seen, now) = (Spread(), 0, UInt64(0))
    for (index, step) in steps.enumerated() {
      var due: UInt64 = 0
      if let speed {
        due = planned(step, speed)
        if due > now { sleepUntil(start &+ due) }
      }
      switch step.action {
      case .read: seen &+= subject.read(keys[Int(step.key)]) ?? 0
      case .write: subject.write(keys[Int(step.key)], index)
      case .remove: subject.remove(keys[Int(step.key)])
      case .count: seen &+= subject.count()
      case .visit: seen &+= subject.visit()
      }
      if speed != nil {
        now = monotonicNanoseconds() &- start
        latencies.add(now > due ? now - due : 0)
        if now > cutoff { return (latencies, index + 1, seen) }
      }
    }
    return (latencies, steps.count, seen)
  }

  func run<Subject: AsyncLoadSubject>(async subject: Subject) -> ReplayOutcome {
    let state = State()
    let keys = (0..<plan.keys).map { Subject.Key.make($0) }
    Crew.wait {
      let start = monotonicNanoseconds()
      await withTaskGroup(of: Void.self) { group in
        for steps in plan.threads {
          group.addTask { await play(async: subject, steps, keys, start, state) }
        }
      }
    }
    return state.outcome.withLock { $0 }
  }

  private func play<Subject: AsyncLoadSubject>(
    async subject: Subject, _ steps: [ReplayPlan.Step], _ keys: [Subject.Key], _ start: UInt64, _ state: State
  ) async {
    var (latencies, seen, done, now) = (Spread(), 0, 0, UInt64(0))
    let cutoff = speed.map(cutoff) ?? .max
    for step in steps where now <= cutoff {
      let due = speed.map { planned(step, $0) } ?? 0
      if due > now { try? await Task.sleep(nanoseconds: due - now) }
      switch step.action {
      case .read: seen &+= await subject.read(keys[Int(step.key)]) ?? 0
      case .write: await subject.write(keys[Int(step.key)], done)
      case .remove: await subject.remove(keys[Int(step.key)])
      case .count: seen &+= await subject.count()
      case .visit: seen &+= await subject.visit()
      }
      done += 1
      if speed != nil {
        now = monotonicNanoseconds() &- start
        latencies.add(now > due ? now - due : 0)
      }
    }
    if seen == .min { print("") }
    now = monotonicNanoseconds() - start
    for step in steps[done...] { latencies.add(now - planned(step, speed ?? 1)) }
    state.add(done, latencies, unfinished: UInt64(steps.count - done), at: now)
  }
}
#endif
