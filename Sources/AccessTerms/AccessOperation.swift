// SPDX-License-Identifier: Apache-2.0
//
// The operations a record can name: one for each way a public member touches a collection. A record
// stores the case's index in one byte; reports and JSON use the raw value.

/// A way of touching a collection, named after the public member that does it.
///
/// The three collection types share the cases; a member that exists on several of them is one case.
public enum AccessOperation: String, Sendable, Hashable, CaseIterable, Codable {
  // The life of a collection.
  case create = "init"
  case destroy = "deinit"
  /// A write that ended in a variable to which another collection had been assigned.
  case assign = "write"

  // Keyed access.
  case subscriptGet = "subscript.get"
  case subscriptSet = "subscript.set"
  case subscriptModify = "subscript.modify"
  case subscriptDefaultGet = "subscript(_:default:).get"
  case subscriptDefaultModify = "subscript(_:default:).modify"
  case subscriptPosition = "subscript(position:).get"
  case subscriptBoundsGet = "subscript(bounds:).get"
  case subscriptBoundsSet = "subscript(bounds:).set"
  case subscriptBoundsModify = "subscript(bounds:).modify"
  case subscriptSubranges = "subscript(subranges:).get"
  case updateValue = "updateValue(_:forKey:)"
  case removeValue = "removeValue(forKey:)"
  case removeAtIndex = "remove(at:)"
  case removeAll = "removeAll(keepingCapacity:)"
  case merge = "merge(_:uniquingKeysWith:)"
  case merging = "merging(_:uniquingKeysWith:)"
  case popFirst = "popFirst()"
  case reserveCapacity = "reserveCapacity(_:)"

  // Reads of the whole.
  case count = "count"
  case isEmpty = "isEmpty"
  case capacity = "capacity"
  case underestimatedCount = "underestimatedCount"
  case keys = "keys"
  case valuesGet = "values.get"
  case valuesModify = "values.modify"
  case makeIterator = "makeIterator()"
  case equals = "=="
  case hash = "hash(into:)"
  case dictionary = "dictionary"
  case set = "set"
  case array = "array"
  case description = "description"
  case debugDescription = "debugDescription"
  case customMirror = "customMirror"
  case encode = "encode(to:)"
  case lazy = "lazy"
  case enumerated = "enumerated()"
  case contiguousElements = "Array.init(_:)"

  // Moving among the elements.
  case startIndex = "startIndex"
  case endIndex = "endIndex"
  case indices = "indices"
  case indexAfter = "index(after:)"
  case indexBefore = "index(before:)"
  case indexOffsetBy = "index(_:offsetBy:)"
  case indexOffsetByLimitedBy = "index(_:offsetBy:limitedBy:)"
  case formIndexAfter = "formIndex(after:)"
  case formIndexBefore = "formIndex(before:)"
  case formIndexOffsetBy = "formIndex(_:offsetBy:)"
  case formIndexOffsetByLimitedBy = "formIndex(_:offsetBy:limitedBy:)"
  case distance = "distance(from:to:)"
  case indexForKey = "index(forKey:)"
  case firstIndexOf = "firstIndex(of:)"
  case firstIndexWhere = "firstIndex(where:)"
  case lastIndexOf = "lastIndex(of:)"
  case lastIndexWhere = "lastIndex(where:)"
  case indicesOf = "indices(of:)"
  case indicesWhere = "indices(where:)"

  // Reads that go through the elements.
  case forEach = "forEach(_:)"
  case map = "map(_:)"
  case compactMap = "compactMap(_:)"
  case flatMap = "flatMap(_:)"
  case filter = "filter(_:)"
  case mapValues = "mapValues(_:)"
  case compactMapValues = "compactMapValues(_:)"
  case reduce = "reduce(_:_:)"
  case reduceInto = "reduce(into:_:)"
  case contains = "contains(_:)"
  case containsWhere = "contains(where:)"
  case allSatisfy = "allSatisfy(_:)"
  case countWhere = "count(where:)"
  case first = "first"
  case firstWhere = "first(where:)"
  case last = "last"
  case lastWhere = "last(where:)"
  case min = "min()"
  case minBy = "min(by:)"
  case max = "max()"
  case maxBy = "max(by:)"
  case sorted = "sorted()"
  case sortedBy = "sorted(by:)"
  case reversed = "reversed()"
  case shuffled = "shuffled()"
  case shuffledUsing = "shuffled(using:)"
  case randomElement = "randomElement()"
  case randomElementUsing = "randomElement(using:)"
  case elementsEqual = "elementsEqual(_:)"
  case elementsEqualBy = "elementsEqual(_:by:)"
  case startsWith = "starts(with:)"
  case startsWithBy = "starts(with:by:)"
  case lexicographicallyPrecedes = "lexicographicallyPrecedes(_:)"
  case lexicographicallyPrecedesBy = "lexicographicallyPrecedes(_:by:)"
  case joined = "joined()"
  case joinedSeparator = "joined(separator:)"
  case difference = "difference(from:)"
  case differenceBy = "difference(from:by:)"
  case applying = "applying(_:)"

  // Parts.
  case dropFirst = "dropFirst(_:)"
  case dropLast = "dropLast(_:)"
  case dropWhile = "drop(while:)"
  case prefix = "prefix(_:)"
  case prefixUpTo = "prefix(upTo:)"
  case prefixThrough = "prefix(through:)"
  case prefixWhile = "prefix(while:)"
  case suffix = "suffix(_:)"
  case suffixFrom = "suffix(from:)"
  case split = "split(separator:maxSplits:omittingEmptySubsequences:)"
  case splitWhere = "split(maxSplits:omittingEmptySubsequences:whereSeparator:)"
  case removingSubranges = "removingSubranges(_:)"

  // Sets.
  case insert = "insert(_:)"
  case update = "update(with:)"
  case remove = "remove(_:)"
  case union = "union(_:)"
  case formUnion = "formUnion(_:)"
  case intersection = "intersection(_:)"
  case formIntersection = "formIntersection(_:)"
  case symmetricDifference = "symmetricDifference(_:)"
  case formSymmetricDifference = "formSymmetricDifference(_:)"
  case subtracting = "subtracting(_:)"
  case subtract = "subtract(_:)"
  case isSubset = "isSubset(of:)"
  case isStrictSubset = "isStrictSubset(of:)"
  case isSuperset = "isSuperset(of:)"
  case isStrictSuperset = "isStrictSuperset(of:)"
  case isDisjoint = "isDisjoint(with:)"

  // Arrays.
  case append = "append(_:)"
  case appendContentsOf = "append(contentsOf:)"
  case appendAddingCapacity = "append(addingCapacity:initializingWith:)"
  case plus = "+"
  case plusEquals = "+="
  case insertAt = "insert(_:at:)"
  case insertContentsOf = "insert(contentsOf:at:)"
  case removeFirst = "removeFirst()"
  case removeFirstCount = "removeFirst(_:)"
  case removeLast = "removeLast()"
  case removeLastCount = "removeLast(_:)"
  case popLast = "popLast()"
  case removeAllWhere = "removeAll(where:)"
  case removeSubrange = "removeSubrange(_:)"
  case removeSubranges = "removeSubranges(_:)"
  case replaceSubrange = "replaceSubrange(_:with:)"
  case moveSubranges = "moveSubranges(_:to:)"
  case swapAt = "swapAt(_:_:)"
  case reverse = "reverse()"
  case sort = "sort()"
  case sortBy = "sort(by:)"
  case shuffle = "shuffle()"
  case shuffleUsing = "shuffle(using:)"
  case partition = "partition(by:)"
  case span = "span"
  case mutableSpan = "mutableSpan"
  case withContiguousStorageIfAvailable = "withContiguousStorageIfAvailable(_:)"
  case withContiguousMutableStorageIfAvailable = "withContiguousMutableStorageIfAvailable(_:)"
  case withUnsafeBufferPointer = "withUnsafeBufferPointer(_:)"
  case withUnsafeMutableBufferPointer = "withUnsafeMutableBufferPointer(_:)"
  case withUnsafeBytes = "withUnsafeBytes(_:)"
  case withUnsafeMutableBytes = "withUnsafeMutableBytes(_:)"

  // Variables, with `@Audited`.
  case wrappedValueGet = "wrappedValue.get"
  case wrappedValueSet = "wrappedValue.set"
  case wrappedValueModify = "wrappedValue.modify"

  /// Whether the access is made by a coroutine, which can span an `await` and then end on another
  /// thread than it began on.
  package var mayMove: Bool {
    switch self {
    case .subscriptModify, .subscriptDefaultModify, .subscriptBoundsModify, .valuesModify, .wrappedValueModify, .span:
      true
    default: false
    }
  }

  /// The byte a record stores: the case's position in the declaration.
  @inlinable
  package var code: UInt8 {
    @inline(always) get { unsafeBitCast(self, to: UInt8.self) }
  }

  /// The operation with the given code; `nil` for a byte that no build of this version wrote.
  package init?(code: UInt8) {
    // The last case. Not by `allCases`, which is an array that is made for each call.
    guard code <= AccessOperation.wrappedValueModify.code else { return nil }
    self = unsafeBitCast(code, to: AccessOperation.self)
  }
}
