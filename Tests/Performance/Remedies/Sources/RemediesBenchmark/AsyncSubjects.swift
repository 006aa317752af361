// SPDX-License-Identifier: Apache-2.0
//
// The dictionaries that tasks use. Each does what its name says and nothing more.

import ConcurrentCollections

/// Something that maps integers to integers, used by tasks.
protocol AsyncSubject: Sendable {
  static var name: String { get }
  init(keys: Int) async
  func read(_ key: Int) async -> Int?
  func write(_ key: Int, _ value: Int) async
}

/// What one would write by hand.
actor HandwrittenDictionary {
  private var elements: [Int: Int]

  init(_ elements: [Int: Int]) { self.elements = elements }
  func value(_ key: Int) -> Int? { elements[key] }
  func update(_ key: Int, _ value: Int) { elements[key] = value }
}

struct ActorSubject: AsyncSubject {
  static let name = "actor + Dictionary"
  private let dictionary: HandwrittenDictionary

  init(keys: Int) {
    dictionary = HandwrittenDictionary(Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, $0) }))
  }
  func read(_ key: Int) async -> Int? { await dictionary.value(key) }
  func write(_ key: Int, _ value: Int) async { await dictionary.update(key, value) }
}

struct SerialSubject: AsyncSubject {
  static let name = "SerialDictionary"
  private let dictionary: SerialDictionary<Int, Int>

  init(keys: Int) { dictionary = SerialDictionary(Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, $0) })) }
  func read(_ key: Int) async -> Int? { await dictionary.value(forKey: key) }
  func write(_ key: Int, _ value: Int) async { await dictionary.updateValue(value, forKey: key) }
}

struct SafeSubject: AsyncSubject {
  static let name = "SafeDictionary over ShardedDictionary"
  private let dictionary: SafeDictionary<ShardedDictionary<Int, Int>>

  init(keys: Int) {
    let base = ShardedDictionary<Int, Int>()
    for key in 0..<keys { base.updateValue(key, forKey: key) }
    dictionary = SafeDictionary(base)
  }
  func read(_ key: Int) async -> Int? {
    do { return try await dictionary.value(forKey: key) } catch { return nil }
  }
  func write(_ key: Int, _ value: Int) async { _ = try? await dictionary.updateValue(value, forKey: key) }
}
