// SPDX-License-Identifier: Apache-2.0
//
// Known races, and what differs between two sets of them. Pure but for reading the file.

#if REPORTS && canImport(Glibc)

internal import AccessReports
package import BaselineTerms
internal import FoundationEssentials

/// The races that are known and do not count.
package struct ViolationBaseline: Sendable, Codable {
  package static let schemaName = "access-audit-baseline/1"

  package struct Entry: Sendable, Hashable, Codable {
    package var fingerprint: String
    /// For readers of the file; not compared.
    package var summary: String
    /// Who answers for the entry.
    package var owner: String? = nil
    /// Why the race is accepted.
    package var reason: String? = nil
    /// The last day on which the entry counts; `nil` for no end.
    package var expires: CalendarDay? = nil

    package func isExpired(on day: CalendarDay) -> Bool { expires.map { $0 < day } ?? false }

    /// The same entry of another race.
    func renamed(_ merged: MergedViolation) -> Entry {
      var entry = self
      entry.fingerprint = merged.fingerprint
      entry.summary = merged.summary
      return entry
    }
  }

  package var schema: String
  package var violations: [Entry]

  /// The baseline that knows these races; what an earlier one says of them stays.
  package init(of violations: [MergedViolation], keeping earlier: ViolationBaseline? = nil) {
    schema = Self.schemaName
    let known = Dictionary(
      (earlier?.violations ?? []).map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    self.violations = violations.map {
      known[$0.fingerprint]?.renamed($0) ?? Entry(fingerprint: $0.fingerprint, summary: $0.summary)
    }
    sort()
  }

  package mutating func sort() {
    violations.sort { ($0.summary, $0.fingerprint) < ($1.summary, $1.fingerprint) }
  }

  /// - Throws: `ReportFileError` when the file cannot be read or is no baseline.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportFileError(description: "\(path): the baseline cannot be read")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.last?.stringValue == "expires" {
      throw ReportFileError(description: "\(path): \(context.debugDescription)")
    } catch {
      throw ReportFileError(description: "\(path): is no baseline of schema \(Self.schemaName)")
    }
    guard schema == Self.schemaName else {
      throw ReportFileError(description: "\(path): is no baseline of schema \(Self.schemaName)")
    }
  }

  /// The file's text.
  package var text: String {
    JSONValue.object([
      ("schema", .string(schema)),
      (
        "violations",
        .array(
          violations.map {
            .object([
              ("fingerprint", .string($0.fingerprint)), ("summary", .string($0.summary)),
              ("owner", JSONValue($0.owner)),
              ("reason", JSONValue($0.reason)), ("expires", JSONValue($0.expires?.description)),
            ])
          })
      ),
    ]).text() + "\n"
  }

  /// The entries that count no longer.
  package func expired(on day: CalendarDay = .today) -> [Entry] { violations.filter { $0.isExpired(on: day) } }

  /// The races that the baseline does not know, those it knows, and its entries that match none. A
  /// race whose entry has expired is not known.
  package func split(
    _ violations: [MergedViolation], on day: CalendarDay = .today
  ) -> (new: [MergedViolation], known: [MergedViolation], unused: [Entry]) {
    let prints = Set(self.violations.filter { !$0.isExpired(on: day) }.map(\.fingerprint))
    let present = Set(violations.map(\.fingerprint))
    return (
      violations.filter { !prints.contains($0.fingerprint) }, violations.filter { prints.contains($0.fingerprint) },
      self.violations.filter { !present.contains($0.fingerprint) }
    )
  }
}

/// What differs between two runs.
package struct ReportDiff: Sendable {
  package var new: [MergedViolation]
  package var gone: [MergedViolation]
  package var unchanged: [MergedViolation]

  package init(old: [MergedViolation], new: [MergedViolation]) {
    let before = Set(old.map(\.fingerprint))
    let after = Set(new.map(\.fingerprint))
    self.new = new.filter { !before.contains($0.fingerprint) }
    gone = old.filter { !after.contains($0.fingerprint) }
    unchanged = new.filter { before.contains($0.fingerprint) }
  }

  /// A line for each race, with `+`, `-` or a space before it, and a line of counts.
  package var text: String {
    var lines = new.map { "+ \($0.summary)" } + gone.map { "- \($0.summary)" } + unchanged.map { "  \($0.summary)" }
    lines.append("\(new.count) new, \(gone.count) gone, \(unchanged.count) unchanged")
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: String {
    func values(_ violations: [MergedViolation]) -> JSONValue { .array(violations.map(MergedJSON.value)) }
    return JSONValue.object([
      ("schema", .string("access-audit-diff/1")), ("new", values(new)), ("gone", values(gone)),
      ("unchanged", values(unchanged)),
    ]).text() + "\n"
  }
}

extension MergedViolation {
  /// One line: what, on what, where and where.
  package var summary: String { report.summaryLine }
}

#endif
