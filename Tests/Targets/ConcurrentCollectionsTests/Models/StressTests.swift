// SPDX-License-Identifier: Apache-2.0
//
// Many threads on one dictionary: no update is lost, nothing leaks, no value is torn.

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct StressTests {
    @Test("no atomic change is lost", arguments: Model.allCases, [2, 4, 8])
    func countersAddUp(_ model: Model, _ threads: Int) async {
      let dictionary = model.make(Int.self, Int.self)
      let rounds = 4000
      await Team.run(threads) { thread in
        for round in 0..<rounds {
          dictionary.withValue(forKey: (round &+ thread) % 7, default: 0) { $0 += 1 }
        }
      }
      #expect(dictionary.snapshot().values.reduce(0, +) == threads * rounds)
      #expect(dictionary.count == 7)
    }

    @Test("exactly one insertIfAbsent of a key wins", arguments: Model.allCases)
    func oneWinner(_ model: Model) async {
      let dictionary = model.make(Int.self, Int.self)
      let wins = Atomic<Int>(0)
      await Team.run(4) { thread in
        for key in 0..<3000 where dictionary.insertIfAbsent(thread, forKey: key).inserted {
          wins.add(1, ordering: .relaxed)
        }
      }
      #expect(wins.load(ordering: .relaxed) == 3000)
      #expect(dictionary.count == 3000)
    }

    @Test("values are whole while tables grow and shrink, and none outlives the dictionary", arguments: Model.allCases)
    func lifetimes(_ model: Model) async {
      let counter = LifeCounter()
      let broken = Atomic<Int>(0)
      do {
        let dictionary = model.make(Int.self, Counted.self)
        let seed = SeededGenerator.runSeed
        await Team.run(6) { thread in
          var random = SeededGenerator(seed: seed &+ UInt64(thread))
          for round in 0..<3000 {
            let key = Int.random(in: 0..<(round < 1500 ? 400 : 40), using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: if dictionary.value(forKey: key)?.isWhole == false { broken.add(1, ordering: .relaxed) }
            case 4..<7: dictionary.updateValue(counter.make(key), forKey: key)
            case 7: dictionary.removeValue(forKey: key)
            case 8: dictionary.withValue(forKey: key, default: counter.make(key)) { $0 = counter.make($0.number) }
            default:
              if round.isMultiple(of: 50) { dictionary.removeAll { $0.key.isMultiple(of: 3) } }
              if round.isMultiple(of: 70) {
                for (key, value) in dictionary.snapshot() where value.number != key || !value.isWhole {
                  broken.add(1, ordering: .relaxed)
                }
              }
            }
          }
        }
        if let readMostly = dictionary as? ReadMostlyDictionary<Int, Counted> { readMostly.reclaim() }
        #expect(counter.alive == dictionary.count, "only what is in the dictionary is alive")
      }
      #expect(broken.load(ordering: .relaxed) == 0)
      // The threads' own references to the dictionary end a moment after the threads' work.
      let deadline = ContinuousClock.now.advanced(by: .seconds(20))
      while counter.alive > 0, .now < deadline { try? await Task.sleep(for: .milliseconds(1)) }
      #expect(counter.alive == 0, "everything ends with the dictionary")
    }

    @Test("a snapshot never shows half of an update that came before another", arguments: Model.allCases)
    func snapshotsAreOfOneMoment(_ model: Model) async {
      let dictionary = model.make(Int.self, Int.self)
      for key in 0..<40 { dictionary.updateValue(0, forKey: key) }
      let isDone = Flag()
      let torn = Atomic<Int>(0)
      await Team.run(3) { thread in
        if thread == 0 {
          for number in 1...400 { for key in 0..<40 { dictionary.updateValue(number, forKey: key) } }
          isDone.set()
          return
        }
        // The writer writes the keys in order, so at any moment the numbers decrease at most once,
        // by one.
        while !isDone.isSet {
          let snapshot = dictionary.snapshot()
          let numbers = (0..<40).map { snapshot[$0] ?? -1 }
          if zip(numbers, numbers.dropFirst()).contains(where: { $0 < $1 }) || numbers[0] - numbers[39] > 1 {
            torn.add(1, ordering: .relaxed)
          }
        }
      }
      #expect(torn.load(ordering: .relaxed) == 0)
    }
  }
}
