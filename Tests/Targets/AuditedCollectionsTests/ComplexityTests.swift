// SPDX-License-Identifier: Apache-2.0
//
// Each operation hashes, compares and copies exactly as often as on the plain type: no access costs
// a second look-up, and no mutation copies where the plain type mutates in place.

import AuditedCollections
import Testing

#if AUDITED && canImport(Glibc)
@Suite(.serialized, .switchesAuditing)
struct ComplexityTests {
  static let modes = [false, true]
  private static let count = 100

  typealias PlainDictionary = [CountedKey: CountedValue]
  typealias TestedDictionary = AuditedDictionary<CountedKey, CountedValue>

  private func pairs(_ range: Range<Int> = 0..<count) -> [(CountedKey, CountedValue)] {
    range.map { (CountedKey($0), CountedValue($0)) }
  }

  /// Both types with room for the elements that the operations add, so that neither grows by
  /// chance of its hash seed.
  private func both() -> (PlainDictionary, TestedDictionary) {
    var plain = PlainDictionary(minimumCapacity: 4 * Self.count)
    var tested = TestedDictionary(minimumCapacity: 4 * Self.count)
    for (key, value) in pairs() { plain[key] = value }
    for (key, value) in pairs() { tested[key] = value }
    return (plain, tested)
  }

  @Test(arguments: modes) func dictionaryOperations_hashAndCopyAsDictionarys(_ isEnabled: Bool) {
    audited(isEnabled) {
      expectEqual("subscript.get", { _ = $0[CountedKey(3)] }, { _ = $0[CountedKey(3)] })
      expectEqual("subscript.set", { $0[CountedKey(3)] = CountedValue(1) }, { $0[CountedKey(3)] = CountedValue(1) })
      expectEqual("subscript.modify", { $0[CountedKey(3)]?.number += 1 }, { $0[CountedKey(3)]?.number += 1 })
      expectEqual("subscript remove", { $0[CountedKey(3)] = nil }, { $0[CountedKey(3)] = nil }, isRemoving: true)
      expectEqual(
        "default.modify", { $0[CountedKey(3), default: CountedValue(0)].number += 1 },
        { $0[CountedKey(3), default: CountedValue(0)].number += 1 })
      expectEqual(
        "default.insert", { $0[CountedKey(500), default: CountedValue(0)].number += 1 },
        { $0[CountedKey(500), default: CountedValue(0)].number += 1 })
      expectEqual(
        "updateValue", { $0.updateValue(CountedValue(1), forKey: CountedKey(3)) },
        { $0.updateValue(CountedValue(1), forKey: CountedKey(3)) })
      expectEqual("index", { _ = $0.index(forKey: CountedKey(3)) }, { _ = $0.index(forKey: CountedKey(3)) })
      expectEqual("keys.contains", { _ = $0.keys.contains(CountedKey(3)) }, { _ = $0.keys.contains(CountedKey(3)) })
      expectEqual(
        "values", { $0.values[$0.index(forKey: CountedKey(3))!].number += 1 },
        { $0.values[$0.index(forKey: CountedKey(3))!].number += 1 })
      expectEqual("mapValues", { _ = $0.mapValues { $0 } }, { _ = $0.mapValues { $0 } })
      expectEqual("map", { _ = $0.map { $0.key } }, { _ = $0.map { $0.key } })
      expectEqual("sorted", { _ = $0.sorted { $0.key < $1.key }.count }, { _ = $0.sorted { $0.key < $1.key }.count })
      expectEqual("count", { _ = $0.count + $0.capacity }, { _ = $0.count + $0.capacity })
      expectEqual("removeAll", { $0.removeAll(keepingCapacity: true) }, { $0.removeAll(keepingCapacity: true) })
      let more = Dictionary(uniqueKeysWithValues: pairs(50..<150))
      expectEqual("merge", { $0.merge(more) { $1 } }, { $0.merge(more) { $1 } })
      expectEqual("hash", { _ = $0.keys.hashes() }, { _ = $0.keys.hashes() })
    }
  }

  /// Comparisons in a sort depend on the order of the elements, and hashings in a removal on the
  /// collisions; both on the table's address.
  private func expectEqual(
    _ name: Comment, _ plainly: (inout PlainDictionary) -> Void, _ tested: (inout TestedDictionary) -> Void,
    isRemoving: Bool = false, at location: SourceLocation = #_sourceLocation
  ) {
    var (plain, audited) = both()
    var expected = ProbeCounts.of { plainly(&plain) }
    let found = ProbeCounts.of { tested(&audited) }
    #expect(abs(expected.comparisons - found.comparisons) <= expected.comparisons / 2, name, sourceLocation: location)
    if isRemoving {
      #expect(abs(expected.hashes - found.hashes) <= 10, name, sourceLocation: location)
      expected.hashes = found.hashes
    }
    expected.comparisons = found.comparisons
    #expect(found == expected, name, sourceLocation: location)
    #expect(audited.dictionary == plain, name, sourceLocation: location)
  }

  @Test(arguments: modes) func setOperations_hashAsSets(_ isEnabled: Bool) {
    audited(isEnabled) {
      let elements = (0..<Self.count).map(CountedKey.init)
      let others = Set((50..<150).map(CountedKey.init))
      func expectEqual(
        _ name: Comment, _ plainly: (inout Set<CountedKey>) -> Void, _ tested: (inout AuditedSet<CountedKey>) -> Void
      ) {
        var plain = Set<CountedKey>(minimumCapacity: 400)
        plain.formUnion(elements)
        var audited = AuditedSet<CountedKey>(minimumCapacity: 400)
        audited.formUnion(elements)
        #expect(ProbeCounts.of { plainly(&plain) } == ProbeCounts.of { tested(&audited) }, name)
        #expect(audited == plain, name)
      }
      expectEqual("contains", { _ = $0.contains(CountedKey(1)) }, { _ = $0.contains(CountedKey(1)) })
      expectEqual("insert", { $0.insert(CountedKey(500)) }, { $0.insert(CountedKey(500)) })
      expectEqual("update", { $0.update(with: CountedKey(1)) }, { $0.update(with: CountedKey(1)) })
      expectEqual("formUnion", { $0.formUnion(others) }, { $0.formUnion(others) })
      // With these arguments the operations visit all members; with others they end early, at a
      // member whose position depends on chance.
      let (all, none) = (Set((0..<200).map(CountedKey.init)), Set((200..<400).map(CountedKey.init)))
      expectEqual("isSubset", { _ = $0.isSubset(of: all) }, { _ = $0.isSubset(of: all) })
      expectEqual("isDisjoint", { _ = $0.isDisjoint(with: none) }, { _ = $0.isDisjoint(with: none) })
      expectEqual("generic", { _ = isElement(CountedKey(99), of: $0) }, { _ = isElement(CountedKey(99), of: $0) })
      expectEqual("firstIndex", { _ = $0.place(of: CountedKey(9)) }, { _ = $0.place(of: CountedKey(9)) })
    }
  }

  private func isElement<S: Sequence>(_ element: S.Element, of sequence: S) -> Bool where S.Element: Equatable {
    sequence.contains(element)
  }

  /// Mutations of an element stay in the element's storage, and those of the array in the
  /// array's.
  @Test(arguments: modes) func arrayMutations_stayInPlace(_ isEnabled: Bool) {
    audited(isEnabled) {
      var array = AuditedArray((0..<Self.count).map(CountedValue.init))
      array.reserveCapacity(2 * Self.count)
      let address = array.withUnsafeBufferPointer { $0.baseAddress }
      let counts = ProbeCounts.of {
        for index in array.indices { array[index].number += 1 }
        array.withUnsafeMutableBufferPointer { $0[0].number += 1 }
        array.withUnsafeMutableBufferPointer { buffer in for index in buffer.indices { buffer[index].number += 1 } }
        array.sort { $0.number > $1.number }
        array.swapAt(0, 1)
        array.reverse()
        array += [CountedValue(7)]
        array.append(CountedValue(8))
        array.removeLast()
        array.removeAll { $0.number == 7 }
        array[0].number += 1
        var span = array.mutableSpan
        span[1].number += 1
      }
      #expect(counts.copies == 0)
      #expect(array.withUnsafeBufferPointer { $0.baseAddress } == address)
    }
  }

  @Test(arguments: modes) func auditedVariables_mutateInPlace(_ isEnabled: Bool) {
    final class Owner {
      @Audited var values = [CountedValue(1), CountedValue(2)]
      @Audited(label: "one") var value = CountedValue(1)
    }
    audited(isEnabled) {
      let owner = Owner()
      let address = owner.values.withUnsafeBufferPointer { $0.baseAddress }
      let counts = ProbeCounts.of {
        for _ in 0..<10 {
          owner.values[0].number += 1
          owner.value.number += 1
        }
      }
      #expect(counts.copies == 0 && owner.values[0].number == 11 && owner.value.number == 11)
      #expect(owner.values.withUnsafeBufferPointer { $0.baseAddress } == address)
    }
  }
}

extension Collection where Element: Hashable {
  fileprivate func hashes() -> Int { reduce(0) { $0 ^ $1.hashValue } }
  fileprivate func place(of element: Element) -> Index? { firstIndex(of: element) }
}
#endif
