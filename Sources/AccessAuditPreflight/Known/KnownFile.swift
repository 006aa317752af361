// SPDX-License-Identifier: Apache-2.0
//
// A file of what is known and does not count: a baseline of races, a baseline of findings, or a
// suppressions file. Their entries as one kind of value. Reads the file; the text is written by
// others.

#if Scanner && canImport(Glibc)

package import AccessAuditReports
package import AccessAuditScanner
package import BaselineTerms
internal import AccessReports
package import Foundation

/// An entry of any of the files.
package struct KnownEntry: Sendable, Equatable {
  /// The fingerprint, or the text of a rule.
  package var key: String
  package var title: String
  package var owner: String?
  package var reason: String?
  package var expires: CalendarDay?
  /// Whether something matches it; `nil` when there was nothing to compare it with.
  package var isUsed: Bool?

  package func isExpired(on day: CalendarDay) -> Bool { expires.map { $0 < day } ?? false }
}

/// What entries are compared with.
package struct Present {
  package var races: [MergedViolation]?
  /// Findings of `scan --format json`.
  package var findings: [PresentFinding]?

  package init(races: [MergedViolation]? = nil, findings: [PresentFinding]? = nil) {
    self.races = races
    self.findings = findings
  }
}

/// What a baseline takes from a finding.
package struct PresentFinding: Sendable, Equatable, Decodable {
  package var fingerprint: String
  package var rule: String
  package var symbol: String
  package var path: String

  private enum Key: String, CodingKey { case fingerprint, rule, symbol, place }
  private struct Place: Decodable { var path: String }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    fingerprint = try container.decode(String.self, forKey: .fingerprint)
    rule = try container.decode(String.self, forKey: .rule)
    symbol = try container.decode(String.self, forKey: .symbol)
    path = try container.decode(Place.self, forKey: .place).path
  }

  private struct Document: Decodable {
    var schema: String
    var findings: [PresentFinding]
  }

  /// The findings of what `scan --format json` has written; `nil` for another file.
  package static func read(_ data: Data) -> [PresentFinding]? {
    guard let document = try? JSONDecoder().decode(Document.self, from: data), document.schema == "access-audit-scan/1"
    else { return nil }
    return document.findings
  }
}

package enum KnownFile {
  case races(ViolationBaseline)
  case findings(Baseline)
  case suppressions(AnnotatedSuppressions)

  private struct Header: Decodable {
    struct Anything: Decodable {}
    var schema: String
    var violations: [Anything]?
    var findings: [Anything]?
  }

  /// Reads a file of any of the kinds.
  ///
  /// - Throws: `ReportFileError` or `ConfigurationError` when it is none of them.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportFileError(description: "\(path): cannot be read")
    }
    let begin = data.first { !" \t\r\n".utf8.contains($0) }
    guard begin == UInt8(ascii: "{") else {
      self = .suppressions(try AnnotatedSuppressions(contentsOf: path))
      return
    }
    let header = try? JSONDecoder().decode(Header.self, from: data)
    self =
      header?.findings != nil
      ? .findings(try Baseline(contentsOf: path)) : .races(try ViolationBaseline(contentsOf: path))
  }

  /// The text of the file as it is now.
  package var text: String {
    switch self {
    case .races(let baseline): baseline.text
    case .findings(let baseline): baseline.encoded()
    case .suppressions(let file): file.text(without: [])
    }
  }

  /// The entries, compared with what is present.
  package func entries(_ present: Present) -> [KnownEntry] {
    switch self {
    case .races(let baseline):
      let prints = present.races.map { Set($0.map(\.fingerprint)) }
      return baseline.violations.map { entry in
        KnownEntry(
          key: entry.fingerprint, title: entry.summary, owner: entry.owner, reason: entry.reason,
          expires: entry.expires,
          isUsed: prints.map { $0.contains(entry.fingerprint) })
      }
    case .findings(let baseline):
      let prints = present.findings.map { Set($0.map(\.fingerprint)) }
      return baseline.findings.map { entry in
        KnownEntry(
          key: entry.fingerprint, title: "\(entry.rule) \(entry.symbol) in \(entry.path)", owner: entry.owner,
          reason: entry.reason, expires: entry.expires, isUsed: prints.map { $0.contains(entry.fingerprint) })
      }
    case .suppressions(let file):
      let unused = present.races.map { Set(file.split($0).unused.map(\.line)) }
      return file.entries.map { entry in
        KnownEntry(
          key: entry.rule.text, title: "line \(entry.line)", owner: entry.owner, reason: entry.reason,
          expires: entry.expires, isUsed: unused.map { !$0.contains(entry.line) })
      }
    }
  }

  /// Whether anything of its kind was given to compare with.
  package func isComparable(with present: Present) -> Bool {
    if case .findings = self { return present.findings != nil }
    return present.races != nil
  }
}

#endif
