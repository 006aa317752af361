// SPDX-License-Identifier: Apache-2.0
//
// Ignore comments: `// access-audit:ignore RULE reason`. A comment without a reason ignores
// nothing and is reported.

#if Scanner

import SwiftSyntax

/// One ignore comment.
struct IgnoreComment: Sendable, Equatable {
  var file: Int
  /// The line of the comment; `target` is the line that it applies to.
  var line: Int
  var target: Int
  var rules: Set<String>
  var reason: String
  var problem: String?
}

/// Finds and applies ignore comments.
enum IgnoreComments {
  static let marker = "access-audit:ignore"

  /// The ignore comments of a file. A comment after code applies to its own line. A comment alone
  /// on its line, or with `ignore:next`, applies to the next line that has code.
  ///
  /// - Complexity: O(*n*) in the number of tokens.
  static func find(in tree: SourceFileSyntax, _ source: SourceText, file: Int) -> [IgnoreComment] {
    var found: [IgnoreComment] = []
    for token in tree.tokens(viewMode: .sourceAccurate) {
      let tokenLine = source.position(of: token.positionAfterSkippingLeadingTrivia.utf8Offset).line
      var offset = token.position.utf8Offset
      for piece in token.leadingTrivia {
        if let text = commentText(piece) {
          let line = source.position(of: offset).line
          found.append(parse(text, file: file, line: line, target: tokenLine))
        }
        offset += piece.sourceLength.utf8Length
      }
      offset = token.endPositionBeforeTrailingTrivia.utf8Offset
      for piece in token.trailingTrivia {
        if let text = commentText(piece) {
          let line = source.position(of: offset).line
          let next = token.nextToken(viewMode: .sourceAccurate)
          let nextLine = next.map { source.position(of: $0.positionAfterSkippingLeadingTrivia.utf8Offset).line }
          let isNext = text.contains(marker + ":next")
          found.append(parse(text, file: file, line: line, target: isNext ? nextLine ?? line : line))
        }
        offset += piece.sourceLength.utf8Length
      }
    }
    return found
  }

  /// The text of a comment that begins with the marker; `nil` for a comment that only mentions
  /// the marker.
  private static func commentText(_ piece: TriviaPiece) -> String? {
    let text: String
    switch piece {
    case .lineComment(let whole): text = whole
    case .blockComment(let whole): text = whole.hasSuffix("*/") ? String(whole.dropLast(2)) : whole
    default: return nil
    }
    return text.dropFirst(2).drop { $0 == " " || $0 == "\t" }.hasPrefix(marker) ? text : nil
  }

  /// Reads `access-audit:ignore[:next] RULE[,RULE] reason`.
  static func parse(_ comment: String, file: Int, line: Int, target: Int) -> IgnoreComment {
    var result = IgnoreComment(file: file, line: line, target: target, rules: [], reason: "")
    guard let range = comment.firstRange(of: marker) else { return result }
    var rest = comment[range.upperBound...]
    if rest.hasPrefix(":next") { rest = rest.dropFirst(5) }
    let words = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let first = words.first else {
      result.problem = "names no rule; write: \(marker) RULE reason"
      return result
    }
    result.rules = Set(first.split(separator: ",").map(String.init))
    let unknown = result.rules.subtracting(RuleTable.ids).sorted()
    if let name = unknown.first {
      result.problem = "names no rule of this scanner: '\(name)'"
      return result
    }
    result.reason = words.count > 1 ? trim(words[1]) : ""
    if result.reason.isEmpty { result.problem = "gives no reason; write: \(marker) RULE reason" }
    return result
  }

  private static func trim(_ text: Substring) -> String {
    var text = text
    while let first = text.first, " -:\t".contains(first) { text.removeFirst() }
    while let last = text.last, " \t".contains(last) { text.removeLast() }
    return String(text)
  }

  /// Marks the findings that the comments apply to, and adds a problem for each invalid comment.
  static func apply(_ comments: [[IgnoreComment]], to report: inout ScanReport) {
    let all = comments.flatMap { $0 }
    for comment in all {
      guard let problem = comment.problem else { continue }
      let source = report.sources[comment.file]
      let start = source.lineStarts[comment.line - 1]
      report.problems.append(
        SourceProblem(place: source.place(start, start), message: "this ignore comment \(problem)"))
    }
    for position in report.findings.indices {
      let finding = report.findings[position]
      let places = [finding.place]
      for comment in all where comment.problem == nil && comment.rules.contains(finding.rule) {
        let path = report.sources[comment.file].path
        if places.contains(where: {
          $0.path == path && $0.line <= comment.target && comment.target <= max($0.line, $0.endLine)
        })
          || declared(finding, path, comment.target)
        {
          report.findings[position].suppression = .inSource(reason: comment.reason)
          break
        }
      }
    }
  }

  /// A comment at the declaration applies to every finding of that collection.
  private static func declared(_ finding: Finding, _ path: String, _ line: Int) -> Bool {
    finding.related.contains { $0.label == "declared here" && $0.place.path == path && $0.place.line == line }
  }
}

#endif
