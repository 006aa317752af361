// SPDX-License-Identifier: Apache-2.0
//
// How dictionaries are made: by Dictionary's own initialisers, whose result is wrapped. Nothing here is an access.

#if DEBUG || AuditInRelease

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
    /// - Precondition: no key comes twice.
    /// - Complexity: O(n) on average.
    @inlinable
    public init<S: Sequence>(uniqueKeysWithValues keysAndValues: S) where S.Element == (Key, Value) {
      self.init(Dictionary(uniqueKeysWithValues: keysAndValues))
    }

    /// Creates a dictionary of pairs; `combine` decides where a key comes twice.
    ///
    /// - Throws: what `combine` throws.
    /// - Complexity: O(n) on average.
    @inlinable
    public init<S: Sequence>(
      _ keysAndValues: S, uniquingKeysWith combine: (Value, Value) throws -> Value
    ) rethrows where S.Element == (Key, Value) {
      self.init(try Dictionary(keysAndValues, uniquingKeysWith: combine))
    }

    /// Creates a dictionary of arrays of the values that `keyForValue` gives one key.
    ///
    /// - Throws: what `keyForValue` throws.
    /// - Complexity: O(n) on average.
    @inlinable
    public init<S: Sequence>(
      grouping values: S, by keyForValue: (S.Element) throws -> Key
    ) rethrows where Value == [S.Element] {
      self.init(try Dictionary(grouping: values, by: keyForValue))
    }

    /// Creates a dictionary whose keys and values `initializer` writes to memory; it returns their number.
    ///
    /// - Precondition: no key comes twice, unless duplicates are allowed: then the last one stays.
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
    /// - Precondition: no key comes twice.
    /// - Complexity: O(n) on average.
    @inlinable
    public init(dictionaryLiteral elements: (Key, Value)...) {
      var dictionary = Dictionary<Key, Value>(minimumCapacity: elements.count)
      for (key, value) in elements {
        // Not a precondition, so that the message is that of Dictionary's own literal to the word.
        if dictionary.updateValue(value, forKey: key) != nil {
          fatalError("Dictionary literal contains duplicate keys")
        }
      }
      self.init(dictionary)
    }
  }

#endif
