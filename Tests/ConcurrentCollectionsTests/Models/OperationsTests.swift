// SPDX-License-Identifier: Apache-2.0
//
// The further operations of every type, on one thread. The histories test them beside other
// threads.

import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct OperationsTests {
    private struct Stop: Error {}

    @Test("an optional value is inserted, changed in place and removed", arguments: Model.allCases)
    func optionalValue(_ model: Model) throws {
      let dictionary = model.make(String.self, [Int].self)
      let isNew = dictionary.withValue(forKey: "a") { value in
        defer { value = [1] }
        return value == nil
      }
      #expect(isNew)
      dictionary.withValue(forKey: "a") { $0?.append(2) }
      #expect(dictionary["a"] == [1, 2])
      dictionary.withValue(forKey: "b") { _ in }
      #expect(dictionary.count == 1, "nil in the place of nil is no element")
      #expect(throws: Stop.self) {
        try dictionary.withValue(forKey: "a") { value in
          value = nil
          throw Stop()
        }
      }
      #expect(dictionary.isEmpty, "what the closure has left holds when it throws as well")
    }

    @Test("removals by withValue leave every other key where it can be found", arguments: Model.allCases)
    func manyRemovals(_ model: Model) {
      let dictionary = model.make(CollidingKey.self, Int.self)
      for number in 0..<200 { dictionary.withValue(forKey: CollidingKey(number: number)) { $0 = number } }
      for number in stride(from: 0, to: 200, by: 3) {
        dictionary.withValue(forKey: CollidingKey(number: number)) { $0 = nil }
      }
      for number in 0..<200 {
        #expect(dictionary[CollidingKey(number: number)] == (number.isMultiple(of: 3) ? nil : number))
      }
      #expect(dictionary.count == 133)
    }

    @Test("conditional changes", arguments: Model.allCases)
    func conditional(_ model: Model) {
      let dictionary = model.make(String.self, Int.self)
      #expect(dictionary.updateValueIfPresent(1, forKey: "a") == nil)
      #expect(dictionary.isEmpty)
      dictionary.updateValue(1, forKey: "a")
      #expect(dictionary.updateValueIfPresent(2, forKey: "a") == 1)
      #expect(!dictionary.replaceValue(1, with: 3, forKey: "a"))
      #expect(dictionary.replaceValue(2, with: 3, forKey: "a"))
      #expect(!dictionary.replaceValue(2, with: 3, forKey: "b"))
      #expect(!dictionary.removeValue(2, forKey: "a"))
      #expect(dictionary["a"] == 3)
      #expect(dictionary.removeValue(3, forKey: "a"))
      #expect(!dictionary.removeValue(3, forKey: "a"))
      #expect(dictionary.isEmpty)
    }

    @Test("all elements: removal, room, count, chunks", arguments: Model.allCases)
    func whole(_ model: Model) {
      let dictionary = model.make(Int.self, Int.self)
      dictionary.reserveCapacity(5000)
      for key in 0..<5000 { dictionary.updateValue(key * 2, forKey: key) }
      #expect(dictionary.approximateCount == 5000)
      var seen: [Int: Int] = [:]
      var largest = 0
      dictionary.forEachChunk { chunk in
        largest = max(largest, chunk.count)
        for (key, value) in chunk {
          #expect(seen.updateValue(value, forKey: key) == nil, "an element came twice")
          // The closure may use the dictionary: elements that it removes are not passed later,
          // elements that it adds may be.
          if key.isMultiple(of: 2) { dictionary.removeValue(forKey: key + 1) }
        }
      }
      #expect(seen.allSatisfy { $0.value == $0.key * 2 })
      #expect((0..<2500).allSatisfy { seen[2 * $0] != nil }, "what is there throughout is passed")
      #expect(model == .oneShard || largest <= 400, "\(largest) elements at one time")
      #expect(dictionary.removeAll() == 2500)
      #expect(dictionary.isEmpty && dictionary.snapshot().isEmpty)
      dictionary.forEachChunk { _ in Issue.record("no chunk is empty") }
    }

    @Test("each type can be written as a literal, and needs different keys")
    func literals() async {
      let locked: LockedDictionary<String, Int> = ["a": 1, "b": 2]
      let readWrite: ReadWriteDictionary<String, Int> = ["a": 1, "b": 2]
      let sharded: ShardedDictionary<String, Int> = ["a": 1, "b": 2]
      let readMostly: ReadMostlyDictionary<String, Int> = ["a": 1, "b": 2]
      let serial = SerialDictionary(["a": 1, "b": 2])
      let all = [locked.snapshot(), readWrite.snapshot(), sharded.snapshot(), readMostly.snapshot()]
      #expect(all.allSatisfy { $0 == ["a": 1, "b": 2] })
      #expect(await serial.snapshot() == ["a": 1, "b": 2])
      await #expect(processExitsWith: .failure) {
        let key = "a"
        let wrong: LockedDictionary<String, Int> = [key: 1, key: 2]
        _ = wrong.count
      }
    }

    @Test("values live as long as they are in the dictionary or held", arguments: Model.allCases)
    func lifetimes(_ model: Model) {
      let counter = LifeCounter()
      do {
        let dictionary = model.make(Int.self, Counted.self)
        for key in 0..<100 { dictionary.withValue(forKey: key) { $0 = counter.make(key) } }
        for key in 0..<50 { dictionary.withValue(forKey: key) { $0 = nil } }
        for key in 50..<60 { dictionary.updateValueIfPresent(counter.make(-key), forKey: key) }
        for key in 60..<70 { dictionary.withValue(forKey: key) { #expect($0?.isWhole == true) } }
        (dictionary as? ReadMostlyDictionary<Int, Counted>)?.reclaim()
        #expect(counter.alive == 50)
        dictionary.removeAll()
        (dictionary as? ReadMostlyDictionary<Int, Counted>)?.reclaim()
        #expect(counter.alive == 0)
      }
      #expect(counter.alive == 0)
    }

    @Test("the safe dictionary and the actor do the same")
    func asynchronous() async throws {
      let safe = SafeDictionary(ShardedDictionary<Int, Int>())
      try await safe.withValue(forKey: 1) { $0 = 10 }
      #expect(try await safe.updateValueIfPresent(11, forKey: 1) == 10)
      #expect(try await safe.updateValueIfPresent(11, forKey: 2) == nil)
      #expect(try await safe.replaceValue(11, with: 12, forKey: 1))
      #expect(try await !safe.removeValue(11, forKey: 1))
      await #expect(throws: SafeDictionaryError.self) {
        try await safe.withValue(forKey: 1) { value in
          value = nil
          throw Stop()
        }
      }
      #expect(try await safe.value(forKey: 1) == 12, "here nothing is changed when the closure throws")
      try await safe.withValue(forKey: 1) { $0 = nil }
      #expect(await safe.approximateCount == 0)
      for key in 0..<1000 { try await safe.updateValue(key, forKey: key) }
      let seen = Tally()
      try await safe.forEachChunk { for _ in $0 { seen.add() } }
      #expect(seen.value == 1000)
      #expect(try await safe.removeAll() == 1000)

      let serial = SerialDictionary<Int, Int>()
      await serial.reserveCapacity(10)
      await serial.withValue(forKey: 1) { $0 = 10 }
      #expect(await serial.updateValueIfPresent(11, forKey: 1) == 10)
      #expect(await serial.replaceValue(11, with: 12, forKey: 1))
      #expect(await !serial.removeValue(11, forKey: 1))
      #expect(await serial.removeAll() == 1)
    }
  }
}
