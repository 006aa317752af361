// SPDX-License-Identifier: Apache-2.0
//
// The types of dictionary by name, for tests that apply to all of them.

import Testing
@testable import ConcurrentCollections

/// The types whose callers need not be asynchronous.
enum Model: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case locked, readWrite, sharded, oneShard, readMostly

  var testDescription: String { rawValue }

  func make<Key: Hashable & Sendable, Value: Sendable>(
    _: Key.Type = Key.self, _: Value.Type = Value.self
  ) -> any ConcurrentDictionary<Key, Value> {
    switch self {
    case .locked: LockedDictionary<Key, Value>()
    case .readWrite: ReadWriteDictionary<Key, Value>()
    case .sharded: ShardedDictionary<Key, Value>()
    case .oneShard: ShardedDictionary<Key, Value>(shards: 1)
    case .readMostly: ReadMostlyDictionary<Key, Value>()
    }
  }
}
