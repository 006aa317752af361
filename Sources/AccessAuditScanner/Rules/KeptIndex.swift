// SPDX-License-Identifier: Apache-2.0
//
// The rule `kept-index`. It reads the order of accesses in one body.

#if Scanner

import SwiftSyntax

/// An index or slice that outlives the hold of the lock under which it was made.
enum KeptIndex: Rule {
  static let descriptor = RuleDescriptor(
    id: "kept-index", severity: .warning,
    summary: "An index or slice made under one hold of the lock is used under another.",
    rationale: """
      An index is valid for the collection it was made from, as it was. Once the lock is given back, another thread may \
      insert or remove: the index then names another element, or ends the process out of range.
      """,
    badExample: """
      import Foundation

      final class Queue {
        private let lock = NSLock()
        private var jobs: [String] = []

        func add(_ job: String) {
          lock.withLock { jobs.append(job) }
        }

        func cancel(_ job: String) {
          let position = lock.withLock { jobs.firstIndex(of: job) }
          guard let position else { return }
          lock.withLock { _ = jobs.remove(at: position) }
        }
      }
      """,
    goodExample: """
      import Foundation

      final class Queue {
        private let lock = NSLock()
        private var jobs: [String] = []

        func add(_ job: String) {
          lock.withLock { jobs.append(job) }
        }

        func cancel(_ job: String) {
          lock.withLock {
            if let position = jobs.firstIndex(of: job) {
              jobs.remove(at: position)
            }
          }
        }
      }
      """,
    limits: """
      Seen in one body, through the local name the index has, and for a stored property whose declared type ends in \
      `.Index`. An index handed through other variables is not followed.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.flatMap { profile -> [Finding] in
      guard profile.wrapper == nil, case .full(let id) = profile.protection else { return [] }
      let grouped = Dictionary(grouping: profile.accesses) { $0.record.function }
      let local = grouped.keys.sorted().compactMap { pair(profile, grouped[$0] ?? [], context) }
      return local + stored(profile, id, context)
    }
  }

  private static func pair(_ profile: VariableProfile, _ accesses: [SharedAccess], _ context: RuleContext) -> Finding? {
    let ordered = accesses.sorted { $0.record.order < $1.record.order }
    for (position, use) in ordered.enumerated() {
      guard let key = use.record.key else { continue }
      for maker in ordered[..<position].reversed() {
        guard let name = maker.record.boundTo, makesIndex(maker.record), mentions(key, name) else { continue }
        guard let lock = use.record.held.first(where: { $0.scope > 0 && ($0.kind == .lock || $0.kind == .queue) }),
          let earlier = maker.record.held.first(where: { $0.id == lock.id && $0.scope > 0 }),
          earlier.scope != lock.scope
        else { break }
        return context.finding(
          descriptor, profile, at: use, against: maker,
          "'\(name)' was made under an earlier hold of '\(context.guardName(lock.id))' and is used here in "
            + "'\(profile.variable.symbol)', which may have changed")
      }
    }
    return nil
  }

  /// Findings of indices that are stored in a property beside the collection.
  private static func stored(_ profile: VariableProfile, _ guardID: String, _ context: RuleContext) -> [Finding] {
    guard let owner = profile.owner else { return [] }
    let keepers = owner.variables.map { context.index.variables[$0] }.filter { variable in
      guard variable.isStored, !variable.isLet, let annotation = variable.annotation else { return false }
      let text = annotation.trimmedDescription
      return text.hasSuffix(".Index") || text.hasSuffix(".Index?")
    }
    return keepers.compactMap { keeper in
      guard let use = profile.accesses.first(where: { $0.record.key.map { mentions($0, keeper.name) } ?? false }),
        profile.writes.contains(where: { $0.record.function != use.record.function })
      else { return nil }
      return context.finding(
        descriptor, profile, at: use, against: profile.writes.first,
        "the index '\(keeper.symbol)' is kept between holds of '\(context.guardName(guardID))' and used here in "
          + "'\(profile.variable.symbol)', which may have changed")
    }
  }

  private static func makesIndex(_ record: AccessRecord) -> Bool {
    !record.isWrite && (ConcurrencyVocabulary.indexMakers.contains(record.operation) || record.operation == "slice")
  }

  /// True when the key's text contains the name as a word.
  private static func mentions(_ key: String, _ name: String) -> Bool {
    key.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == name }
  }
}

#endif
