// SPDX-License-Identifier: Apache-2.0
//
// The configuration file `.access-audit.yml`: paths, rules, severities. Reading it is all that
// happens here.

#if Scanner

import Yams

/// The paths to scan and the severities of the rules.
public struct ScanConfiguration: Sendable, Equatable {
  /// The file's name, looked for in the directory of the scan.
  public static let fileName = ".access-audit.yml"

  /// Paths to scan when the command line names none; relative to the file's directory.
  public var include: [String] = []
  /// Paths and `*` patterns to leave out.
  public var exclude: [String] = []
  /// Severities by rule ID; `nil` turns a rule off.
  public var severities: [String: Severity?] = [:]
  /// The lowest severity that makes the exit status 1.
  public var failOn: Severity = .warning
  /// The baseline file, relative to the file's directory.
  public var baseline: String?

  /// The configuration without a file.
  public init() {}

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - path: its path, for messages.
  /// - Throws: `ConfigurationError` for text that is no YAML, an unknown key, rule or severity,
  ///   or a wrong type, with the line.
  public init(yaml: String, path: String) throws {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw ConfigurationError(
        path: path, line: ConfigurationError.line(of: error), message: "not valid YAML: \(error)")
    }
    guard let root, root.scalar?.string.isEmpty != true else { return }
    guard let mapping = root.mapping else {
      throw ConfigurationError(path: path, line: 1, message: "the top level must be a mapping")
    }
    for (key, value) in mapping {
      let line = key.mark?.line ?? 1
      switch key.string ?? "" {
      case "include": include = try ScanConfiguration.strings(value, path, line)
      case "exclude": exclude = try ScanConfiguration.strings(value, path, line)
      case "baseline":
        guard let text = value.string else {
          throw ConfigurationError(path: path, line: line, message: "'baseline' must be a path")
        }
        baseline = text
      case "fail-on": failOn = try ScanConfiguration.severity(value, path, line)
      case "rules": try readRules(value, path, line)
      // The release checklist reads it.
      case "preflight": break
      default:
        throw ConfigurationError(
          path: path, line: line,
          message: "unknown key '\(key.string ?? "?")'; "
            + "known are: baseline, exclude, fail-on, include, preflight, rules")
      }
    }
  }

  private mutating func readRules(_ node: Node, _ path: String, _ line: Int) throws {
    guard let mapping = node.mapping else {
      throw ConfigurationError(
        path: path, line: line, message: "'rules' must map rule IDs to off, note, warning, or error")
    }
    for (key, value) in mapping {
      let line = key.mark?.line ?? line
      guard let id = key.string, RuleTable.ids.contains(id) else {
        throw ConfigurationError(
          path: path, line: line, message: "unknown rule '\(key.string ?? "?")'; 'access-audit rules' lists them")
      }
      // YAML reads a bare `off` as the boolean false.
      let text = value.scalar?.string.lowercased() ?? ""
      severities[id] =
        text == "off" || text == "false" ? .some(nil) : try ScanConfiguration.severity(value, path, line)
    }
  }

  private static func strings(_ node: Node, _ path: String, _ line: Int) throws -> [String] {
    guard let sequence = node.sequence else {
      throw ConfigurationError(path: path, line: line, message: "expected a list of paths")
    }
    return try sequence.map { item in
      guard let text = item.string else {
        throw ConfigurationError(path: path, line: item.mark?.line ?? line, message: "expected a path")
      }
      return text
    }
  }

  private static func severity(_ node: Node, _ path: String, _ line: Int) throws -> Severity {
    let text = node.scalar?.string ?? ""
    guard let severity = Severity(rawValue: text) else {
      throw ConfigurationError(
        path: path, line: line, message: "unknown severity '\(text)'; known are: note, warning, error")
    }
    return severity
  }

  /// Applies severities and removes the findings of rules that are off.
  ///
  /// - Complexity: O(*n*) in the number of findings.
  public func apply(to report: inout ScanReport) {
    report.findings = report.findings.compactMap { finding in
      guard let configured = severities[finding.rule] else { return finding }
      guard let severity = configured else { return nil }
      var finding = finding
      finding.severity = severity
      return finding
    }
  }

  /// True when a path, relative to the root, is left out. A pattern matches a whole path or a
  /// leading directory; `*` stands for any text.
  public func excludes(_ path: String) -> Bool {
    exclude.contains { pattern in
      let pattern = pattern.hasSuffix("/") ? String(pattern.dropLast()) : pattern
      return Wildcard.matches(pattern, path) || Wildcard.matches(pattern + "/*", path)
    }
  }
}

/// An error in a configuration file.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
  public let path: String
  public let line: Int
  public let message: String

  package init(path: String, line: Int, message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  public var description: String { line > 0 ? "\(path):\(line): \(message)" : "\(path): \(message)" }

  static func line(of error: YamlError) -> Int {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
    default: 1
    }
  }
}

/// Patterns with `*`.
enum Wildcard {
  /// True when the whole of `text` matches `pattern`.
  ///
  /// - Complexity: O(*n* · *m*).
  static func matches(_ pattern: String, _ text: String) -> Bool {
    let pattern = Array(pattern.utf8)
    let text = Array(text.utf8)
    var position = 0
    var matched = 0
    var star: (pattern: Int, text: Int)?
    while matched < text.count {
      if position < pattern.count, pattern[position] == UInt8(ascii: "*") {
        star = (position, matched)
        position += 1
      } else if position < pattern.count, pattern[position] == text[matched] {
        position += 1
        matched += 1
      } else if let last = star {
        position = last.pattern + 1
        matched = last.text + 1
        star = (last.pattern, matched)
      } else {
        return false
      }
    }
    while position < pattern.count, pattern[position] == UInt8(ascii: "*") { position += 1 }
    return position == pattern.count
  }
}

#endif
