// SPDX-License-Identifier: Apache-2.0
//
// The same race from several reports as one: across processes, runs and files. Pure.

#if REPORTS && canImport(Glibc)

package import AccessReports
internal import AccessTerms

/// A race as several reports show it.
package struct MergedViolation: Sendable, Codable {
  /// What tells the race from others; the same after lines were added above it.
  package var fingerprint: String
  package var timesSeen: UInt64
  package var runs: [String]
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
    let groups = Dictionary(grouping: reports) { RaceIdentity.exact($0.violation) }
    var merged = groups.map { exact, group in
      let newest = group.max { $0.violation.process.time < $1.violation.process.time }!.violation
      return (
        exact: exact, rough: RaceIdentity.withoutLines(newest),
        violation: MergedViolation(
          fingerprint: "", timesSeen: group.reduce(0) { $0.saturatingSum($1.timesSeen) },
          runs: group.reduce(into: Set<String>()) { $0.formUnion($1.runs) }.sorted(), report: newest)
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

/// What makes two reports the same race.
package enum RaceIdentity {
  /// Message, collection and both places with their lines. Padded, so that the order of texts is
  /// the order of lines.
  package static func exact(_ violation: Violation) -> String {
    identity(violation) { frame in
      let line = String(frame.line ?? 0)
      let column = String(frame.column ?? 0)
      return "\(fileName(frame)):\(padded(line)):\(padded(column)) \(frame.symbol ?? frame.image ?? "?")"
    }
  }

  /// The same with functions in place of lines.
  package static func withoutLines(_ violation: Violation) -> String {
    identity(violation) { "\(fileName($0)) \($0.symbol ?? $0.image ?? "?")" }
  }

  private static func identity(_ violation: Violation, _ place: (Violation.Frame) -> String) -> String {
    let parties = violation.accesses.map { access in
      "\(access.writing ? "write" : "read") \(access.operation?.rawValue ?? "?") \(access.location.map(place) ?? "?")"
    }
    return ([violation.message, violation.container.type, violation.container.label ?? ""] + parties.sorted())
      .joined(separator: "\u{1F}")
  }

  /// Without its folders, which differ between machines.
  private static func fileName(_ frame: Violation.Frame) -> String {
    frame.file.map { PathNames.display($0, strip: "") } ?? "?"
  }

  private static func padded(_ digits: String) -> String {
    String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}

extension UInt64 {
  /// The sum, or the greatest number: files may say anything.
  fileprivate func saturatingSum(_ other: UInt64) -> UInt64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}

package enum Fingerprint {
  /// 16 hexadecimal digits: FNV-1a, 64 bits (Fowler, Noll and Vo), the same on every machine.
  package static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

#endif
