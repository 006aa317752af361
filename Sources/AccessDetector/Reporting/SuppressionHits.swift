// SPDX-License-Identifier: Apache-2.0
//
// Suppressions made by the program, and which suppressions matched anything. Locks are held for a
// look-up.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import CAccessRecorder

/// The rules that the program made for labels.
package enum CodeSuppressions {
  private static var state: ForkSafeLock<[Suppressions.Rule]> {
    ForkSafeLock(AUDIT_LOCK_CODE_SUPPRESSIONS, isInherited: true) { [] }
  }

  static var rules: [Suppressions.Rule] { state.withLock { $0 } }

  /// Adds a rule, once for each label.
  package static func add(label: String) {
    let text = "dictionary:^\(label)$"
    let rule = Suppressions.Rule(
      kind: .dictionary, text: text, pattern: SuppressionPattern("^\(label)$"), place: "in the program")
    let isNew = state.withLock { rules in
      if rules.contains(where: { $0.text == text }) { return false }
      rules.append(rule)
      return true
    }
    if isNew { SuppressionHits.register([rule]) }
  }
}

/// How often each rule matched, for the lines at the end of the process.
enum SuppressionHits {
  private struct Entry {
    var rule: Suppressions.Rule
    var hits: Int
  }

  private static var state: ForkSafeLock<[Entry]> {
    ForkSafeLock(AUDIT_LOCK_SUPPRESSION_HITS, isInherited: false) { [] }
  }

  /// Reads a suppressions file, warns of what cannot be used, and makes its rules known.
  static func load(_ path: String) -> Suppressions {
    let suppressions = Suppressions.load(path, executable: ProcessNames.executable)
    suppressions.warnings.forEach(Diagnostics.warn)
    register(suppressions.rules)
    return suppressions
  }

  /// Whether a rule of the file, or one that the program made, matches; counts the hit.
  static func isMatched(_ violation: Violation, by suppressions: Suppressions) -> Bool {
    guard let rule = suppressions.rule(matching: violation, or: CodeSuppressions.rules) else { return false }
    add(rule)
    return true
  }

  /// Makes rules known that have not matched yet.
  static func register(_ rules: [Suppressions.Rule]) {
    state.withLock { entries in
      for rule in rules where !entries.contains(where: { isSame($0.rule, rule) }) {
        entries.append(Entry(rule: rule, hits: 0))
      }
    }
  }

  static func add(_ rule: Suppressions.Rule) {
    state.withLock { entries in
      if let index = entries.firstIndex(where: { isSame($0.rule, rule) }) {
        entries[index].hits += 1
      } else {
        entries.append(Entry(rule: rule, hits: 1))
      }
    }
  }

  /// The lines for the end of the process: hits, most frequent first, then rules without any, in
  /// their order.
  static func summary(pid: Int32) -> [String] {
    let entries = state.withLock { $0 }
    var lines: [String] = []
    let used = entries.filter { $0.hits > 0 }.sorted { $0.hits > $1.hits }
    if !used.isEmpty {
      let total = used.reduce(0) { $0 + $1.hits }
      lines.append("AccessAudit: matched \(total) suppression\(total == 1 ? "" : "s") (pid=\(pid))")
      lines += used.map { "  \($0.hits) \(describe($0.rule))" }
    }
    let unused = entries.filter { $0.hits == 0 }
    if !unused.isEmpty {
      lines.append(
        "AccessAudit: \(unused.count) suppression\(unused.count == 1 ? "" : "s") matched nothing (pid=\(pid))")
      lines += unused.map { "  \(describe($0.rule))" }
    }
    return lines
  }

  private static func describe(_ rule: Suppressions.Rule) -> String {
    "\(TextEscaping.printable(rule.text)) (\(rule.place))"
  }

  private static func isSame(_ left: Suppressions.Rule, _ right: Suppressions.Rule) -> Bool {
    left.text == right.text && left.place == right.place
  }
}

#endif
