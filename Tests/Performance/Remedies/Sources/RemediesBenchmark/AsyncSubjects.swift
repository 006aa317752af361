// SPDX-License-Identifier: Apache-2.0
//
// The dictionaries that tasks use. Each adds nothing to the type in its name.

import ConcurrentCollections

/// A map from keys to integers, used by tasks.
protocol AsyncSubject: Sendable {
  associatedtype Key: BenchmarkKey
  static var name: String { get }
  init(_ elements: [Key: Int]) async
  func read(_ key: Key) async -> Int?
  func write(_ key: Key, _ value: Int) async
}

/// The actor that a programmer would write by hand.
actor HandwrittenDictionary<Key: BenchmarkKey> {
  private var elements: [Key: Int]

  init(_ elements: [Key: Int]) { self.elements = elements }
  func value(_ key: Key) -> Int? { elements[key] }
  func update(_ key: Key, _ value: Int) { elements[key] = value }
}

struct ActorSubject<Key: BenchmarkKey>: AsyncSubject {
  static var name: String { "actor + Dictionary" }
  private let dictionary: HandwrittenDictionary<Key>

  init(_ elements: [Key: Int]) { dictionary = HandwrittenDictionary(elements) }
  func read(_ key: Key) async -> Int? { await dictionary.value(key) }
  func write(_ key: Key, _ value: Int) async { await dictionary.update(key, value) }
}

struct SerialSubject<Key: BenchmarkKey>: AsyncSubject {
  static var name: String { "SerialDictionary" }
  private let dictionary: SerialDictionary<Key, Int>

  init(_ elements: [Key: Int]) { dictionary = SerialDictionary(elements) }
  func read(_ key: Key) async -> Int? { await dictionary.value(forKey: key) }
  func write(_ key: Key, _ value: Int) async { await dictionary.updateValue(value, forKey: key) }
}

struct SafeSubject<Key: BenchmarkKey>: AsyncSubject {
  static var name: String { "SafeDictionary over ShardedDictionary" }
  private let dictionary: SafeDictionary<ShardedDictionary<Key, Int>>

  init(_ elements: [Key: Int]) { dictionary = SafeDictionary(ShardedDictionary(elements)) }
  func read(_ key: Key) async -> Int? {
    do { return try await dictionary.value(forKey: key) } catch { return nil }
  }
  func write(_ key: Key, _ value: Int) async { _ = try? await dictionary.updateValue(value, forKey: key) }
}
