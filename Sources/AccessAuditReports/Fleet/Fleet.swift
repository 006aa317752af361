// SPDX-License-Identifier: Apache-2.0
//
// Where a race was seen: machines, builds, processes. Bounded, whatever is counted. Pure.

#if REPORTS && canImport(Glibc)

package import AccessReports

/// The machines and builds that a race was seen on.
package struct Fleet: Sendable, Hashable, Codable {
  /// What was seen under one name.
  package struct Part: Sendable, Hashable, Codable {
    package var name: String
    package var timesSeen: UInt64
    /// The times of the first and the last report, as the reports have them.
    package var first: String
    package var last: String
  }

  /// The machines, those with the most sightings first.
  package var hosts: [Part]
  /// The build IDs of the executables; the same source in another build has another one.
  package var builds: [Part]
  package var processes: UInt64
  /// Whether there are more hosts, builds or processes than are counted here.
  package var isLowerBound: Bool
}

/// Counts where a race is seen.
package struct FleetTally: Sendable {
  /// Names that are kept of each kind.
  package static let nameLimit = 1_000

  private var hosts: [String: Fleet.Part] = [:]
  private var builds: [String: Fleet.Part] = [:]
  /// Hashes of the processes' names: eight bytes for each.
  private var processes: Set<Int> = []
  private var isLowerBound = false

  package init() {}

  /// - Parameter canKeep: whether another process may be kept; asked when there is one.
  /// - Returns: whether another process was kept.
  package mutating func add(_ violation: Violation, timesSeen: UInt64, canKeep: Bool) -> Bool {
    let time = violation.process.time
    isLowerBound = !Self.add(violation.process.host ?? "unknown", timesSeen, time, to: &hosts) || isLowerBound
    isLowerBound = !Self.add(violation.build ?? "unknown", timesSeen, time, to: &builds) || isLowerBound
    let name = "\(violation.process.host ?? "") \(violation.runName)".hashValue
    if processes.contains(name) { return false }
    guard canKeep else {
      isLowerBound = true
      return false
    }
    processes.insert(name)
    return true
  }

  /// The sum of two tallies of one race.
  mutating func add(_ other: FleetTally) {
    for (own, others) in [(\FleetTally.hosts, other.hosts), (\FleetTally.builds, other.builds)] {
      self[keyPath: own].merge(others) { left, right in
        Fleet.Part(
          name: left.name, timesSeen: left.timesSeen > .max - right.timesSeen ? .max : left.timesSeen + right.timesSeen,
          first: min(left.first, right.first), last: max(left.last, right.last))
      }
    }
    processes.formUnion(other.processes)
    isLowerBound = isLowerBound || other.isLowerBound
  }

  private static func add(
    _ name: String, _ timesSeen: UInt64, _ time: String, to parts: inout [String: Fleet.Part]
  ) -> Bool {
    if var part = parts[name] {
      part.timesSeen = part.timesSeen > .max - timesSeen ? .max : part.timesSeen + timesSeen
      part.first = min(part.first, time)
      part.last = max(part.last, time)
      parts[name] = part
      return true
    }
    guard parts.count < nameLimit else { return false }
    parts[name] = Fleet.Part(name: name, timesSeen: timesSeen, first: time, last: time)
    return true
  }

  package var fleet: Fleet {
    func sorted(_ parts: [String: Fleet.Part]) -> [Fleet.Part] {
      parts.values.sorted { $0.timesSeen == $1.timesSeen ? $0.name < $1.name : $0.timesSeen > $1.timesSeen }
    }
    return Fleet(
      hosts: sorted(hosts), builds: sorted(builds), processes: UInt64(processes.count), isLowerBound: isLowerBound)
  }
}

extension Violation {
  /// The build ID of the executable; `nil` when the report has none.
  var build: String? {
    let name = process.executable.split(separator: "/").last.map(String.init)
    return images?.first { $0.name == name }?.buildID
      ?? accesses.lazy.flatMap(\.stack).first { $0.category == .user && $0.image == name && $0.buildID != nil }?.buildID
  }
}

extension Fleet {
  /// ` on 3 hosts (a, b, c), 2 builds (…)`.
  var text: String {
    let more = isLowerBound ? "at least " : ""
    return " on \(more)\(Self.listed(hosts, "host")), \(Self.listed(builds, "build"))"
  }

  private static func listed(_ parts: [Part], _ noun: String) -> String {
    let names = parts.prefix(3).map { "\($0.name.prefix(40)) \($0.timesSeen)" } + (parts.count > 3 ? ["…"] : [])
    return "\(parts.count) \(noun)\(parts.count == 1 ? "" : "s") (\(names.joined(separator: ", ")))"
  }
}

#endif
