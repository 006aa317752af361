// SPDX-License-Identifier: Apache-2.0
//
// The matrix's rows for members that only collections of strings, and sets of `AnyHashable`, have.
// Calls only.

#if AUDITED && canImport(Glibc)

import AuditedCollections

/// Collections whose elements run no code of the program, so the first member's window is opened
/// without a call.
final class StringsCell: MatrixCell, @unchecked Sendable {
  var value: AuditedArray<String>
  var anything: AuditedSet<AnyHashable>
  let trap: Trap

  init(_ trap: Trap, label: String) {
    self.trap = trap
    value = AuditedArray(label: label)
    value += ["a", "b"]
    anything = AuditedSet(label: label)
    anything.formUnion([1, "a"])
  }

  func write(_ operation: AccessOperation) {
    // Both are held, one inside the other; each row accesses one of them.
    value.write(operation) { _ in anything.write(operation) { _ in trap.spring() } }
  }

  static func add(to rows: inout MatrixRows<StringsCell>) {
    rows.read("joined(separator:)", .joinedSeparator) { _ = $0.value.joined(separator: ", ") }
    rows.read("joined(separator:)", .joinedSeparator) { _ = $0.value.joined() as String }
    rows.write("insert(_:)", .insert, isHoldable: false) { _ = $0.anything.insert(2) }
    rows.write("update(with:)", .update, isHoldable: false) { _ = $0.anything.update(with: "a") }
    rows.write("remove(_:)", .remove, isHoldable: false) { _ = $0.anything.remove("a") }
  }
}

#endif
