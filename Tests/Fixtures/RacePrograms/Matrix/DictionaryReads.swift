// SPDX-License-Identifier: Apache-2.0
//
// The matrix's rows for the audited dictionary: the reads that Sequence and Collection require.
// Calls only; a new member is a new row.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation

extension DictionaryCell {
  static func addReads(to rows: inout MatrixRows<DictionaryCell>) {
    rows.read("allSatisfy(_:)", .allSatisfy) { _ = $0.value.allSatisfy { _ in true } }
    rows.read("capacity", .capacity) { _ = $0.value.capacity }
    rows.read("compactMap(_:)", .compactMap) { _ = $0.value.compactMap { _ in Optional(1) } }
    rows.read("contains(where:)", .containsWhere) { _ = $0.value.contains { _ in false } }
    rows.read("count", .count) { _ = $0.value.count }
    rows.read("count(where:)", .countWhere) { _ = $0.value.count { _ in true } }
    rows.read("customMirror", .customMirror) { _ = $0.value.customMirror }
    rows.read("debugDescription", .debugDescription) { _ = $0.value.debugDescription }
    rows.read("description", .description) { _ = $0.value.description }
    rows.read("distance(from:to:)", .distance, needsElements: true) {
      _ = $0.value.distance(from: $0.first, to: $0.second)
    }
    rows.read("drop(while:)", .dropWhile) { _ = $0.value.drop { _ in true } }
    rows.read("dropFirst(_:)", .dropFirst) { _ = $0.value.dropFirst(1) }
    rows.read("dropLast(_:)", .dropLast) { _ = $0.value.dropLast(1) }
    rows.read("elementsEqual(_:by:)", .elementsEqualBy) { _ = $0.value.elementsEqual($0.plain) { _, _ in true } }
    rows.read("encode(to:)", .encode) { _ = try? JSONEncoder().encode($0.value) }
    rows.read("endIndex", .endIndex) { _ = $0.value.endIndex }
    rows.read("enumerated()", .enumerated) { _ = $0.value.enumerated() }
    rows.read("filter(_:)", .filter) { _ = $0.value.filter { _ in true } }
    rows.read("first", .first) { _ = $0.value.first }
    rows.read("first(where:)", .firstWhere) { _ = $0.value.first { _ in false } }
    rows.read("firstIndex(where:)", .firstIndexWhere) { _ = $0.value.firstIndex { _ in false } }
    rows.read("flatMap(_:)", .flatMap) { _ = $0.value.flatMap { _ in [1, 2] } }
    rows.read("forEach(_:)", .forEach) { $0.value.forEach { _ in } }
    rows.read("formIndex(_:offsetBy:)", .formIndexOffsetBy, needsElements: true) {
      $0.value.formIndex(&$0.moving, offsetBy: 1)
    }
    rows.read("formIndex(_:offsetBy:limitedBy:)", .formIndexOffsetByLimitedBy, needsElements: true) {
      _ = $0.value.formIndex(&$0.moving, offsetBy: 1, limitedBy: $0.second)
    }
    rows.read("formIndex(after:)", .formIndexAfter, needsElements: true) { $0.value.formIndex(after: &$0.moving) }
    rows.read("hash(into:)", .hash) { _ = $0.value.hashValue }
    rows.read("index(_:offsetBy:)", .indexOffsetBy, needsElements: true) { _ = $0.value.index($0.first, offsetBy: 1) }
    rows.read("index(_:offsetBy:limitedBy:)", .indexOffsetByLimitedBy, needsElements: true) {
      _ = $0.value.index($0.first, offsetBy: 1, limitedBy: $0.second)
    }
    rows.read("index(after:)", .indexAfter, needsElements: true) { _ = $0.value.index(after: $0.first) }
    rows.read("indices", .indices) { _ = $0.value.indices }
    rows.read("indices(where:)", .indicesWhere) { _ = $0.value.indices { _ in true } }
    rows.read("isEmpty", .isEmpty) { _ = $0.value.isEmpty }
    rows.read("lazy", .lazy) { _ = $0.value.lazy }
    rows.read("lexicographicallyPrecedes(_:by:)", .lexicographicallyPrecedesBy) {
      _ = $0.value.lexicographicallyPrecedes($0.plain) { _, _ in false }
    }
    rows.read("makeIterator()", .makeIterator) { for _ in $0.value {} }
    rows.read("map(_:)", .map) { _ = $0.value.map { _ in 1 } }
    rows.read("max(by:)", .maxBy) { _ = $0.value.max { _, _ in false } }
    rows.read("min(by:)", .minBy) { _ = $0.value.min { _, _ in false } }
    rows.read("prefix(_:)", .prefix) { _ = $0.value.prefix(1) }
    rows.read("prefix(through:)", .prefixThrough, needsElements: true) { _ = $0.value.prefix(through: $0.first) }
    rows.read("prefix(upTo:)", .prefixUpTo, needsElements: true) { _ = $0.value.prefix(upTo: $0.second) }
    rows.read("prefix(while:)", .prefixWhile) { _ = $0.value.prefix { _ in true } }
    rows.read("randomElement()", .randomElement) { _ = $0.value.randomElement() }
    rows.read("randomElement(using:)", .randomElementUsing) { _ = $0.value.randomElement(using: &$0.generator) }
    rows.read("reduce(_:_:)", .reduce) { _ = $0.value.reduce(0) { sum, _ in sum + 1 } }
    rows.read("reduce(into:_:)", .reduceInto) { _ = $0.value.reduce(into: 0) { sum, _ in sum += 1 } }
    rows.read("removingSubranges(_:)", .removingSubranges, needsElements: true) {
      _ = $0.value.removingSubranges($0.ranges)
    }
    rows.read("reversed()", .reversed) { _ = $0.value.reversed() }
    rows.read("shuffled()", .shuffled) { _ = $0.value.shuffled() }
    rows.read("shuffled(using:)", .shuffledUsing) { _ = $0.value.shuffled(using: &$0.generator) }
    rows.read("sorted(by:)", .sortedBy) { _ = $0.value.sorted { _, _ in false } }
    rows.read("split(maxSplits:omittingEmptySubsequences:whereSeparator:)", .splitWhere) {
      _ = $0.value.split { _ in false }
    }
    rows.read("startIndex", .startIndex) { _ = $0.value.startIndex }
    rows.read("starts(with:by:)", .startsWithBy) { _ = $0.value.starts(with: $0.plain) { _, _ in true } }
    rows.read("subscript(_:)", .subscriptBoundsGet, needsElements: true) { _ = $0.value[$0.first..<$0.second] }
    rows.read("subscript(_:)", .subscriptBoundsGet, needsElements: true) { _ = $0.value[$0.first...] }
    rows.read("subscript(_:)", .subscriptBoundsGet) { _ = $0.value[...] }
    rows.read("subscript(_:)", .subscriptSubranges, needsElements: true) { _ = $0.value[$0.ranges] }
    rows.read("suffix(_:)", .suffix) { _ = $0.value.suffix(1) }
    rows.read("suffix(from:)", .suffixFrom, needsElements: true) { _ = $0.value.suffix(from: $0.second) }
    rows.read("underestimatedCount", .underestimatedCount) { _ = $0.value.underestimatedCount }
    rows.read("withContiguousStorageIfAvailable(_:)", .withContiguousStorageIfAvailable) {
      _ = $0.value.withContiguousStorageIfAvailable { $0.count }
    }
    rows.read("Array.init(_:)", .contiguousElements) { _ = Array($0.value) }
    rows.read("==(_:_:)", .equals) { _ = $0.value == $0.plain }
    rows.read("==(_:_:)", .equals) { _ = $0.plain == $0.value }
    rows.read("==(_:_:)", .equals) { _ = $0.value == $0.other }
    rows.read("!=(_:_:)", .equals) { _ = $0.value != $0.other }
  }
}

#endif
