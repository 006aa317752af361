// SPDX-License-Identifier: Apache-2.0
//
// The matrix's rows for the audited set: members, algebra, mutation. Calls only; a new member is a
// new row.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation

extension SetCell {
  static func add(to rows: inout MatrixRows<SetCell>) {
    addReads(to: &rows)
    rows.write("insert(_:)", .insert) { _ = $0.value.insert($0.element) }
    rows.write("update(with:)", .update) { $0.kept.add($0.value.update(with: $0.element)) }
    rows.write("remove(_:)", .remove, isDestructive: true) { $0.kept.add($0.value.remove($0.element)) }
    rows.write("remove(at:)", .removeAtIndex, needsElements: true, isDestructive: true) {
      $0.kept.add($0.value.remove(at: $0.first))
    }
    rows.write("removeFirst()", .removeFirst, needsElements: true, isDestructive: true) {
      $0.kept.add($0.value.removeFirst())
    }
    rows.write("popFirst()", .popFirst, isDestructive: true) { $0.kept.add($0.value.popFirst()) }
    rows.write("removeAll(keepingCapacity:)", .removeAll, isDestructive: true) { $0.value.removeAll() }
    rows.write("reserveCapacity(_:)", .reserveCapacity, isDestructive: true) { $0.value.reserveCapacity(1_000) }
    rows.write("formUnion(_:)", .formUnion, isDestructive: true) { $0.value.formUnion($0.plain) }
    rows.write("formUnion(_:)", .formUnion, isDestructive: true) { $0.value.formUnion($0.other) }
    rows.write("formUnion(_:)", .formUnion, isDestructive: true) { $0.value.formUnion($0.list) }
    rows.write("formIntersection(_:)", .formIntersection, isDestructive: true) { $0.value.formIntersection($0.plain) }
    rows.write("formIntersection(_:)", .formIntersection, isDestructive: true) { $0.value.formIntersection($0.other) }
    rows.write("formIntersection(_:)", .formIntersection, isDestructive: true) { $0.value.formIntersection($0.list) }
    rows.write("formSymmetricDifference(_:)", .formSymmetricDifference, isDestructive: true) {
      $0.value.formSymmetricDifference($0.plain)
    }
    rows.write("formSymmetricDifference(_:)", .formSymmetricDifference, isDestructive: true) {
      $0.value.formSymmetricDifference($0.other)
    }
    rows.write("formSymmetricDifference(_:)", .formSymmetricDifference, isDestructive: true) {
      $0.value.formSymmetricDifference($0.list)
    }
    rows.write("subtract(_:)", .subtract, isDestructive: true) { $0.value.subtract($0.plain) }
    rows.write("subtract(_:)", .subtract, isDestructive: true) { $0.value.subtract($0.other) }
    rows.write("subtract(_:)", .subtract, isDestructive: true) { $0.value.subtract($0.list) }
    rows.read("union(_:)", .union) { _ = $0.value.union($0.plain) }
    rows.read("union(_:)", .union) { _ = $0.value.union($0.other) }
    rows.read("union(_:)", .union) { _ = $0.value.union($0.list) }
    rows.read("intersection(_:)", .intersection) { _ = $0.value.intersection($0.plain) }
    rows.read("intersection(_:)", .intersection) { _ = $0.value.intersection($0.other) }
    rows.read("intersection(_:)", .intersection) { _ = $0.value.intersection($0.list) }
    rows.read("subtracting(_:)", .subtracting) { _ = $0.value.subtracting($0.plain) }
    rows.read("subtracting(_:)", .subtracting) { _ = $0.value.subtracting($0.other) }
    rows.read("subtracting(_:)", .subtracting) { _ = $0.value.subtracting($0.list) }
    rows.read("symmetricDifference(_:)", .symmetricDifference) { _ = $0.value.symmetricDifference($0.plain) }
    rows.read("symmetricDifference(_:)", .symmetricDifference) { _ = $0.value.symmetricDifference($0.other) }
    rows.read("symmetricDifference(_:)", .symmetricDifference) { _ = $0.value.symmetricDifference($0.list) }
    rows.read("isSubset(of:)", .isSubset) { _ = $0.value.isSubset(of: $0.plain) }
    rows.read("isSubset(of:)", .isSubset) { _ = $0.value.isSubset(of: $0.other) }
    rows.read("isSubset(of:)", .isSubset) { _ = $0.value.isSubset(of: $0.list) }
    rows.read("isStrictSubset(of:)", .isStrictSubset) { _ = $0.value.isStrictSubset(of: $0.plain) }
    rows.read("isStrictSubset(of:)", .isStrictSubset) { _ = $0.value.isStrictSubset(of: $0.other) }
    rows.read("isStrictSubset(of:)", .isStrictSubset) { _ = $0.value.isStrictSubset(of: $0.list) }
    rows.read("isSuperset(of:)", .isSuperset) { _ = $0.value.isSuperset(of: $0.plain) }
    rows.read("isSuperset(of:)", .isSuperset) { _ = $0.value.isSuperset(of: $0.other) }
    rows.read("isSuperset(of:)", .isSuperset) { _ = $0.value.isSuperset(of: $0.list) }
    rows.read("isStrictSuperset(of:)", .isStrictSuperset) { _ = $0.value.isStrictSuperset(of: $0.plain) }
    rows.read("isStrictSuperset(of:)", .isStrictSuperset) { _ = $0.value.isStrictSuperset(of: $0.other) }
    rows.read("isStrictSuperset(of:)", .isStrictSuperset) { _ = $0.value.isStrictSuperset(of: $0.list) }
    rows.read("isDisjoint(with:)", .isDisjoint) { _ = $0.value.isDisjoint(with: $0.plain) }
    rows.read("isDisjoint(with:)", .isDisjoint) { _ = $0.value.isDisjoint(with: $0.other) }
    rows.read("isDisjoint(with:)", .isDisjoint) { _ = $0.value.isDisjoint(with: $0.list) }
    rows.read("subscript(_:)", .subscriptPosition, needsElements: true) { _ = $0.value[$0.first] }
    rows.read("set", .set) { _ = $0.value.set }
  }
}

#endif
