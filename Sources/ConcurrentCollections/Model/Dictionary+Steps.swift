// SPDX-License-Identifier: Apache-2.0
//
// Steps on a plain dictionary that leave what they take out to the caller, who destroys it where
// that does no harm.

extension Dictionary {
  /// Runs a closure with the value of a key, or nil, and stores or removes what it leaves.
  ///
  /// - Parameter stored: Has the dictionary's own key after a removal, for the caller to destroy.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  mutating func changeValue<Result, Failure: Error>(
    forKey key: Key, keeping stored: inout Key?, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // A key without references has nothing to be destroyed.
    if !_isPOD(Key.self), let index = index(forKey: key) { stored = self[index].key }
    return try body(&self[key])
  }

  /// Stores a value; the key that is there stays.
  @inlinable
  mutating func exchangeValue(_ value: Value, forKey key: Key) -> Value? {
    guard let index = index(forKey: key) else {
      self[key] = value
      return nil
    }
    var value = value
    swap(&values[index], &value)
    return value
  }

  /// The elements of some keys, in their order, without those that are gone.
  @inlinable
  func elements(of keys: ArraySlice<Key>) -> [(key: Key, value: Value)] {
    keys.compactMap { key in self[key].map { (key, $0) } }
  }
}

/// Goes through the elements of a dictionary some keys at a time.
@usableFromInline
enum Chunks {
  /// How many elements are copied at one time.
  @inlinable static var size: Int { 256 }

  /// Calls a closure with the elements of the keys, chunk by chunk.
  @inlinable
  static func forEach<Key, Value, Failure: Error>(
    _ keys: [Key], _ elements: (ArraySlice<Key>) -> [(key: Key, value: Value)],
    _ body: ([(key: Key, value: Value)]) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    while start < keys.count {
      let end = min(start + size, keys.count)
      let chunk = elements(keys[start..<end])
      if !chunk.isEmpty { try body(chunk) }
      start = end
    }
  }
}
