// SPDX-License-Identifier: Apache-2.0
//
// A suppressions file with what is said of its rules in comments: who answers for a rule, why, and
// until when. The programs read the same file and see comments. Pure but for reading the file.

#if REPORTS && canImport(Glibc)

package import AccessReports
internal import AccessTerms
package import BaselineTerms
internal import FoundationEssentials

/// The rules of a file, and what is said of each.
package struct AnnotatedSuppressions {
  package struct Entry {
    package var rule: Suppressions.Rule
    /// The number of the rule's line.
    package var line: Int
    package var owner: String?
    package var reason: String?
    package var expires: CalendarDay?

    package func isExpired(on day: CalendarDay) -> Bool { expires.map { $0 < day } ?? false }
  }

  /// A comment with this says something of the next rule: `# access-audit: owner=ana
  /// expires=2027-03-31 reason=until the lock is in`. The reason goes to the line's end.
  package static let marker = "access-audit:"

  package private(set) var entries: [Entry] = []
  package private(set) var warnings: [String] = []
  package private(set) var path: String
  package private(set) var lines: [String]

  /// - Throws: `ReportFileError` when the file cannot be read, or an expiry date is none.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportFileError(description: "\(path): the suppressions cannot be read")
    }
    try self.init(text: String(decoding: data, as: UTF8.self), path: path)
  }

  package init(text: String, path: String) throws {
    self.path = path
    lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    let file = Suppressions(text: text, path: path)
    warnings = file.warnings
    let rules = Dictionary(file.rules.map { ($0.place, $0) }) { first, _ in first }
    var pending: (owner: String?, reason: String?, expires: CalendarDay?) = (nil, nil, nil)
    for (index, line) in lines.enumerated() {
      let comment = line.drop { $0 == " " || $0 == "\t" }
      if comment.hasPrefix("#") {
        if let said = try Self.annotation(comment.dropFirst(), "\(path):\(index + 1)") { pending = said }
      } else if let rule = rules["\(TextEscaping.printable(path)):\(index + 1)"] {
        entries.append(
          Entry(
            rule: rule, line: index + 1, owner: pending.owner, reason: pending.reason, expires: pending.expires))
        pending = (nil, nil, nil)
      }
    }
  }

  private static func annotation(
    _ comment: Substring, _ place: String
  ) throws -> (owner: String?, reason: String?, expires: CalendarDay?)? {
    let text = comment.drop { $0 == " " }
    guard text.hasPrefix(marker) else { return nil }
    var rest = text.dropFirst(marker.count).drop { $0 == " " }
    var result: (owner: String?, reason: String?, expires: CalendarDay?) = (nil, nil, nil)
    while !rest.isEmpty {
      guard let equals = rest.firstIndex(of: "=") else { break }
      let key = rest[..<equals]
      let end = key == "reason" ? rest.endIndex : rest.firstIndex(of: " ") ?? rest.endIndex
      guard end > equals else { break }
      let value = String(rest[rest.index(after: equals)..<end]).filter { $0 != "\r" }
      switch key {
      case "owner": result.owner = value
      case "reason": result.reason = value
      case "expires":
        guard let day = CalendarDay(value) else {
          throw ReportFileError(description: "\(place): '\(value)' is no day YYYY-MM-DD")
        }
        result.expires = day
      default: throw ReportFileError(description: "\(place): '\(key)' is none of owner, expires, reason")
      }
      rest = rest[end...].drop { $0 == " " }
    }
    return result
  }

  /// The annotation as a comment line.
  package static func comment(owner: String?, reason: String?, expires: CalendarDay?) -> String {
    let fields = [
      owner.map { "owner=\($0)" }, expires.map { "expires=\($0)" }, reason.map { "reason=\($0)" },
    ].compactMap(\.self)
    return "# \(marker) " + fields.joined(separator: " ")
  }

  package func expired(on day: CalendarDay = .today) -> [Entry] { entries.filter { $0.isExpired(on: day) } }

  /// The races that no rule suppresses, those that one does, and the rules that match none. A rule
  /// that has expired suppresses nothing.
  package func split(
    _ violations: [MergedViolation], on day: CalendarDay = .today
  ) -> (new: [MergedViolation], suppressed: [MergedViolation], unused: [Entry]) {
    let counting = entries.filter { !$0.isExpired(on: day) }.map(\.rule)
    let suppressed = violations.map { merged in Suppressions().rule(matching: merged.report, or: counting) != nil }
    return (
      zip(violations, suppressed).filter { !$0.1 }.map(\.0), zip(violations, suppressed).filter(\.1).map(\.0),
      entries.filter { entry in
        !violations.contains { Suppressions().rule(matching: $0.report, or: [entry.rule]) != nil }
      }
    )
  }

  /// The file's text without these rules and what was said of them.
  package func text(without removed: [Entry]) -> String {
    var dropped = Set(removed.map(\.line))
    for entry in removed {
      // The comments that stand directly above belong to the rule.
      var line = entry.line - 1
      while line > 0, lines[line - 1].drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("#") {
        if lines[line - 1].contains(Self.marker) { dropped.insert(line) }
        line -= 1
      }
    }
    return lines.enumerated().filter { !dropped.contains($0.offset + 1) }.map(\.element).joined(separator: "\n")
  }
}

#endif
