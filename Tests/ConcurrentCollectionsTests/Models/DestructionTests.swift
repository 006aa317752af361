// SPDX-License-Identifier: Apache-2.0
//
// Keys and values whose deinitialisers read and write the dictionary they were in. An operation
// destroys removed and replaced elements outside its lock, so no deinitialiser waits for its own
// operation. Otherwise debug builds would stop and optimised ones would hang.

import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct DestructionTests {
    typealias Subject = any ConcurrentDictionary<ReenteringKey, Reentering>

    /// The operations that remove or replace elements; each leaves the keys that it names.
    private static let operations: [(name: String, run: @Sendable (Subject) -> Void)] = [
      ("updateValue", { dictionary in for key in 0..<8 { dictionary.updateValue(.init(nil), forKey: .init(key)) } }),
      ("removeValue", { dictionary in for key in 0..<8 { dictionary.removeValue(forKey: .init(key)) } }),
      (
        "insertIfAbsent",
        { dictionary in for key in 0..<8 { dictionary.insertIfAbsent(.init(dictionary), forKey: .init(key)) } }
      ),
      (
        "withValue",
        { dictionary in
          for key in 0..<8 {
            // The closure returns the old value; if it dropped the value itself, the value would be
            // destroyed inside.
            _ = dictionary.withValue(forKey: .init(key), default: .init(nil)) { value in
              defer { value = .init(nil) }
              return value
            }
          }
        }
      ),
      ("removeAll, most", { $0.removeAll { $0.key.number < 7 } }),
      ("removeAll, few", { $0.removeAll { $0.key.number == 3 } }),
      ("removeAll, all", { $0.removeAll { _ in true } }),
      (
        "withExclusive",
        { dictionary in
          switch dictionary {
          case let locked as LockedDictionary<ReenteringKey, Reentering>:
            _ = locked.withExclusive { take(&$0) }
          case let readWrite as ReadWriteDictionary<ReenteringKey, Reentering>:
            _ = readWrite.withExclusive { take(&$0) }
          case let readMostly as ReadMostlyDictionary<ReenteringKey, Reentering>:
            _ = readMostly.withExclusive { take(&$0) }
          default: break
          }
        }
      ),
      (
        "reclaim",
        { dictionary in
          dictionary.removeAll { _ in true }
          (dictionary as? ReadMostlyDictionary<ReenteringKey, Reentering>)?.reclaim()
        }
      ),
    ]

    private static func take(_ elements: inout [ReenteringKey: Reentering]) -> [ReenteringKey: Reentering] {
      defer { elements = [:] }
      return elements
    }

    @Test("the end of a key or value may read and write the dictionary it was in", arguments: Model.allCases)
    func endsMayUseTheDictionary(_ model: Model) {
      for operation in Self.operations {
        let ends = Tally()
        let dictionary = model.make(ReenteringKey.self, Reentering.self)
        for key in 0..<8 {
          dictionary.updateValue(Reentering(dictionary, ends), forKey: ReenteringKey(key, dictionary))
        }
        operation.run(dictionary)
        (dictionary as? ReadMostlyDictionary<ReenteringKey, Reentering>)?.reclaim()
        if operation.name != "withExclusive", operation.name != "insertIfAbsent" {
          #expect(ends.value > 0, "\(operation.name) ended nothing")
        }
        // The remaining elements refer to the dictionary, and would keep it alive.
        dictionary.removeAll { _ in true }
        (dictionary as? ReadMostlyDictionary<ReenteringKey, Reentering>)?.reclaim()
      }
    }
  }
}

/// A value that reads and writes the dictionary when it is destroyed.
final class Reentering: Sendable {
  private let dictionary: (any ConcurrentDictionary<ReenteringKey, Reentering>)?
  private let ends: Tally?

  init(_ dictionary: (any ConcurrentDictionary<ReenteringKey, Reentering>)?, _ ends: Tally? = nil) {
    self.dictionary = dictionary
    self.ends = ends
  }

  deinit {
    ends?.add()
    dictionary?.useAll()
  }
}

/// A key that reads and writes the dictionary when it is destroyed.
final class ReenteringKey: Hashable, Sendable {
  let number: Int
  private let dictionary: (any ConcurrentDictionary<ReenteringKey, Reentering>)?

  init(_ number: Int, _ dictionary: (any ConcurrentDictionary<ReenteringKey, Reentering>)? = nil) {
    self.number = number
    self.dictionary = dictionary
  }

  deinit { dictionary?.useAll() }

  static func == (one: ReenteringKey, other: ReenteringKey) -> Bool { one.number == other.number }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

extension ConcurrentDictionary<ReenteringKey, Reentering> {
  /// Reads and writes with a key that no other element has.
  fileprivate func useAll() {
    _ = count
    _ = value(forKey: ReenteringKey(0))
    updateValue(Reentering(nil), forKey: ReenteringKey(100))
    removeValue(forKey: ReenteringKey(100))
  }
}
