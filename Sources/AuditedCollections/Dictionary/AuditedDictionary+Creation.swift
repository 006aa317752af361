// SPDX-License-Identifier: Apache-2.0
//
// Creation of dictionaries: Dictionary's own initialisers, whose results are wrapped. Nothing here
// accesses a shared dictionary.

#if AUDITED && canImport(Glibc)

extension AuditedDictionary {
  /// The same dictionary: a copy, as by assignment.
  ///
  /// - Complexity: O(1).
  @inlinable
  public init(_ dictionary: AuditedDictionary) { self = dictionary }

  /// Creates an empty dictionary with room for `minimumCapacity` pairs.
  ///
  /// - Complexity: O(minimumCapacity).
  @inlinable
  public init(minimumCapacity: Int) {
    self.init(Dictionary(minimumCapacity: minimumCapacity))
  }

  /// Creates a dictionary of pairs.
  ///
  /// - Precondition: no key occurs twice.
  /// - Complexity: O(n) on average.
  @inlinable
  public init<S: Sequence>(uniqueKeysWithValues keysAndValues: S) where S.Element == (Key, Value) {
    self.init(Dictionary(uniqueKeysWithValues: keysAndValues))
  }

  /// Creates a dictionary of pairs; `combine` gives the value of a key that occurs twice.
  ///
  /// - Throws: the error of `combine`.
  /// - Complexity: O(n) on average.
  @inlinable
  public init<S: Sequence>(
    _ keysAndValues: S, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows where S.Element == (Key, Value) {
    self.init(try Dictionary(keysAndValues, uniquingKeysWith: combine))
  }

  /// Creates a dictionary of arrays: for each key, the values for which `keyForValue` returns it.
  ///
  /// - Throws: the error of `keyForValue`.
  /// - Complexity: O(n) on average.
  @inlinable
  public init<S: Sequence>(
    grouping values: S, by keyForValue: (S.Element) throws -> Key
  ) rethrows where Value == [S.Element] {
    self.init(try Dictionary(grouping: values, by: keyForValue))
  }

  /// Creates a dictionary whose keys and values `initializer` writes to memory; it returns their
  /// number.
  ///
  /// - Precondition: no key occurs twice, unless duplicates are allowed; then the last one stays.
  /// - Complexity: O(n) on average.
  @inlinable
  public init(
    _unsafeUninitializedCapacity capacity: Int, allowingDuplicates: Bool,
    initializingWith initializer: (
      _ keys: UnsafeMutableBufferPointer<Key>, _ values: UnsafeMutableBufferPointer<Value>
    ) -> Int
  ) {
    self.init(
      Dictionary(
        _unsafeUninitializedCapacity: capacity, allowingDuplicates: allowingDuplicates,
        initializingWith: initializer))
  }
}

extension AuditedDictionary: ExpressibleByDictionaryLiteral {
  /// The dictionary of a literal.
  ///
  /// - Precondition: no key occurs twice.
  /// - Complexity: O(n) on average.
  @inlinable @inline(always)
  public init(dictionaryLiteral elements: (Key, Value)...) {
    self.init(wrapping: Dictionary.ofLiteral(elements))
  }
}

extension Dictionary {
  #if compiler(>=6.3) && !compiler(>=6.4)
  /// `Dictionary.init(dictionaryLiteral:)` by its symbol, which every program with a literal
  /// refers to: a call cannot pass on the array that a variadic parameter is. For the compilers
  /// that this was tried with.
  @_silgen_name("$sSD17dictionaryLiteralSDyxq_Gx_q_td_tcfC") @usableFromInline
  static func ofLiteral(_ elements: __owned [(Key, Value)]) -> Dictionary
  #else
  @inlinable
  static func ofLiteral(_ elements: [(Key, Value)]) -> Dictionary {
    // A fatal error in place of a precondition, so that the message is exactly that of
    // Dictionary's own literal.
    Dictionary(elements) { _, _ in fatalError("Dictionary literal contains duplicate keys") }
  }
  #endif
}

#endif
