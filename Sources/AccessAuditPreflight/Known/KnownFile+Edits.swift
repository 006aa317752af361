// SPDX-License-Identifier: Apache-2.0
//
// Changes to a file of what is known: entries that are added or renewed, and those that are taken
// out. Values only.

#if Scanner && canImport(Glibc)

internal import AccessAuditReports
internal import AccessAuditScanner
package import BaselineTerms
internal import AccessReports

/// What is said of entries.
package struct KnownNote: Sendable, Equatable {
  package var owner: String
  package var reason: String
  package var expires: CalendarDay?

  package init(owner: String, reason: String, expires: CalendarDay?) {
    self.owner = owner
    self.reason = reason
    self.expires = expires
  }
}

extension KnownFile {
  /// Adds entries for what is present, or renews those that are there.
  ///
  /// - Parameter keys: fingerprints, or rules of a suppressions file; empty for all that is
  ///   present.
  /// - Returns: the keys that were added or renewed, and those that name nothing.
  package mutating func add(
    _ keys: [String], from present: Present, note: KnownNote
  ) throws -> (changed: [String], unknown: [String]) {
    switch self {
    case .races(var baseline):
      let races = present.races ?? []
      let wanted = keys.isEmpty ? races.map(\.fingerprint) : keys
      var unknown: [String] = []
      for key in wanted {
        if let index = baseline.violations.firstIndex(where: { $0.fingerprint == key }) {
          baseline.violations[index].take(note)
        } else if let race = races.first(where: { $0.fingerprint == key }),
          var entry = ViolationBaseline(of: [race]).violations.first
        {
          entry.take(note)
          baseline.violations.append(entry)
        } else {
          unknown.append(key)
        }
      }
      baseline.sort()
      self = .races(baseline)
      return (wanted.filter { !unknown.contains($0) }, unknown)
    case .findings(var baseline):
      let findings = present.findings ?? []
      let wanted = keys.isEmpty ? findings.map(\.fingerprint) : keys
      var unknown: [String] = []
      for key in wanted {
        if let index = baseline.findings.firstIndex(where: { $0.fingerprint == key }) {
          baseline.findings[index].take(note)
        } else if let finding = findings.first(where: { $0.fingerprint == key }) {
          var entry = Baseline.Entry(
            fingerprint: finding.fingerprint, rule: finding.rule, path: finding.path, symbol: finding.symbol)
          entry.take(note)
          baseline.findings.append(entry)
        } else {
          unknown.append(key)
        }
      }
      baseline.findings.sort { ($0.path, $0.rule, $0.fingerprint) < ($1.path, $1.rule, $1.fingerprint) }
      self = .findings(baseline)
      return (wanted.filter { !unknown.contains($0) }, unknown)
    case .suppressions(let file):
      var text = file.text(without: file.entries.filter { keys.contains($0.rule.text) })
      if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
      let comment = AnnotatedSuppressions.comment(owner: note.owner, reason: note.reason, expires: note.expires)
      for key in keys { text += "\(comment)\n\(key)\n" }
      let changed = try AnnotatedSuppressions(text: text, path: file.path)
      self = .suppressions(changed)
      return (keys, keys.filter { key in !changed.entries.contains { $0.rule.text == key } })
    }
  }

  /// Takes out the entries that nothing matches, where it could be compared, and those that have
  /// expired.
  ///
  /// - Returns: the entries that were taken out.
  package mutating func prune(
    unusedIn present: Present, expired: Bool, on day: CalendarDay = .today
  ) throws -> [KnownEntry] {
    let all = entries(present)
    let removed = all.filter { $0.isUsed == false || expired && $0.isExpired(on: day) }
    let keys = Set(removed.map(\.key))
    switch self {
    case .races(var baseline):
      baseline.violations.removeAll { keys.contains($0.fingerprint) }
      self = .races(baseline)
    case .findings(var baseline):
      baseline.findings.removeAll { keys.contains($0.fingerprint) }
      self = .findings(baseline)
    case .suppressions(let file):
      let gone = zip(file.entries, all).filter { pair in
        pair.1.isUsed == false || expired && pair.1.isExpired(on: day)
      }.map(\.0)
      self = .suppressions(try AnnotatedSuppressions(text: file.text(without: gone), path: file.path))
    }
    return removed
  }
}

extension ViolationBaseline.Entry {
  fileprivate mutating func take(_ note: KnownNote) {
    owner = note.owner
    reason = note.reason
    expires = note.expires
  }
}

extension Baseline.Entry {
  fileprivate mutating func take(_ note: KnownNote) {
    owner = note.owner
    reason = note.reason
    expires = note.expires
  }
}

#endif
