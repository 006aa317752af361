// SPDX-License-Identifier: Apache-2.0
//
// Hashes spread common keys, with any secret.

import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct KeyHasherTests {
    /// The average number of keys in a key's place, that key included.
    private func crowding(_ hashes: [UInt], shift: UInt, places: UInt) -> Double {
      var counts = [Int](repeating: 0, count: Int(places))
      for hash in hashes { counts[Int((hash >> shift) & (places - 1))] += 1 }
      return Double(counts.reduce(0) { $0 + $1 * $1 }) / Double(hashes.count)
    }

    @Test(
      "integers in a row, or some power of two apart, are spread over shards and tables, whatever the secret",
      arguments: [0, 3, 12, 32, 56])
    func spreads(shift: Int) {
      var (shards, tables) = (0.0, 0.0)
      for _ in 0..<3000 {
        let hasher = KeyHasher<Int>()
        let hashes = (0..<100).map { hasher.hash($0 << shift) }
        shards = max(shards, crowding(hashes, shift: 48, places: 128))
        tables = max(tables, crowding(hashes, shift: 0, places: 256))
      }
      // 1.8 and 1.4 on average for random places; 50 and more with one multiplication only.
      #expect(shards < 3.5)
      #expect(tables < 3)
    }
  }
}
