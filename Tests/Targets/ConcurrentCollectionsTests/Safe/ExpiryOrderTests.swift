// SPDX-License-Identifier: Apache-2.0
//
// What is too old is not given out while it is on its way out: each order of the steps of a purge
// and a reader is forced.

import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct ExpiryOrderTests {
    private typealias Safe = SafeDictionary<PausingDictionary>

    /// Whether a task is the test's own, in a write.
    @TaskLocal private static var isWriting = false

    /// A dictionary whose key 1 has the value 1, written long ago, and key 2 the value 2, written
    /// now.
    private func makeAged() async throws -> Safe {
      let dictionary = Safe(PausingDictionary(), configuration: SafeDictionaryConfiguration(lifetime: .halfOfUptime))
      for key in 1...2 { try await dictionary.updateValue(key, forKey: key) }
      let index = try #require(dictionary.index)
      index.withLock { index in
        if let place = index.places[1] { index.nodes[place].writtenAt = Moment(nanoseconds: 0) }
      }
      return dictionary
    }

    private func chunks(_ dictionary: Safe) async throws -> [Int: Int] {
      let seen = Guarded<[Int: Int]>([:])
      try await dictionary.forEachChunk { chunk in
        seen.withLock { seen in for (key, value) in chunk { seen[key] = value } }
      }
      return seen.withLock { $0 }
    }

    @Test("while the purge waits for the wrapped dictionary")
    func duringRemoval() async throws {
      let dictionary = try await makeAged()
      let isRemoving = Flag()
      let mayRemove = Flag()
      dictionary.base.once(.beforeRemoval) {
        isRemoving.set()
        #expect(await mayRemove.waitAsync())
      }
      let purge = Task { try await dictionary.purgeExpired() }
      #expect(await isRemoving.waitAsync())
      #expect(dictionary.base.base[1] == 1, "it is still there")
      #expect(try await dictionary.value(forKey: 1) == nil)
      #expect(try await dictionary.snapshot() == [2: 2])
      #expect(try await chunks(dictionary) == [2: 2])
      mayRemove.set()
      #expect(try await purge.value == 1)
      #expect(try await dictionary.count() == 1)
      let index = try #require(dictionary.index)
      #expect(index.withLock { $0.places.count } == 1)
    }

    @Test("when the purge comes between the two looks of a read, or a write does")
    func duringARead() async throws {
      let purged = try await makeAged()
      purged.base.once(.afterValue) { _ = try? await purged.purgeExpired() }
      #expect(try await purged.value(forKey: 1) == nil)
      #expect(try await purged.value(forKey: 2) == 2)

      let written = try await makeAged()
      written.base.once(.afterValue) { _ = try? await written.updateValue(3, forKey: 1) }
      #expect(try await written.value(forKey: 1) == nil)
      #expect(try await written.value(forKey: 2) == 2)
      #expect(try await written.value(forKey: 1) == 3)
    }

    @Test("when the purge comes between the two looks of a snapshot, or a write does")
    func duringASnapshot() async throws {
      let purged = try await makeAged()
      purged.base.once(.afterSnapshot) { _ = try? await purged.purgeExpired() }
      #expect(try await purged.snapshot() == [2: 2])

      for step in [PausingStep.beforeSnapshot, .afterSnapshot] {
        let written = try await makeAged()
        written.base.once(step) { _ = try? await written.updateValue(3, forKey: 1) }
        #expect(try await written.snapshot() == [1: 3, 2: 2], "\(step)")
        #expect(written.gate.tryEnterShared() != nil, "nobody is inside alone")
      }
      let other = try await makeAged()
      other.base.once(.afterSnapshot) { _ = try? await other.updateValue(3, forKey: 2) }
      #expect(try await other.snapshot() == [2: 3], "the element that was too old has gone with that write")
    }

    @Test("when the purge comes between the two looks at a chunk")
    func duringChunks() async throws {
      let purged = try await makeAged()
      purged.base.once(.beforeChunks) { _ = try? await purged.purgeExpired() }
      #expect(try await chunks(purged) == [2: 2])
      let written = try await makeAged()
      written.base.once(.beforeChunks) { _ = try? await written.updateValue(3, forKey: 1) }
      #expect(try await chunks(written) == [2: 2], "the value that the chunk has is the old one")
    }

    @Test("the purge that comes by itself holds keys with a high priority")
    func priority() async throws {
      let dictionary = Safe(
        PausingDictionary(), configuration: SafeDictionaryConfiguration(lifetime: .milliseconds(20)))
      let priority = Guarded<TaskPriority?>(nil)
      let isRemoving = Flag()
      // A write removes what is too old as well, and on a busy machine that may be its own element.
      @Sendable func notePurge() {
        dictionary.base.once(.beforeRemoval) {
          if Self.isWriting { return notePurge() }
          let current = Task.currentPriority
          priority.withLock { $0 = current }
          isRemoving.set()
        }
      }
      notePurge()
      var key = 0
      repeat {
        key += 1
        try await Self.$isWriting.withValue(true) { _ = try await dictionary.updateValue(1, forKey: key) }
      } while !(await isRemoving.waitAsync(.milliseconds(100))) && key < 600
      let held = try #require(priority.withLock { $0 })
      #expect(held >= .high)
    }

    @Test("an element on its way out counts no more: nobody evicts another one in its place")
    func oneEviction() async throws {
      let dictionary = Safe(PausingDictionary(), configuration: SafeDictionaryConfiguration(maximumCount: 2))
      for key in 1...2 { try await dictionary.updateValue(key, forKey: key) }
      dictionary.base.once(.beforeRemoval) { _ = try? await dictionary.updateValue(20, forKey: 2) }
      try await dictionary.updateValue(3, forKey: 3)
      #expect(dictionary.base.base.snapshot() == [2: 20, 3: 3])
      #expect(dictionary.statistics.evictions == 1)
      let index = try #require(dictionary.index)
      #expect(index.withLock { $0.leavingCount } == 0)
      #expect(index.withLock { $0.places.count } == 2)
    }
  }
}
