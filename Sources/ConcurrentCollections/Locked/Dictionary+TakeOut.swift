// SPDX-License-Identifier: Apache-2.0
//
// The steps on a plain dictionary that destroy nothing, for the models that hold one under a lock.

extension Dictionary {
  /// What was taken out of a dictionary, for the caller to destroy where that does no harm.
  @usableFromInline typealias TakenOut = (elements: [Key: Value], count: Int, rest: [Element])

  /// Removes a key; its own key leaves with the value.
  @inlinable @inline(__always)  // So that it is part of the caller's step.
  mutating func takeOut(_ key: Key) -> Element? {
    guard let index = index(forKey: key) else { return nil }
    return remove(at: index)
  }

  /// Stores a value unless the key has one: one look-up.
  @inlinable @inline(__always)  // So that it is part of the caller's step.
  mutating func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    var isAbsent = false
    func absent() -> Value {
      isAbsent = true
      return value
    }
    func read(_ present: inout Value) -> Value { present }
    let present = read(&self[key, default: absent()])
    return (isAbsent, present)
  }

  /// Removes the elements for which the closure returns true.
  ///
  /// The room of removed elements is given back when at least half are removed. Elements whose keys
  /// do not equal themselves cannot be named, so without them the rest is built anew.
  ///
  /// - Throws: What the closure throws, with nothing removed.
  @inlinable
  mutating func takeOut<Failure: Error>(
    where shouldBeRemoved: (Element) throws(Failure) -> Bool
  ) throws(Failure) -> TakenOut {
    var decisions: [Bool] = []
    decisions.reserveCapacity(count)
    var doomed = 0
    var haveNames = true
    for element in self {
      let isDoomed = try shouldBeRemoved(element)
      if isDoomed {
        doomed += 1
        if !element.key.equalsItself { haveNames = false }
      }
      decisions.append(isDoomed)
    }
    if doomed == 0 { return ([:], 0, []) }
    if doomed * 2 >= count || !haveNames {
      var kept = [Key: Value](minimumCapacity: count - doomed)
      // The order is the same as long as nothing is changed.
      for (element, isDoomed) in zip(self, decisions) where !isDoomed { kept[element.key] = element.value }
      swap(&self, &kept)
      return (kept, doomed, [])
    }
    var keys: [Key] = []
    keys.reserveCapacity(doomed)
    for (element, isDoomed) in zip(self, decisions) where isDoomed { keys.append(element.key) }
    var removed: [Element] = []
    removed.reserveCapacity(doomed)
    for key in keys { if let element = takeOut(key) { removed.append(element) } }
    return ([:], removed.count, removed)
  }
}
