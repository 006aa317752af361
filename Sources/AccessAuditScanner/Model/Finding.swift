// SPDX-License-Identifier: Apache-2.0
//
// The results of a scan: findings, their places and severities. Nothing here renders or decides
// anything.

#if Scanner

/// A range of one source file, lines and columns from 1.
public struct SourcePlace: Codable, Hashable, Sendable {
  public let path: String
  public let line: Int
  public let column: Int
  public let endLine: Int
  public let endColumn: Int
}

/// The severity of a finding.
public enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
  case note
  case warning
  case error

  /// Orders severities from `note` to `error`.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// Another place that explains a finding, with the reason it is shown.
public struct RelatedPlace: Codable, Hashable, Sendable {
  public let place: SourcePlace
  public let label: String
}

/// Why a finding does not count.
public enum Suppression: Codable, Hashable, Sendable {
  /// An ignore comment in the source, with its reason.
  case inSource(reason: String)
  /// An entry of the baseline file.
  case baseline
}

/// One finding of one rule.
public struct Finding: Codable, Hashable, Sendable {
  /// The stable ID of the rule.
  public let rule: String
  /// The severity after the configuration was applied.
  public var severity: Severity
  /// The fault, in one sentence.
  public let message: String
  /// The collection, as `Type.property`, or the name of a global or local.
  public let symbol: String
  /// The function that contains the place, as `Type.method`; empty at the top level.
  public let function: String
  /// The wrong access.
  public let place: SourcePlace
  /// The access that it conflicts with, and the declaration of the collection.
  public let related: [RelatedPlace]
  /// A value that stays the same when lines move, made from rule, file, symbol, function, and a
  /// count of equal findings.
  public var fingerprint: String
  /// Why the finding does not count, or `nil` when it does.
  public var suppression: Suppression?
}

/// A part of the input that could not be understood; the rest was scanned.
public struct SourceProblem: Codable, Hashable, Sendable {
  public let place: SourcePlace
  public let message: String
  /// True when code was left out of the scan, so that silence about it means nothing.
  public let isUnscanned: Bool

  init(place: SourcePlace, message: String, isUnscanned: Bool = false) {
    self.place = place
    self.message = message
    self.isUnscanned = isUnscanned
  }
}

/// Everything one scan found.
public struct ScanReport: Sendable {
  /// All findings, in the order of path, line and rule; suppressed ones are kept and marked.
  public var findings: [Finding]
  /// Files, or parts of files, that could not be read or parsed, and ignore comments that are not
  /// valid.
  public var problems: [SourceProblem]
  /// The texts that were scanned.
  public var sources: [SourceText]

  /// The findings that count.
  public var active: [Finding] { findings.filter { $0.suppression == nil } }

  /// True when every file was scanned as a whole, as far as its syntax is valid.
  public var isComplete: Bool { !problems.contains(where: \.isUnscanned) }

  /// The number of lines that were scanned.
  public var lineCount: Int { sources.reduce(0) { $0 + $1.lineCount } }
}

#endif
