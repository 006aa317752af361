// SPDX-License-Identifier: Apache-2.0
//
// The matrix's rows for the audited array: elements, order, memory, mutation. Calls only; a new
// member is a new row.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation

extension ArrayCell {
  static func add(to rows: inout MatrixRows<ArrayCell>) {
    addReads(to: &rows)
    rows.write("subscript(_:)", .subscriptSet, needsElements: true) { $0.value[0] = $0.element }
    rows.write("subscript(_:)", .subscriptModify, needsElements: true) { $0.value[0].touch($0.trap) }
    rows.write("subscript(_:)", .subscriptBoundsSet, needsElements: true) { $0.value[0..<1] = $0.plain[0..<1] }
    rows.write("subscript(_:)", .subscriptBoundsSet, needsElements: true, isDestructive: true) {
      $0.value[1...] = $0.plain[1...]
    }
    rows.write("subscript(_:)", .subscriptBoundsSet, isDestructive: true) { $0.value[...] = $0.plain[...] }
    rows.write("subscript(_:)", .subscriptBoundsModify, needsElements: true) {
      $0.value[0..<2].sort { $0 < $1 }
    }
    rows.write("subscript(_:)", .subscriptBoundsModify, needsElements: true) { $0.value[0...].sort() }
    rows.write("subscript(_:)", .subscriptBoundsModify) { $0.value[...].sort() }
    rows.write("append(_:)", .append, isHoldable: false) { $0.value.append($0.element) }
    rows.write("append(contentsOf:)", .appendContentsOf) { $0.value.append(contentsOf: $0.gated) }
    rows.write("append(contentsOf:)", .appendContentsOf, isHoldable: false) { $0.value.append(contentsOf: $0.other) }
    rows.write("append(addingCapacity:initializingWith:)", .appendAddingCapacity) {
      $0.value.append(addingCapacity: 1, initializingWith: $0.springing)
    }
    rows.write("insert(_:at:)", .insertAt, isHoldable: false) { $0.value.insert($0.element, at: 0) }
    rows.write("insert(contentsOf:at:)", .insertContentsOf) { $0.value.insert(contentsOf: $0.gated, at: 0) }
    rows.write("insert(contentsOf:at:)", .insertContentsOf, isHoldable: false) {
      $0.value.insert(contentsOf: $0.other, at: 0)
    }
    rows.write("reserveCapacity(_:)", .reserveCapacity, isHoldable: false) { $0.value.reserveCapacity(1_000) }
    rows.write("+=(_:_:)", .plusEquals) { $0.value += $0.gated }
    rows.write("+=(_:_:)", .plusEquals, isHoldable: false) { $0.value += $0.other }
    rows.write("remove(at:)", .removeAtIndex, needsElements: true, isDestructive: true, isHoldable: false) {
      $0.kept.add($0.value.remove(at: 0))
    }
    rows.write("removeFirst()", .removeFirst, needsElements: true, isDestructive: true, isHoldable: false) {
      $0.kept.add($0.value.removeFirst())
    }
    rows.write("removeFirst(_:)", .removeFirstCount, needsElements: true, isDestructive: true) {
      $0.value.removeFirst(1)
    }
    rows.write("removeLast()", .removeLast, needsElements: true, isDestructive: true, isHoldable: false) {
      $0.kept.add($0.value.removeLast())
    }
    rows.write("removeLast(_:)", .removeLastCount, needsElements: true, isDestructive: true) {
      $0.value.removeLast(1)
    }
    rows.write("popLast()", .popLast, isDestructive: true, isHoldable: false) { $0.kept.add($0.value.popLast()) }
    rows.write("removeAll(keepingCapacity:)", .removeAll, isDestructive: true) { $0.value.removeAll() }
    rows.write("removeAll(where:)", .removeAllWhere) { $0.value.removeAll { $0.springs() } }
    rows.write("removeSubrange(_:)", .removeSubrange, needsElements: true, isDestructive: true) {
      $0.value.removeSubrange(0..<1)
    }
    rows.write("removeSubrange(_:)", .removeSubrange, needsElements: true, isDestructive: true) {
      $0.value.removeSubrange(...0)
    }
    rows.write("removeSubranges(_:)", .removeSubranges, needsElements: true, isDestructive: true) {
      $0.value.removeSubranges($0.ranges)
    }
    rows.write("replaceSubrange(_:with:)", .replaceSubrange, needsElements: true) {
      $0.value.replaceSubrange(0..<1, with: $0.gated)
    }
    rows.write("replaceSubrange(_:with:)", .replaceSubrange, needsElements: true) {
      $0.value.replaceSubrange(...0, with: $0.gated)
    }
    rows.write("replaceSubrange(_:with:)", .replaceSubrange, needsElements: true) {
      $0.value.replaceSubrange(0..<1, with: $0.other)
    }
    rows.write("swapAt(_:_:)", .swapAt, needsElements: true, isHoldable: false) { $0.value.swapAt(0, 1) }
    rows.write("reverse()", .reverse, isHoldable: false) { $0.value.reverse() }
    rows.write("sort()", .sort) { $0.value.sort() }
    rows.write("sort(by:)", .sortBy) { $0.value.sort { $0 < $1 } }
    rows.write("shuffle()", .shuffle, isHoldable: false) { $0.value.shuffle() }
    rows.write("shuffle(using:)", .shuffleUsing) { $0.value.shuffle(using: &$0.generator) }
    rows.write("partition(by:)", .partition) { _ = $0.value.partition { $0.springs() } }
    rows.write("moveSubranges(_:to:)", .moveSubranges, needsElements: true, isHoldable: false) {
      _ = $0.value.moveSubranges($0.ranges, to: 3)
    }
    rows.write("mutableSpan", .mutableSpan, isHoldable: false) {
      with(&$0.value) { _ = $0.mutableSpan.count }
    }
    rows.write("withUnsafeMutableBufferPointer(_:)", .withUnsafeMutableBufferPointer) {
      $0.value.withUnsafeMutableBufferPointer { _ = $0.first?.springs() }
    }
    rows.write("withUnsafeMutableBytes(_:)", .withUnsafeMutableBytes) {
      $0.value.withUnsafeMutableBytes { $0.loadSpringing() }
    }
    rows.write("withContiguousMutableStorageIfAvailable(_:)", .withContiguousMutableStorageIfAvailable) {
      _ = $0.value.withContiguousMutableStorageIfAvailable { _ = $0.first?.springs() }
    }
    rows.read("subscript(_:)", .subscriptGet, needsElements: true) { _ = $0.value[0] }
    rows.read("array", .array) { _ = $0.value.array }
    rows.read("last", .last) { _ = $0.value.last }
    rows.read("last(where:)", .lastWhere) { _ = $0.value.last { _ in false } }
    rows.read("lastIndex(of:)", .lastIndexOf) { _ = $0.value.lastIndex(of: $0.element) }
    rows.read("lastIndex(where:)", .lastIndexWhere) { _ = $0.value.lastIndex { _ in false } }
    rows.read("index(before:)", .indexBefore, needsElements: true) { _ = $0.value.index(before: $0.second) }
    rows.read("formIndex(before:)", .formIndexBefore, needsElements: true) { $0.value.formIndex(before: &$0.moving) }
    rows.read("difference(from:)", .difference) { _ = $0.value.difference(from: $0.plain) }
    rows.read("difference(from:by:)", .differenceBy) { _ = $0.value.difference(from: $0.plain) { _, _ in true } }
    rows.read("applying(_:)", .applying) { _ = $0.value.applying($0.difference) }
    rows.read("+(_:_:)", .plus) { _ = $0.value + $0.plain }
    rows.read("+(_:_:)", .plus) { _ = $0.value + $0.other }
    rows.read("+(_:_:)", .plus) { _ = $0.value + $0.gated }
    rows.read("+(_:_:)", .plus) { _ = $0.gated + $0.value }
    rows.read("+(_:_:)", .plus) { _ = $0.plain + $0.value }
    rows.read("span", .span) { _ = $0.value.span.count }
    rows.read("withUnsafeBufferPointer(_:)", .withUnsafeBufferPointer) {
      $0.value.withUnsafeBufferPointer { _ = $0.count }
    }
    rows.read("withUnsafeBytes(_:)", .withUnsafeBytes) { $0.value.withUnsafeBytes { _ = $0.count } }
  }
}

#endif
