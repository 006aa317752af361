// SPDX-License-Identifier: Apache-2.0
//
// Removal in one step, for the models that hold a plain dictionary. Only the predicate's code runs here.

extension Dictionary {
  /// Removes the elements for which the closure returns true.
  ///
  /// - Returns: The dictionary as it was, for the caller to destroy where that does no harm, and how many were removed.
  /// - Throws: What the closure throws, with nothing removed.
  @inlinable
  mutating func takeOut<Failure: Error>(
    where shouldBeRemoved: (Element) throws(Failure) -> Bool
  ) throws(Failure) -> ([Key: Value], Int) {
    var doomed: [Key] = []
    for element in self where try shouldBeRemoved(element) { doomed.append(element.key) }
    guard !doomed.isEmpty else { return ([:], 0) }
    var removed: [Key: Value] = [:]
    for key in doomed { removed[key] = removeValue(forKey: key) }
    return (removed, doomed.count)
  }
}
