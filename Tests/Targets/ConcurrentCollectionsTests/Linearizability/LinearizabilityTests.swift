// SPDX-License-Identifier: Apache-2.0
//
// The histories of every dictionary are linearizable, and the checker finds planted faults.

import TestSupport
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct Linearizability {
    static let histories = 10_000

    @Test("10,000 histories of each model on threads have an explanation", arguments: Model.allCases)
    func models(_ model: Model) async {
      let failure = await HistoryRunner.run(Self.histories, seed: SeededGenerator.runSeed) {
        DictionarySubject(dictionary: model.make(Int.self, Int.self))
      }
      #expect(failure == nil, "\(failure.map(\.description) ?? "")")
    }

    @Test("10,000 histories of plain variables under KeyLocks have an explanation")
    func keyLocks() async {
      let failure = await HistoryRunner.run(Self.histories, seed: SeededGenerator.runSeed) { KeyLocksSubject() }
      #expect(failure == nil, "\(failure.map(\.description) ?? "")")
    }

    @Test("10,000 histories of the actor have an explanation")
    func serial() async {
      let failure = await HistoryRunner.runTasks(Self.histories, seed: SeededGenerator.runSeed) {
        AsyncDictionarySubject(dictionary: SerialDictionary<Int, Int>())
      }
      #expect(failure == nil, "\(failure.map(\.description) ?? "")")
    }

    @Test("10,000 histories of the safe dictionary have an explanation")
    func safe() async {
      let failure = await HistoryRunner.runTasks(Self.histories, seed: SeededGenerator.runSeed) {
        SafeSubject(
          dictionary: SafeDictionary(
            ShardedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(timeout: .seconds(600))))
      }
      #expect(failure == nil, "\(failure.map(\.description) ?? "")")
    }

    @Test("each planted bug is found within 10,000 histories", arguments: PlantedBug.allCases)
    func plantedBugs(_ bug: PlantedBug) async {
      let failure = await HistoryRunner.run(Self.histories, seed: SeededGenerator.runSeed) { BuggySubject(bug) }
      #expect(failure != nil, "the checker missed \(bug), seed \(SeededGenerator.runSeed)")
    }

    @Test("overlapping writes may be ordered either way, but not both ways")
    func checkerOnHandwrittenHistories() {
      let write1 = Event(key: 0, operation: .update(1), result: nil, began: 1, ended: 4)
      let write2 = Event(key: 0, operation: .update(2), result: 1, began: 2, ended: 5)
      let read2 = Event(key: 0, operation: .read, result: 2, began: 6, ended: 7)
      let read1 = Event(key: 0, operation: .read, result: 1, began: 8, ended: 9)
      #expect(LinearizabilityChecker.failure(in: [write1, write2, read2]) == nil)
      #expect(LinearizabilityChecker.failure(in: [write1, write2, read2, read1]) != nil)
      let lateNil = Event(key: 0, operation: .read, result: nil, began: 6, ended: 7)
      #expect(LinearizabilityChecker.failure(in: [write1, lateNil]) != nil)
      let earlyNil = Event(key: 0, operation: .read, result: nil, began: 3, ended: 7)
      #expect(LinearizabilityChecker.failure(in: [write1, earlyNil]) == nil)
      let otherKey = Event(key: 1, operation: .read, result: nil, began: 8, ended: 9)
      #expect(LinearizabilityChecker.failure(in: [write1, otherKey]) == nil)
    }
  }
}
