// SPDX-License-Identifier: Apache-2.0
//
// The baseline: fingerprints of findings that are known and do not count. Reading, writing,
// applying.

#if Scanner

import Foundation

/// Findings that existed when the scan was introduced.
public struct Baseline: Codable, Sendable, Equatable {
  /// One known finding. Only the fingerprint is compared; the other fields are for the reader.
  public struct Entry: Codable, Sendable, Equatable {
    public let fingerprint: String
    public let rule: String
    public let path: String
    public let symbol: String
  }

  /// The name and version of the file's format.
  public let schema: String
  public let findings: [Entry]

  static let currentSchema = "access-audit-baseline/1"

  /// Makes a baseline of the findings that count in a report, and of those that an earlier
  /// baseline hides.
  public init(of report: ScanReport) {
    schema = Baseline.currentSchema
    findings = report.findings.filter { finding in
      if case .inSource = finding.suppression { return false }
      return true
    }.map { Entry(fingerprint: $0.fingerprint, rule: $0.rule, path: $0.place.path, symbol: $0.symbol) }
  }

  /// Reads a baseline.
  ///
  /// - Throws: `ConfigurationError` when it cannot be read or has another form.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError(path: path, line: 0, message: "the baseline cannot be read")
    }
    guard let value = try? JSONDecoder().decode(Baseline.self, from: data), value.schema == Baseline.currentSchema
    else {
      throw ConfigurationError(path: path, line: 1, message: "not a baseline of the form \(Baseline.currentSchema)")
    }
    self = value
  }

  /// The text of the file; equal findings give equal texts.
  public func encoded() -> String { StableJSON.encode(self) + "\n" }

  /// Marks the findings that are in the baseline.
  ///
  /// - Returns: entries that match nothing any more.
  /// - Complexity: O(*n*).
  @discardableResult
  public func apply(to report: inout ScanReport) -> [Entry] {
    var unused = Dictionary(findings.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    for position in report.findings.indices {
      guard unused.removeValue(forKey: report.findings[position].fingerprint) != nil else { continue }
      if report.findings[position].suppression == nil { report.findings[position].suppression = .baseline }
    }
    return findings.filter { unused[$0.fingerprint] != nil }
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
