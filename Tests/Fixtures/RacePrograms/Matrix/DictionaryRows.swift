// SPDX-License-Identifier: Apache-2.0
//
// The matrix's rows for the audited dictionary: keyed access, views, mutation. Calls only; a new
// member is a new row.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation

extension DictionaryCell {
  static func add(to rows: inout MatrixRows<DictionaryCell>) {
    addReads(to: &rows)
    rows.write("subscript(_:)", .subscriptSet) { $0.value[$0.key] = $0.fresh }
    rows.write("subscript(_:)", .subscriptModify) { $0.value[$0.key]?.touch($0.trap) }
    rows.write("subscript(_:default:)", .subscriptDefaultModify) {
      $0.value[$0.key, default: $0.fresh].touch($0.trap)
    }
    rows.write("updateValue(_:forKey:)", .updateValue) { $0.kept.add($0.value.updateValue($0.fresh, forKey: $0.key)) }
    rows.write("removeValue(forKey:)", .removeValue, isDestructive: true) {
      $0.kept.add($0.value.removeValue(forKey: $0.key))
    }
    rows.write("remove(at:)", .removeAtIndex, needsElements: true, isDestructive: true) {
      $0.kept.add($0.value.remove(at: $0.first))
    }
    rows.write("removeAll(keepingCapacity:)", .removeAll, isDestructive: true) { $0.value.removeAll() }
    rows.write("removeAll(keepingCapacity:)", .removeAll, isDestructive: true) {
      $0.value.removeAll(keepingCapacity: true)
    }
    rows.write("popFirst()", .popFirst, isDestructive: true) { $0.kept.add($0.value.popFirst()) }
    rows.write("reserveCapacity(_:)", .reserveCapacity, isDestructive: true) { $0.value.reserveCapacity(1_000) }
    rows.write("merge(_:uniquingKeysWith:)", .merge) { $0.value.merge($0.plain) { old, _ in old } }
    rows.write("merge(_:uniquingKeysWith:)", .merge) { $0.value.merge($0.other) { old, _ in old } }
    rows.write("merge(_:uniquingKeysWith:)", .merge) { $0.value.merge($0.pairs) { old, _ in old } }
    rows.write("values", .valuesModify, needsElements: true) { $0.value.values[$0.first].touch($0.trap) }
    rows.read("values", .valuesGet) { _ = $0.value.values }
    rows.read("keys", .keys) { _ = $0.value.keys }
    rows.read("dictionary", .dictionary) { _ = $0.value.dictionary }
    rows.read("subscript(_:)", .subscriptGet) { _ = $0.value[$0.key] }
    rows.read("subscript(_:)", .subscriptPosition, needsElements: true) { _ = $0.value[$0.first] }
    rows.read("subscript(_:default:)", .subscriptDefaultGet) { _ = $0.value[$0.key, default: $0.fresh] }
    rows.read("index(forKey:)", .indexForKey) { _ = $0.value.index(forKey: $0.key) }
    rows.read("mapValues(_:)", .mapValues) { _ = $0.value.mapValues { _ in 1 } }
    rows.read("compactMapValues(_:)", .compactMapValues) { _ = $0.value.compactMapValues { _ in Optional(1) } }
    rows.read("merging(_:uniquingKeysWith:)", .merging) { _ = $0.value.merging($0.plain) { old, _ in old } }
    rows.read("merging(_:uniquingKeysWith:)", .merging) { _ = $0.value.merging($0.other) { old, _ in old } }
    rows.read("merging(_:uniquingKeysWith:)", .merging) { _ = $0.value.merging($0.pairs) { old, _ in old } }
  }
}

#endif
