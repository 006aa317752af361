// SPDX-License-Identifier: Apache-2.0
//
// Elements that count the operations on them, for comparing an audited type with the plain one. Not
// for concurrent use.

import AuditedCollections

/// The operations on probes since the last reset.
struct ProbeCounts: Equatable {
  var hashes = 0
  var comparisons = 0
  var copies = 0

  nonisolated(unsafe) static var now = ProbeCounts()

  /// The operations of `body`.
  static func of(_ body: () throws -> Void) rethrows -> ProbeCounts {
    let before = now
    try body()
    return ProbeCounts(
      hashes: now.hashes - before.hashes, comparisons: now.comparisons - before.comparisons,
      copies: now.copies - before.copies)
  }
}

/// A key that counts its hashings; its hash is its number, so that two equal runs take equal steps.
struct CountedKey: Hashable, Comparable, Codable, CustomStringConvertible {
  var number: Int
  init(_ number: Int) { self.number = number }

  static func == (left: CountedKey, right: CountedKey) -> Bool { left.number == right.number }
  static func < (left: CountedKey, right: CountedKey) -> Bool {
    ProbeCounts.now.comparisons += 1
    return left.number < right.number
  }
  func hash(into hasher: inout Hasher) {
    ProbeCounts.now.hashes += 1
    hasher.combine(number)
  }
  var description: String { "\(number)" }
}

/// A value with copy-on-write storage that counts its copies.
struct CountedValue: Equatable {
  private final class Box {
    var number: Int
    init(_ number: Int) { self.number = number }
  }

  private var box: Box
  init(_ number: Int) { box = Box(number) }

  var number: Int {
    get { box.number }
    set {
      if !isKnownUniquelyReferenced(&box) {
        ProbeCounts.now.copies += 1
        box = Box(box.number)
      }
      box.number = newValue
    }
  }
  static func == (left: CountedValue, right: CountedValue) -> Bool { left.number == right.number }
}

#if AUDITED && canImport(Glibc)
/// Runs `body` with the audit switched off or on, and expects that nothing was reported.
func audited(_ isEnabled: Bool, _ body: () throws -> Void) rethrows {
  AccessAudit.configure(AuditConfiguration(isEnabled: isEnabled))
  defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
  try body()
}
#endif
