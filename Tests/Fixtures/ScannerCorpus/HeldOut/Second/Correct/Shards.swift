// SPDX-License-Identifier: Apache-2.0
// Correct: a table split into shards, each with a lock of its own.
import Foundation

final class Shard {
  private let lock = NSLock()
  private var values: [String: Int] = [:]

  func update(_ key: String, _ change: (inout Int?) -> Void) {
    lock.lock()
    defer { lock.unlock() }
    change(&values[key])
  }

  var count: Int {
    lock.lock()
    defer { lock.unlock() }
    return values.count
  }
}

final class ShardedTable: @unchecked Sendable {
  private let shards = (0..<16).map { _ in Shard() }

  subscript(key: String) -> Int? {
    get {
      var found: Int?
      shard(key).update(key) { found = $0 }
      return found
    }
    set {
      shard(key).update(key) { $0 = newValue }
    }
  }

  var count: Int { shards.reduce(0) { $0 + $1.count } }

  private func shard(_ key: String) -> Shard {
    shards[(key.hashValue & .max) % shards.count]
  }
}

func fill(_ table: ShardedTable) {
  DispatchQueue.concurrentPerform(iterations: 8) { index in
    table["key \(index)"] = index
  }
}
