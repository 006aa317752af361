// SPDX-License-Identifier: Apache-2.0
//
// The table under the models, in memory of its owner's and in its own.

import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct HashedStoreTests {
    /// Runs a body with a table in memory that has a pattern behind its end, and checks the pattern.
    private func withTableInRoom<Value>(_ body: (inout HashedStore<Int, Value>) -> Void) {
      let size = HashedStore<Int, Value>.roomSize
      let room = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: 16)
      defer { room.deallocate() }
      (room + size).initializeMemory(as: UInt8.self, repeating: 0x5A, count: 64)
      do {
        var table = HashedStore<Int, Value>(room: room)
        body(&table)
      }
      let behind = UnsafeRawBufferPointer(start: room + size, count: 64)
      #expect(behind.allSatisfy { $0 == 0x5A }, "written beyond the room")
    }

    @Test("random operations agree with Dictionary while the table stays in its room", arguments: [1, 3, 1000])
    func staysInRoom(hashes: UInt) {
      var random = SeededGenerator(seed: SeededGenerator.runSeed)
      withTableInRoom { (table: inout HashedStore<Int, Int>) in
        var plain: [Int: Int] = [:]
        for step in 0..<20_000 {
          // Six elements at most, with colliding hashes.
          let key = Int.random(in: 0..<6, using: &random)
          let hash = UInt(key) % hashes | KeyHasher<Int>.mark
          let isStored = Bool.random(using: &random)
          let old = isStored ? table.update(hash, key, step) : table.remove(hash, key)
          #expect(old == (isStored ? plain.updateValue(step, forKey: key) : plain.removeValue(forKey: key)))
          let count = table.count
          #expect(count == plain.count)
        }
        for key in 0..<6 {
          let value = table.value(UInt(key) % hashes | KeyHasher<Int>.mark, key)
          #expect(value == plain[key])
        }
        let hasLeft = table.ownsEntries
        #expect(!hasLeft)
      }
    }

    @Test("a table that grows leaves its room with every element and destroys each once", arguments: [0, 1, 6, 7, 500])
    func leavesRoom(count: Int) {
      let counter = LifeCounter()
      let hasher = KeyHasher<Int>()
      withTableInRoom { (table: inout HashedStore<Int, Counted>) in
        for key in 0..<count { _ = table.update(hasher.hash(key), key, counter.make(key)) }
        let hasLeft = table.ownsEntries
        #expect(hasLeft == (count > 6))
        for key in 0..<count {
          let number = table.value(hasher.hash(key), key)?.number
          #expect(number == key)
        }
        #expect(counter.alive == count)
      }
      #expect(counter.alive == 0)
    }

    @Test("keys with an alignment of more than a word have their place")
    func aligned() {
      let dictionary = ShardedDictionary<SIMD8<Double>, SIMD4<Int>>()
      for number in 0..<300 {
        dictionary.updateValue(SIMD4(repeating: number), forKey: SIMD8(repeating: Double(number)))
      }
      for number in 0..<300 {
        #expect(dictionary[SIMD8(repeating: Double(number))] == SIMD4(repeating: number))
      }
    }
  }
}
