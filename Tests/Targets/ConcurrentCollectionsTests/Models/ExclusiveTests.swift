// SPDX-License-Identifier: Apache-2.0
//
// The dictionary whose values need not be `Sendable`. Which programs compile is looked at by
// `Tests/Fixtures/SharedValues/sending`.

import Synchronization
import Testing

@testable import ConcurrentCollections

/// A value that knows nothing of threads: its count is torn when two use it at once.
private final class Account {
  var bytes = 0
  var half = 0
  var peer: Account?
  private let atTheEnd: @Sendable () -> Void

  init(_ atTheEnd: @escaping @Sendable () -> Void = {}) { self.atTheEnd = atTheEnd }

  deinit { atTheEnd() }

  func use() {
    bytes += 2
    half += 1
  }

  var isWhole: Bool { bytes == 2 * half }
}

extension ExclusiveDictionary {
  /// Whether somebody holds the mutex.
  fileprivate var isHeld: Bool { elements.lock(0).pointee.word.load(ordering: .acquiring) & Lock.held != 0 }
}

extension ConcurrentCollectionsTests {
  @Suite struct ExclusiveTests {
    @Test("the members do what Dictionary's do")
    func members() {
      let dictionary = ExclusiveDictionary<String, Account>(minimumCapacity: 4)
      #expect(dictionary.isEmpty)
      dictionary.updateValue(Account(), forKey: "a")
      dictionary.withValue(forKey: "a", default: Account()) { $0.use() }
      dictionary.withValue(forKey: "b", default: Account()) { $0.use() }
      #expect(dictionary.count == 2)
      #expect(dictionary.withValue(forKey: "a") { $0?.bytes } == 2)
      #expect(dictionary.withValue(forKey: "c") { $0 == nil })
      dictionary.withExclusive { elements in
        elements["a"]?.peer = elements["b"]
        elements["c"] = Account()
      }
      #expect(dictionary.withExclusive { Array($0.keys).sorted() } == ["a", "b", "c"])
      #expect(dictionary.removeValue(forKey: "c"))
      #expect(!dictionary.removeValue(forKey: "c"))
      dictionary.withValue(forKey: "b") { $0 = nil }
      dictionary.reserveCapacity(100)
      let all = dictionary.takeAll()
      #expect(all.count == 1 && all["a"]?.peer?.bytes == 2)
      #expect(dictionary.isEmpty)
      dictionary.withExclusive { $0[""] = Account() }
      #expect(dictionary.removeAll() == 1)
      #expect(ExclusiveDictionary(["x": Account()]).count == 1)
    }

    @Test("a value is one thread's at a time")
    func oneAtATime() async {
      let dictionary = ExclusiveDictionary<Int, Account>()
      let torn = Tally()
      await Team.run(8) { thread in
        for round in 0..<2000 {
          switch (thread &+ round) % 4 {
          case 0: dictionary.updateValue(Account(), forKey: round & 3)
          case 1: dictionary.withValue(forKey: round & 3, default: Account()) { $0.use() }
          case 2:
            // Each refers to the next one, which another key may have.
            let isWhole = dictionary.withExclusive { elements in
              elements[round & 3]?.peer = elements[(round &+ 1) & 3].map { peer in
                peer.use()
                return peer
              }
              defer { elements[round & 3]?.peer = nil }
              return elements.values.allSatisfy(\.isWhole)
            }
            if !isWhole { torn.add() }
          default: dictionary.removeValue(forKey: round & 3)
          }
        }
      }
      #expect(torn.value == 0)
    }

    @Test("single values end under the mutex, what leaves as a whole outside")
    func ends() {
      let dictionary = ExclusiveDictionary<Int, Account>()
      let (inside, outside) = (Tally(), Tally())
      func fill() {
        for key in 0..<4 {
          dictionary.updateValue(
            Account { [weak dictionary] in
              guard let dictionary else { return }
              if dictionary.isHeld { inside.add() } else { outside.add() }
            }, forKey: key)
        }
      }
      fill()
      fill()
      #expect(inside.value == 4)
      dictionary.removeValue(forKey: 0)
      dictionary.withValue(forKey: 1) { $0 = nil }
      dictionary.withExclusive { $0[2] = nil }
      #expect(inside.value == 7)
      #expect(outside.value == 0)
      dictionary.removeAll()
      fill()
      _ = dictionary.takeAll()
      #expect(inside.value == 7)
      #expect(outside.value == 5)
    }

    @Test("a key's end may use the dictionary it was in")
    func keysEnd() {
      let dictionary = ExclusiveDictionary<Dying, Account>()
      let ends = Tally()
      func key(_ number: Int) -> Dying {
        Dying(number) { [weak dictionary] in
          if dictionary?.withExclusive({ _ in true }) == true { ends.add() }
        }
      }
      for number in 0..<3 { dictionary.updateValue(Account(), forKey: key(number)) }
      dictionary.removeValue(forKey: Dying(0) {})
      dictionary.withValue(forKey: Dying(1) {}) { $0 = nil }
      dictionary.removeAll()
      #expect(ends.value == 3)
    }
  }
}
