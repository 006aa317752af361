// SPDX-License-Identifier: Apache-2.0
//
// From the traffic of a collection to what fits in its place. Decides by measured costs; what it
// decides by it says.

#if REPORTS && canImport(Glibc)

/// What to do about one declaration.
package struct Advice: Sendable, Codable, Equatable {
  package var collection: String
  package var type: String
  package var remedy: Remedy
  package var name: String
  /// The facts that decided, in sentences.
  package var reasons: [String]
  package var costs: String
  package var wrongWhen: String
  package var runnerUp: Remedy?
  package var runnerUpName: String?
  /// What is written now, and what is written instead.
  package var before: String
  package var after: String
  /// The time of an operation with each model, in nanoseconds, from the table.
  package var nanoseconds: [String: Double]
}

package struct Adviser {
  let costs: MeasuredCosts

  /// A model that is quicker by less is not worth what makes it less simple.
  package static let worthwhile = 0.2
  /// Nor is one that saves less of a core than this, at the busiest.
  package static let worthwhileShare = 0.01

  package init(_ costs: MeasuredCosts = .shipped) { self.costs = costs }

  package func advise(_ report: TrafficReport) -> [Advice] {
    report.groups.map { advise($0, sampling: Double(report.sampling), isWhole: report.lost == 0) }
  }

  func advise(_ group: TrafficReport.Group, sampling: Double, isWhole: Bool) -> Advice {
    let facts = Facts(group, sampling: sampling)
    if facts.threads == 1 {
      return advice(
        group, .none, nil,
        ["All \(Numbers.grouped(group.accesses)) accesses were made by one thread."]
          + (isWhole ? [] : ["Accesses were lost: another thread's may be among them."]), [:])
    }
    var reasons = [
      "\(facts.threads) threads, \(Numbers.percent(group.readShare)) reads, \(Numbers.rate(facts.peak)) at the busiest, "
        + "\(Numbers.grouped(facts.keys)) keys."
    ]
    let contention = group.contention
    if contention.overlapping + contention.near > 0 {
      reasons.append(
        "\(Numbers.grouped(contention.overlapping + contention.near)) accesses overlapped with, or came within 10 µs of, "
          + "one of another thread; \(Numbers.grouped(contention.overlappingWrites + contention.nearWrites)) of these with "
          + "a write.")
    }
    if facts.isAsynchronous { reasons.append("All accesses were made by tasks.") }
    guard group.kind == "dictionary" else {
      return advice(group, facts.isAsynchronous ? .actor : .mutex, facts.isAsynchronous ? .mutex : .actor, reasons, [:])
    }
    return adviseDictionary(group, facts, reasons)
  }

  private func adviseDictionary(_ group: TrafficReport.Group, _ facts: Facts, _ reasons: [String]) -> Advice {
    var reasons = reasons
    let place = MeasuredCosts.Place(
      readShare: group.readShare, threads: facts.threads, keys: facts.keys, key: MeasuredKey(dictionary: group.type),
      hotShare: facts.hotShare, visitShare: facts.wholeShare, countShare: facts.countShare)
    let times = Dictionary(
      uniqueKeysWithValues: [Remedy.locked, .readWrite, .sharded, .readMostly, .actor, .serial, .safe].compactMap {
        remedy in costs.nanoseconds(remedy, place).map { (remedy, $0) }
      })
    let (best, second) = quickest(facts, times, &reasons)
    if facts.isAsynchronous, facts.longest > 1_000_000 {
      reasons.append(
        "Accesses take up to \(Numbers.duration(nanoseconds: Double(facts.longest))) (99.9 %): who waits for one by a lock "
          + "keeps a thread of the pool.")
      return advice(group, .serial, best, reasons, times)
    }
    if facts.isAsynchronous, facts.grows {
      reasons.append(
        "It has grown to \(Numbers.grouped(group.largestSize)) elements, and \(facts.removals == 0 ? "nothing" : "little") "
          + "was removed: it needs limits.")
      return advice(group, .safe, best, reasons, times)
    }
    if let actor = times[.actor], facts.isAsynchronous, facts.peak * actor / 1e9 < Self.worthwhileShare {
      reasons.append(
        "A message to an actor takes \(Numbers.duration(nanoseconds: actor)): "
          + "\(Numbers.percent(facts.peak * actor / 1e9)) of a core at the busiest.")
      return advice(group, .actor, best, reasons, times)
    }
    if facts.grows {
      reasons.append(
        "It has grown to \(Numbers.grouped(group.largestSize)) elements, and \(facts.removals == 0 ? "nothing" : "little") "
          + "was removed: a SafeDictionary around it would bound it, for callers that can await.")
    }
    return advice(group, best, second, reasons, times)
  }

  /// The quickest of the models for threads, and the one after it; the simplest of those that are
  /// about as quick.
  private func quickest(
    _ facts: Facts, _ times: [Remedy: Double], _ reasons: inout [String]
  ) -> (Remedy, Remedy) {
    // The simplest first.
    let candidates: [Remedy] = [.locked, .readWrite, .sharded, .readMostly]
    if facts.wholeShare >= 0.001 {
      reasons.append("\(Numbers.percent(facts.wholeShare)) of the accesses are to all elements.")
    }
    if facts.countShare >= 0.01 {
      reasons.append("\(Numbers.percent(facts.countShare)) of the accesses are of no key, as 'count'.")
    }
    func time(_ remedy: Remedy) -> Double { times[remedy] ?? .infinity }
    if facts.hotShare > 0.5 {
      reasons.append("\(Numbers.percent(facts.hotShare)) of the accesses by key are of one key.")
    }
    let quickest = candidates.min { time($0) < time($1) } ?? .locked
    let bestTime = time(quickest)
    let saved = facts.peak * (time(.locked) - bestTime) / 1e9
    var best = candidates.first { time($0) <= bestTime * (1 + Self.worthwhile) } ?? .locked
    if best != .locked, saved < Self.worthwhileShare {
      reasons.append(
        "\(quickest.name) would save \(Numbers.percent(max(saved, 0))) of a core at the busiest: too little to give up "
          + "the simplest.")
      best = .locked
    } else if best != .locked {
      reasons.append(
        "An operation takes \(Numbers.duration(nanoseconds: time(best))) in place of "
          + "\(Numbers.duration(nanoseconds: time(.locked))) with a LockedDictionary: "
          + "\(Numbers.percent(facts.peak * (time(.locked) - time(best)) / 1e9)) of a core at the busiest.")
    } else {
      reasons.append("No other model is quicker by \(Numbers.percent(Self.worthwhile)) or more.")
    }
    let second =
      candidates.filter { $0 != best }.min { time($0) < time($1) } ?? (best == .locked ? .readWrite : .locked)
    return (best, second)
  }

  private func advice(
    _ group: TrafficReport.Group, _ remedy: Remedy, _ runnerUp: Remedy?, _ reasons: [String], _ times: [Remedy: Double]
  ) -> Advice {
    let line = DeclarationLine(group)
    return Advice(
      collection: group.name, type: group.type, remedy: remedy, name: remedy.name, reasons: reasons,
      costs: remedy.costs, wrongWhen: remedy.wrongWhen, runnerUp: runnerUp, runnerUpName: runnerUp?.name,
      before: line.before, after: line.after(remedy),
      nanoseconds: Dictionary(uniqueKeysWithValues: times.map { ($0.key.name, ($0.value * 10).rounded() / 10) }))
  }
}

/// What decides, of one declaration's traffic.
struct Facts {
  let threads: Int
  let keys: Int
  /// Accesses in a second at the busiest.
  let peak: Double
  let isAsynchronous: Bool
  let wholeShare: Double
  let countShare: Double
  let hotShare: Double
  let longest: UInt64
  let removals: UInt64
  let grows: Bool

  static let whole: Set<String> = [
    "forEach(_:)", "map(_:)", "compactMap(_:)", "filter(_:)", "reduce(_:_:)", "reduce(into:_:)", "makeIterator()",
    "dictionary", "keys.get", "values.get", "keys", "values", "sorted(by:)", "mapValues(_:)", "compactMapValues(_:)",
    "merge(_:uniquingKeysWith:)", "removeAll(keepingCapacity:)", "contains(where:)", "first(where:)",
  ]

  init(_ group: TrafficReport.Group, sampling: Double) {
    threads = max(group.threads.count, 1)
    keys = max(group.largestSize, group.distinctKeys, 1)
    peak = group.peakPerSecond * sampling
    isAsynchronous = group.accessesInTasks == group.accesses && group.accesses > 0
    let whole = group.operations.filter { Self.whole.contains($0.name) }.reduce(0) { $0 + $1.accesses }
    let others = max(Int64(group.accesses) - Int64(group.accessesByKey) - Int64(whole), 0)
    wholeShare = group.accesses == 0 ? 0 : Double(whole) / Double(group.accesses)
    countShare = group.accesses == 0 ? 0 : Double(others) / Double(group.accesses)
    hotShare =
      group.accessesByKey == 0 ? 0 : Double(group.hotKeys.first?.accesses ?? 0) / Double(group.accessesByKey)
    longest = group.allDurations(0.999)
    removals = group.removals
    let sizes = group.timeLine.sizes.filter { $0 > 0 }
    let before = sizes.prefix(sizes.count * 3 / 4).max() ?? 0
    grows =
      group.largestSize >= 10_000 && group.lastSize * 10 >= group.largestSize * 9 && sizes.count >= 4
      && group.largestSize * 10 > before * 11 && group.removals * 10 < group.insertions
  }
}

#endif
