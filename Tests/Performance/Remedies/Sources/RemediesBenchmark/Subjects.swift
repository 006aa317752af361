// SPDX-License-Identifier: Apache-2.0
//
// The dictionaries of this project that threads use. Each adds nothing to the type in its name.

import ConcurrentCollections

/// A map from keys to integers, used by threads.
protocol Subject: Sendable {
  associatedtype Key: BenchmarkKey
  static var name: String { get }
  /// True when only one thread may use it.
  static var isForOneThread: Bool { get }
  init(_ elements: [Key: Int])
  func read(_ key: Key) -> Int?
  func write(_ key: Key, _ value: Int)
}

extension Subject {
  static var isForOneThread: Bool { false }
}

/// A dictionary that can be held for a time.
protocol HoldableSubject: Subject {
  /// Runs a closure while no other thread uses the dictionary.
  func hold(_ body: () -> Void)
}

struct LockedSubject<Key: BenchmarkKey>: HoldableSubject {
  static var name: String { "LockedDictionary" }
  private let dictionary: LockedDictionary<Key, Int>

  init(_ elements: [Key: Int]) { dictionary = LockedDictionary(elements) }
  func read(_ key: Key) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Key, _ value: Int) { dictionary.updateValue(value, forKey: key) }
  func hold(_ body: () -> Void) { dictionary.withExclusive { _ in body() } }
}

struct ReadWriteSubject<Key: BenchmarkKey>: HoldableSubject {
  static var name: String { "ReadWriteDictionary" }
  private let dictionary: ReadWriteDictionary<Key, Int>

  init(_ elements: [Key: Int]) { dictionary = ReadWriteDictionary(elements) }
  func read(_ key: Key) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Key, _ value: Int) { dictionary.updateValue(value, forKey: key) }
  func hold(_ body: () -> Void) { dictionary.withExclusive { _ in body() } }
}

struct ShardedSubject<Key: BenchmarkKey>: Subject {
  static var name: String { "ShardedDictionary" }
  private let dictionary: ShardedDictionary<Key, Int>

  init(_ elements: [Key: Int]) { dictionary = ShardedDictionary(elements) }
  func read(_ key: Key) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Key, _ value: Int) { dictionary.updateValue(value, forKey: key) }
}

struct ReadMostlySubject<Key: BenchmarkKey>: Subject {
  static var name: String { "ReadMostlyDictionary" }
  private let dictionary: ReadMostlyDictionary<Key, Int>

  init(_ elements: [Key: Int]) { dictionary = ReadMostlyDictionary(elements) }
  func read(_ key: Key) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Key, _ value: Int) { dictionary.updateValue(value, forKey: key) }
}
