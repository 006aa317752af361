// SPDX-License-Identifier: Apache-2.0
//
// The same race from several reports as one: across processes, runs and files. Pure.

#if REPORTS && canImport(Glibc)

package import AccessReports

/// A race as several reports show it.
package struct MergedViolation: Sendable, Codable {
  /// What tells the race from others; the same after lines were added above it.
  package var fingerprint: String
  package var timesSeen: UInt64
  package var runs: [String]
  /// The machines and builds, where reports came from a stream.
  package var fleet: Fleet? = nil
  /// The newest of the reports.
  package var report: Violation
}

/// What `show --format json` writes.
package struct MergedReports: Sendable, Codable {
  package static let schemaName = "access-audit-merged/1"

  package var schema: String
  package var violations: [MergedViolation]

  package init(_ violations: [MergedViolation]) {
    schema = Self.schemaName
    self.violations = violations
  }
}

package enum ViolationMerge {
  /// The distinct races, most frequent first; equally frequent ones in the order of their places.
  ///
  /// Two reports show one race when the same two places made the same operations on the same type
  /// and label; which of the two saw the other does not matter.
  ///
  /// - Complexity: O(n log n).
  package static func merge(_ reports: [LoadedReport]) -> [MergedViolation] {
    let groups = joined(Dictionary(grouping: reports) { RaceIdentity.exact($0.violation) })
    var merged = groups.map { exact, group in
      // The newest of those that have both accesses, if any has.
      let newest = group.max {
        let (left, right) = ($0.violation.conflicting.location != nil, $1.violation.conflicting.location != nil)
        return left == right ? $0.violation.process.time < $1.violation.process.time : right
      }!.violation
      return (
        exact: exact, rough: RaceIdentity.withoutLines(newest),
        violation: MergedViolation(
          fingerprint: "", timesSeen: group.reduce(0) { $0.saturatingSum($1.timesSeen) },
          runs: group.reduce(into: Set<String>()) { $0.formUnion($1.runs) }.sorted(), fleet: fleet(group),
          report: newest)
      )
    }
    // Races that differ in their lines only are numbered in the order of the lines.
    merged.sort { $0.exact < $1.exact }
    var counts: [String: Int] = [:]
    for index in merged.indices {
      let number = counts[merged[index].rough, default: 0] + 1
      counts[merged[index].rough] = number
      merged[index].violation.fingerprint = "\(Fingerprint.hash(merged[index].rough)):\(number)"
    }
    return merged.sorted {
      $0.violation.timesSeen != $1.violation.timesSeen
        ? $0.violation.timesSeen > $1.violation.timesSeen : $0.exact < $1.exact
    }.map(\.violation)
  }
}

extension ViolationMerge {
  private static func fleet(_ group: [LoadedReport]) -> Fleet? {
    let tallies = group.compactMap(\.fleet)
    return tallies.dropFirst().reduce(into: tallies.first) { $0?.add($1) }?.fleet
  }

  /// The groups without those of an unknown other party whose access is one of another group's:
  /// they are of that race, and were seen when the other's record was lost.
  private static func joined(_ groups: [String: [LoadedReport]]) -> [String: [LoadedReport]] {
    var owners: [String: String] = [:]
    func isPoor(_ violation: Violation) -> Bool { violation.conflicting.location == nil }
    for (identity, group) in groups.sorted(by: { $0.key < $1.key }) where !isPoor(group[0].violation) {
      for access in group[0].violation.accesses {
        owners[RaceIdentity.exact(access, of: group[0].violation)] = identity
      }
    }
    var result = groups
    for (identity, group) in groups where isPoor(group[0].violation) {
      let violation = group[0].violation
      guard violation.detected.location != nil,
        let owner = owners[RaceIdentity.exact(violation.detected, of: violation)]
      else { continue }
      result[identity] = nil
      result[owner]? += group
    }
    return result
  }
}

extension UInt64 {
  /// The sum, or the greatest number: files may say anything.
  fileprivate func saturatingSum(_ other: UInt64) -> UInt64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}

#endif
