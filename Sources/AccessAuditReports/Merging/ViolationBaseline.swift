// SPDX-License-Identifier: Apache-2.0
//
// Known races, and what differs between two sets of them. Pure but for reading the file.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import FoundationEssentials

/// The races that are known and do not count.
package struct ViolationBaseline: Sendable, Codable {
  package static let schemaName = "access-audit-baseline/1"

  package struct Entry: Sendable, Hashable, Codable {
    package var fingerprint: String
    /// For readers of the file; not compared.
    package var summary: String
  }

  package var schema: String
  package var violations: [Entry]

  /// The baseline that knows these races.
  package init(of violations: [MergedViolation]) {
    schema = Self.schemaName
    self.violations = violations.map { Entry(fingerprint: $0.fingerprint, summary: $0.summary) }
      .sorted { ($0.summary, $0.fingerprint) < ($1.summary, $1.fingerprint) }
  }

  /// - Throws: `ReportFileError` when the file cannot be read or is no baseline.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportFileError(description: "\(path): the baseline cannot be read")
    }
    guard let baseline = try? JSONDecoder().decode(Self.self, from: data), baseline.schema == Self.schemaName else {
      throw ReportFileError(description: "\(path): is no baseline of schema \(Self.schemaName)")
    }
    self = baseline
  }

  /// The file's text.
  package var text: String {
    JSONValue.object([
      ("schema", .string(schema)),
      (
        "violations",
        .array(
          violations.map {
            .object([("fingerprint", .string($0.fingerprint)), ("summary", .string($0.summary))])
          })
      ),
    ]).text() + "\n"
  }

  /// The races that the baseline does not know, those it knows, and its entries that match none.
  package func split(
    _ violations: [MergedViolation]
  ) -> (new: [MergedViolation], known: [MergedViolation], unused: [Entry]) {
    let prints = Set(self.violations.map(\.fingerprint))
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
