// SPDX-License-Identifier: Apache-2.0
//
// Bad use: each scenario runs once with the plain type and once with the audited one, and both must
// end alike. Also closures that throw: the window ends with them.

import AuditedCollections
import Foundation

enum BadUseScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "bad-literal-plain": { _ = ["a": 1, name("a"): 2] as [String: Int] },
    "bad-literal-audited": { _ = ["a": 1, name("a"): 2] as AuditedDictionary },
    "bad-unique-plain": { _ = Dictionary(uniqueKeysWithValues: [("a", 1), ("a", 2)]) },
    "bad-unique-audited": { _ = AuditedDictionary(uniqueKeysWithValues: [("a", 1), ("a", 2)]) },
    "bad-foreign-index-plain": { _ = [1: 1, 2: 2][foreignIndex()] },
    "bad-foreign-index-audited": { _ = ([1: 1, 2: 2] as AuditedDictionary)[foreignIndex()] },
    "bad-end-index-plain": {
      let dictionary = [1: 1]
      _ = dictionary[dictionary.endIndex]
    },
    "bad-end-index-audited": {
      let dictionary: AuditedDictionary = [1: 1]
      _ = dictionary[dictionary.endIndex]
    },
    "bad-remove-plain": {
      var dictionary = [1: 1, 2: 2]
      dictionary.remove(at: foreignIndex())
    },
    "bad-remove-audited": {
      var dictionary: AuditedDictionary = [1: 1, 2: 2]
      dictionary.remove(at: foreignIndex())
    },
    "bad-set-index-plain": { _ = Set([1])[Set([1, 2]).endIndex] },
    "bad-set-index-audited": { _ = AuditedSet([1])[Set([1, 2]).endIndex] },
    "bad-set-first-plain": {
      var set = Set<Int>()
      set.removeFirst()
    },
    "bad-set-first-audited": {
      var set = AuditedSet<Int>()
      set.removeFirst()
    },
    "bad-array-index-plain": { _ = [1, 2][number(2)] },
    "bad-array-index-audited": { _ = ([1, 2] as AuditedArray)[number(2)] },
    "bad-array-assign-plain": {
      var array = [1, 2]
      array[number(-1)] = 1
    },
    "bad-array-assign-audited": {
      var array: AuditedArray = [1, 2]
      array[number(-1)] = 1
    },
    "bad-array-last-plain": {
      var array = [Int]()
      array.removeLast()
    },
    "bad-array-last-audited": {
      var array = AuditedArray<Int>()
      array.removeLast()
    },
    "bad-array-range-plain": {
      var array = [1]
      array.removeSubrange(0..<number(5))
    },
    "bad-array-range-audited": {
      var array: AuditedArray = [1]
      array.removeSubrange(0..<number(5))
    },
    "throwing-closures": { throwingClosures() },
  ]

  /// A text that the compiler cannot compute in advance.
  @inline(never) static func name(_ text: String) -> String { String(text.reversed()) }
  @inline(never) static func number(_ number: Int) -> Int { number }
  static func foreignIndex() -> Dictionary<Int, Int>.Index {
    var other: [Int: Int] = [:]
    for number in 0..<1_000 { other[number] = number }
    return other.index(forKey: 999)!
  }

  struct Failure: Error {}

  /// After each closure that throws, another thread reads and writes: there is no overlap.
  static func throwingClosures() {
    let dictionary = Shared<AuditedDictionary<Int, Int>>([1: 1, 2: 2])
    let set = Shared<AuditedSet<Int>>([1, 2])
    let array = Shared<AuditedArray<Int>>([2, 1])
    let bodies: [() throws -> Void] = [
      { try dictionary.value.merge([1: 2]) { _, _ in throw Failure() } },
      { _ = try dictionary.value.mapValues { _ -> Int in throw Failure() } },
      { _ = try dictionary.value.map { _ -> Int in throw Failure() } },
      { _ = try dictionary.value.filter { _ in throw Failure() } },
      { try dictionary.value.forEach { _ in throw Failure() } },
      { dictionary.value[1, default: 0] = try fail() },
      { try fail(&dictionary.value[1, default: 0]) },
      { try fail(&dictionary.value.values) },
      { _ = try set.value.filter { _ in throw Failure() } },
      { _ = try set.value.sorted { _, _ in throw Failure() } },
      { try array.value.sort { _, _ in throw Failure() } },
      { try array.value.removeAll { _ in throw Failure() } },
      { _ = try array.value.partition { _ in throw Failure() } },
      { try array.value.withUnsafeMutableBufferPointer { _ in throw Failure() } },
      { try array.value.withUnsafeBytes { _ in throw Failure() } },
      { try fail(&array.value[0]) },
      { try fail(&array.value[0..<1]) },
    ]
    for body in bodies {
      do {
        try body()
        fatalError("the closure did not throw")
      } catch {}
      onThreads(1) { number in
        dictionary.value[number + 7] = dictionary.value[1]
        set.value.insert(array.value.count)
        array.value.append(set.value.count)
      }
    }
  }

  static func fail() throws -> Int { throw Failure() }
  static func fail<Value>(_ value: inout Value) throws { throw Failure() }
}
