// SPDX-License-Identifier: Apache-2.0
//
// The baseline: fingerprints of findings that are known and do not count. Reading, writing,
// applying.

#if Scanner

package import BaselineTerms
import Foundation

/// Findings that existed when the scan was introduced.
public struct Baseline: Codable, Sendable, Equatable {
  /// One known finding. Only the fingerprint is compared; the other fields are for the reader.
  public struct Entry: Codable, Sendable, Equatable {
    public let fingerprint: String
    public let rule: String
    public let path: String
    public let symbol: String
    /// Who answers for the entry.
    package var owner: String? = nil
    /// Why the finding is accepted.
    package var reason: String? = nil
    /// The last day on which the entry counts; `nil` for no end.
    package var expires: CalendarDay? = nil

    package init(fingerprint: String, rule: String, path: String, symbol: String) {
      self.fingerprint = fingerprint
      self.rule = rule
      self.path = path
      self.symbol = symbol
    }

    package func isExpired(on day: CalendarDay) -> Bool { expires.map { $0 < day } ?? false }
  }

  /// The name and version of the file's format.
  public let schema: String
  public package(set) var findings: [Entry]

  static let currentSchema = "access-audit-baseline/1"

  /// Makes a baseline of the findings that count in a report, and of those that an earlier
  /// baseline hides.
  public init(of report: ScanReport) { self.init(of: report, keeping: nil) }

  /// The same, with what an earlier baseline says of the findings.
  package init(of report: ScanReport, keeping earlier: Baseline?) {
    schema = Baseline.currentSchema
    let known = Dictionary(
      (earlier?.findings ?? []).map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    findings = report.findings.filter { finding in
      if case .inSource = finding.suppression { return false }
      return true
    }.map {
      var entry = Entry(fingerprint: $0.fingerprint, rule: $0.rule, path: $0.place.path, symbol: $0.symbol)
      entry.owner = known[$0.fingerprint]?.owner
      entry.reason = known[$0.fingerprint]?.reason
      entry.expires = known[$0.fingerprint]?.expires
      return entry
    }
  }

  /// The baseline that knows nothing.
  package static var empty: Baseline { Baseline(of: ScanReport(findings: [], problems: [], sources: [])) }

  /// Reads a baseline.
  ///
  /// - Throws: `ConfigurationError` when it cannot be read or has another form.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError(path: path, line: 0, message: "the baseline cannot be read")
    }
    let value: Baseline?
    do {
      value = try JSONDecoder().decode(Baseline.self, from: data)
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.last?.stringValue == "expires" {
      throw ConfigurationError(path: path, line: 0, message: context.debugDescription)
    } catch {
      value = nil
    }
    guard let value, value.schema == Baseline.currentSchema else {
      throw ConfigurationError(path: path, line: 1, message: "not a baseline of the form \(Baseline.currentSchema)")
    }
    self = value
  }

  /// The text of the file; equal findings give equal texts.
  public func encoded() -> String { StableJSON.encode(self) + "\n" }

  /// The entries that count no longer.
  package func expired(on day: CalendarDay = .today) -> [Entry] { findings.filter { $0.isExpired(on: day) } }

  /// Marks the findings that are in the baseline.
  ///
  /// - Returns: entries that match nothing any more.
  /// - Complexity: O(*n*).
  @discardableResult
  public func apply(to report: inout ScanReport) -> [Entry] { apply(to: &report, on: .today) }

  /// The same as on a day: an entry that has expired marks nothing.
  @discardableResult
  package func apply(to report: inout ScanReport, on day: CalendarDay) -> [Entry] {
    let known = Dictionary(findings.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    var used: Set<String> = []
    for position in report.findings.indices {
      guard let entry = known[report.findings[position].fingerprint] else { continue }
      used.insert(entry.fingerprint)
      if entry.isExpired(on: day) { continue }
      if report.findings[position].suppression == nil { report.findings[position].suppression = .baseline }
    }
    return findings.filter { !used.contains($0.fingerprint) }
  }
}

/// JSON with a stable order.
enum StableJSON {
  static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Plain values of this package always encode.
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

#endif
