// SPDX-License-Identifier: Apache-2.0
//
// The forms of the checklist by name. Each has its own file; none decides what counts.

#if Scanner && canImport(Glibc)

/// A form that results are written in.
package enum ChecklistForm: String, Sendable, CaseIterable {
  case text
  case markdown
  case json
  case junit
  case github

  package func render(_ result: PreflightResult) -> String {
    switch self {
    case .text: TextChecklist.render(result)
    case .markdown: MarkdownChecklist.render(result)
    case .json: JSONChecklist.render(result)
    case .junit: JUnitChecklist.render(result)
    case .github: GitHubChecklist.render(result)
    }
  }
}

/// Values that must never be shown.
package struct Redaction: Sendable {
  private let secrets: [String]

  /// - Parameter secrets: an empty one is none.
  package init(_ secrets: [String]) {
    self.secrets = secrets.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
  }

  /// The text with stars in place of secrets.
  package func apply(to text: String) -> String { secrets.reduce(text) { $0.replacing($1, with: "***") } }

  /// The result with stars in place of secrets.
  package func apply(to result: PreflightResult) -> PreflightResult {
    guard !secrets.isEmpty else { return result }
    var result = result
    for stage in result.stages.indices {
      result.stages[stage].command = apply(to: result.stages[stage].command)
      for index in result.stages[stage].checks.indices {
        var check = result.stages[stage].checks[index]
        check.name = apply(to: check.name)
        check.detail = apply(to: check.detail)
        check.next = check.next.map(apply(to:))
        if let file = check.place?.file { check.place?.file = apply(to: file) }
        result.stages[stage].checks[index] = check
      }
    }
    return result
  }
}

#endif
