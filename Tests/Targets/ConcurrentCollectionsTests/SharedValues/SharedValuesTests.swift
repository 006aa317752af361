// SPDX-License-Identifier: Apache-2.0
//
// Values that hold references, returned and lent by every member while other threads replace them:
// a value that was read stays unchanged. In an optimised build
// (`Tests/Fixtures/SharedValues/stress`) this finds values that are retained too late.

import Foundation
import Synchronization
import Testing

@testable import ConcurrentCollections

/// A member that returns a value or lends one.
struct ReadingMember: Sendable, CustomTestStringConvertible {
  var testDescription: String
  /// Makes a dictionary and returns two closures: one replaces a value, the other reads values and
  /// checks that they are whole.
  var make: @Sendable () -> (write: @Sendable (Int) -> Void, read: @Sendable (Int) -> Bool)
}

extension ConcurrentCollectionsTests {
  @Suite struct SharedValuesTests {
    @Test("what a member hands out or lends is whole, and stays so, while others replace it", arguments: all)
    func valuesAreWhole(_ member: ReadingMember) async {
      let (write, read) = member.make()
      let torn = Tally()
      let end = ContinuousClock.now.advanced(by: .seconds(seconds))
      await Team.run(16) { thread in
        var round = thread
        while ContinuousClock.now < end {
          for _ in 0..<64 {
            round &+= 16
            if thread < 6 { write(round) } else if !read(round) { torn.add() }
          }
        }
      }
      #expect(torn.value == 0)
    }
  }
}

/// The time for which each member is used: `REMEDIES_SECONDS`, or this.
private let seconds =
  ProcessInfo.processInfo.environment["REMEDIES_SECONDS"].flatMap { Double($0) } ?? usualSeconds

#if DEBUG
/// Only an optimised build moves a retain to where it comes too late.
private let usualSeconds = 0.2
#else
private let usualSeconds = 2.0
#endif

/// Only members whose names contain this: `REMEDIES_MEMBER`.
private let wanted = ProcessInfo.processInfo.environment["REMEDIES_MEMBER"] ?? ""

/// Without the members that ThreadSanitizer reports wrongly: `REMEDIES_WITHOUT_COPIES`. A copy that
/// is read outside the lock shares the dictionary's storage. The last reader passes the storage on
/// through the reference count, which ThreadSanitizer does not see.
private let isWithoutCopies = ProcessInfo.processInfo.environment["REMEDIES_WITHOUT_COPIES"] != nil
private let copies = ["in place", "snapshot()", "withExclusive: whole", "withShared: whole"]

private let all = everyMember.filter { member in
  (wanted.isEmpty || member.testDescription.contains(wanted))
    && !(isWithoutCopies && copies.contains { member.testDescription.hasSuffix($0) })
}

@Sendable private func locked() -> LockedDictionary<Int, ReferenceValue> { LockedDictionary() }
@Sendable private func readWrite() -> ReadWriteDictionary<Int, ReferenceValue> { ReadWriteDictionary() }
@Sendable private func readMostly() -> ReadMostlyDictionary<Int, ReferenceValue> { ReadMostlyDictionary() }

private let everyMember: [ReadingMember] =
  common("LockedDictionary") { LockedDictionary<Int, ReferenceValue>() }
  + common("ReadWriteDictionary") { ReadWriteDictionary<Int, ReferenceValue>() }
  + common("ShardedDictionary") { ShardedDictionary<Int, ReferenceValue>() }
  + common("ReadMostlyDictionary") { ReadMostlyDictionary<Int, ReferenceValue>() }
  + [
    member("LockedDictionary.withExclusive: whole", locked) { dictionary, number in
      // In place, so that a copy that was retained too late would change.
      dictionary.withExclusive { elements in
        for key in 0...1 { elements[key] = ReferenceValue(number) }
      }
    } read: { dictionary, _ in
      let copy = dictionary.withExclusive { $0 }
      return areWhole(copy) && copy[0]?.object.number == copy[1]?.object.number
    },
    member(
      "ReadWriteDictionary.withExclusive: whole", readWrite,
      read: {
        dictionary, _ in
        let copy = dictionary.withExclusive { $0 }
        return areWhole(copy)
      }),
    member(
      "ReadWriteDictionary.withShared: whole", readWrite,
      read: { dictionary, _ in
        let copy = dictionary.withShared { copy $0 }
        return areWhole(copy)
      }),
    member(
      "ReadWriteDictionary.withShared: parts", readWrite,
      read: { dictionary, key in
        arePartsWhole(
          dictionary.withShared { $0[key & 1]?.items }, dictionary.withShared { $0[key & 1]?.object },
          dictionary.withShared { $0[key & 1]?.name })
      }),
    member(
      "ReadMostlyDictionary.withExclusive: whole", readMostly,
      read: {
        dictionary, _ in
        let copy = dictionary.withExclusive { $0 }
        return areWhole(copy)
      }),
    member(
      "ReadMostlyDictionary.withBorrowedValue: parts", readMostly,
      read: {
        dictionary, key in
        arePartsWhole(
          dictionary.withBorrowedValue(forKey: key & 1) { $0.items },
          dictionary.withBorrowedValue(forKey: key & 1) { $0.object },
          dictionary.withBorrowedValue(forKey: key & 1) { $0.name })
      }),
    member(
      "ReadMostlyDictionary.withBorrowedValue: whole", readMostly,
      read: {
        dictionary, key in
        let lent = dictionary.withBorrowedValue(forKey: key & 1) { $0.isWhole }
        let copied = dictionary.withBorrowedValue(forKey: key & 1) { copy $0 }
        return lent != false && copied?.isWhole != false
      }),
  ]

/// The members that every type has, one after the other. Generic, so that each is specialised for
/// the type.
private func common<Subject: ConcurrentDictionary<Int, ReferenceValue>>(
  _ name: String, _ make: @escaping @Sendable () -> Subject
) -> [ReadingMember] {
  [
    member("\(name).value(forKey:)", make) { $0.value(forKey: $1 & 1)?.isWhole != false },
    member("\(name).value(forKey:): parts", make) { dictionary, key in
      arePartsWhole(
        dictionary.value(forKey: key & 1)?.items, dictionary.value(forKey: key & 1)?.object,
        dictionary.value(forKey: key & 1)?.name)
    },
    member("\(name).updateValue(_:forKey:)", make) {
      $0.updateValue(ReferenceValue($1), forKey: $1 & 1)?.isWhole != false
    },
    member("\(name).removeValue(forKey:)", make) { $0.removeValue(forKey: $1 & 1)?.isWhole != false },
    member("\(name).insertIfAbsent(_:forKey:)", make) {
      $0.insertIfAbsent(ReferenceValue($1), forKey: $1 & 1).value.isWhole
    },
    member("\(name).withValue(forKey:default:_:)", make) { dictionary, key in
      let items = dictionary.withValue(forKey: key & 1, default: ReferenceValue(key)) { $0.items }
      let whole = dictionary.withValue(forKey: key & 1, default: ReferenceValue(key)) { $0 }
      return ReferenceValue.isWhole(items) && whole.isWhole
    },
    member("\(name).withValue(forKey:default:_:): in place", make) { dictionary, key in
      let items = dictionary.withValue(forKey: key & 1, default: ReferenceValue(key)) { value in
        for index in value.items.indices { value.items[index] = value.object.number }
        return value.items
      }
      return ReferenceValue.isWhole(items)
    },
    member("\(name).snapshot()", make) { dictionary, _ in areWhole(dictionary.snapshot()) },
    member("\(name).removeAll(where:)", make) { dictionary, key in
      let torn = Tally()
      dictionary.removeAll { element in
        if !element.value.isWhole { torn.add() }
        return element.key == key & 1
      }
      return torn.value == 0
    },
  ]
}

private func member<Subject: ConcurrentDictionary<Int, ReferenceValue>>(
  _ name: String, _ make: @escaping @Sendable () -> Subject,
  write: @escaping @Sendable (Subject, Int) -> Void = { $0.updateValue(ReferenceValue($1), forKey: $1 & 1) },
  read: @escaping @Sendable (Subject, Int) -> Bool
) -> ReadingMember {
  ReadingMember(testDescription: name) {
    let dictionary = make()
    return ({ write(dictionary, $0) }, { read(dictionary, $0) })
  }
}

private func member<Subject: ConcurrentDictionary<Int, ReferenceValue>>(
  _ name: String, _ make: @escaping @Sendable () -> Subject, _ read: @escaping @Sendable (Subject, Int) -> Bool
) -> ReadingMember {
  member(name, make, read: read)
}

private func areWhole(_ elements: [Int: ReferenceValue]) -> Bool {
  // Checked twice: a copy does not change later.
  elements.allSatisfy { $0.value.isWhole } && elements.values.allSatisfy(\.isWhole)
}

private func arePartsWhole(_ items: [Int]?, _ object: Referred?, _ name: String?) -> Bool {
  items.map { ReferenceValue.isWhole($0) } != false && object?.isWhole != false
    && name.map { ReferenceValue.isWhole($0) } != false
}
