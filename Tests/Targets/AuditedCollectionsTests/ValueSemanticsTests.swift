// SPDX-License-Identifier: Apache-2.0
//
// The audited dictionary behaves as Dictionary: values, copies, in-place mutation, errors; audited
// and not.

import AuditedCollections
import Testing

#if AUDITED && canImport(Glibc)
@Suite(.serialized, .switchesAuditing)
struct ValueSemanticsTests {
  static let modes = [false, true]

  private func audited(_ isEnabled: Bool, _ body: () throws -> Void) rethrows {
    AccessAudit.configure(AuditConfiguration(isEnabled: isEnabled))
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    try body()
    #expect(AccessAudit.violations.isEmpty)
  }

  @Test func size_isOneWord() {
    #expect(MemoryLayout<AuditedDictionary<String, Int>>.size == MemoryLayout<[String: Int]>.size)
  }

  @Test(arguments: modes) func members_behaveAsDictionarys(_ isEnabled: Bool) throws {
    audited(isEnabled) {
      var generator = SystemRandomNumberGenerator()
      var plain: [Int: Int] = [:]
      var audited: AuditedDictionary<Int, Int> = [:]
      for step in 0..<20_000 {
        let key = Int.random(in: 0..<200, using: &generator)
        switch step % 10 {
        case 0:
          plain[key] = step
          audited[key] = step
        case 1: #expect(plain.updateValue(step, forKey: key) == audited.updateValue(step, forKey: key))
        case 2: #expect(plain.removeValue(forKey: key) == audited.removeValue(forKey: key))
        case 3:
          plain[key, default: 1] += step
          audited[key, default: 1] += step
        case 4:
          plain[key]? += 1
          audited[key]? += 1
        case 5: #expect(plain[key] == audited[key] && plain[key, default: 7] == audited[key, default: 7])
        case 6:
          plain.merge([key: step], uniquingKeysWith: +)
          audited.merge([key: step], uniquingKeysWith: +)
        case 7:
          plain[key] = nil
          audited[key] = nil
        case 8: #expect(plain.count == audited.count && plain.isEmpty == audited.isEmpty)
        default:
          if step % 1000 == 9 {
            plain.removeAll(keepingCapacity: step % 2000 == 9)
            audited.removeAll(keepingCapacity: step % 2000 == 9)
          }
        }
      }
      #expect(audited.dictionary == plain)
      #expect(audited == AuditedDictionary(plain))
      #expect(Set(audited.keys) == Set(plain.keys))
      #expect(audited.values.sorted() == plain.values.sorted())
      #expect(audited.map { $0.key + $0.value }.sorted() == plain.map { $0.key + $0.value }.sorted())
      #expect(audited.filter { $0.key > 100 }.dictionary == plain.filter { $0.key > 100 })
      #expect(audited.mapValues(String.init).dictionary == plain.mapValues(String.init))
    }
  }

  @Test(arguments: modes) func copies_areIndependent(_ isEnabled: Bool) {
    audited(isEnabled) {
      let original: AuditedDictionary = [1: "one", 2: "two"]
      var copy = original
      copy[1] = "changed"
      #expect(original[1] == "one" && copy[1] == "changed")
      var second = copy
      second.removeAll()
      #expect(copy.count == 2 && second.isEmpty)
      var array = Array(repeating: original, count: 3)
      array[1][2] = nil
      #expect(array.map(\.count) == [2, 1, 2])
    }
  }

  /// Mutations of the only reference stay in place: the elements' storage is never copied.
  @Test(arguments: modes) func mutations_stayInPlace(_ isEnabled: Bool) {
    audited(isEnabled) {
      var dictionary = AuditedDictionary<Int, [Int]>(minimumCapacity: 64)
      dictionary[0] = Array(0..<100)
      let storage = dictionary[0]!.withUnsafeBufferPointer { $0.baseAddress }
      for i in 1..<40 {
        dictionary[i] = []
        dictionary[0]?.swapAt(0, 1)
        dictionary[0, default: []].swapAt(2, 3)
        dictionary.values[dictionary.values.startIndex].reverse()
      }
      #expect(dictionary[0]!.withUnsafeBufferPointer { $0.baseAddress } == storage)
      dictionary.removeValue(forKey: 5)
      #expect(dictionary[0]!.withUnsafeBufferPointer { $0.baseAddress } == storage)
    }
  }

  private final class Counted {
    nonisolated(unsafe) static var alive = 0
    init() { Self.alive += 1 }
    deinit { Self.alive -= 1 }
  }

  /// Values are destroyed exactly when Dictionary's would be: at once, even while the audit keeps
  /// the monitor.
  @Test(arguments: modes) func values_dieWithTheDictionary(_ isEnabled: Bool) {
    audited(isEnabled) {
      Counted.alive = 0
      do {
        var dictionary: AuditedDictionary<Int, Counted> = [:]
        for i in 0..<10 { dictionary[i] = Counted() }
        dictionary[3] = nil
        #expect(Counted.alive == 9)
        let copy = dictionary
        dictionary[4] = nil
        #expect(Counted.alive == 9)
        withExtendedLifetime(copy) {}
      }
      #expect(Counted.alive == 0)
    }
  }

  private struct Failure: Error {}

  @Test(arguments: modes) func throwingClosures_endTheAccess(_ isEnabled: Bool) {
    audited(isEnabled) {
      var dictionary: AuditedDictionary = [1: 1]
      #expect(throws: Failure.self) { try dictionary.merge([1: 2]) { _, _ in throw Failure() } }
      #expect(throws: Failure.self) { _ = try dictionary.mapValues { _ -> Int in throw Failure() } }
      dictionary[2] = 2
      #expect(dictionary.count == 2)
    }
  }

  @Test func labels_andConversions() {
    let labelled = AuditedDictionary<String, Int>(label: "orders")
    #expect(labelled.isEmpty)
    let plain = ["a": 1]
    #expect(AuditedDictionary(plain).dictionary == plain)
    #expect(AuditedDictionary(uniqueKeysWithValues: [("a", 1)]).dictionary == plain)
  }
}
#else
struct ReleaseAliasTests {
  @Test func release_isDictionaryItself() {
    #expect(AuditedDictionary<String, Int>.self == Dictionary<String, Int>.self)
    #expect(AuditedDictionary<String, Int>(label: "x").dictionary == [:])
    #expect(AuditedDictionary(["a": 1]) == ["a": 1])
  }
}
#endif
