// SPDX-License-Identifier: Apache-2.0
//
// Reads that are followed by the assignment of a whole new collection, on one thread. An optimised
// build may release the old collection as soon as nothing seems to use it.

import AuditedCollections
import Foundation

enum ReplacementScenarios {
  static let all: [String: @Sendable () async -> Void] = ["read-then-replace": { readThenReplace() }]

  @inline(never)
  private static func readThenReplace() {
    for round in 0..<200 {
      let dictionary = sums(of: dictionaryReads)
      let set = sums(of: setReads)
      let array = sums(of: arrayReads)
      if round == 0 || [dictionary, set, array].contains(where: { $0.contains { $0 != 45 } }) {
        print("dictionary \(dictionary)\nset \(set)\narray \(array)")
      }
    }
  }

  /// What each read makes of elements that nobody shares.
  private static func sums<Elements: OneToNine>(of reads: [(inout Elements) -> Int]) -> [Int] {
    reads.map { read in
      var own = Elements.oneToNine()
      return read(&own)
    }
  }

  private static func sum(_ values: some Sequence<String>) -> Int { values.reduce(0) { $0 + Int($1)! } }

  private static var dictionaryReads: [(inout AuditedDictionary<Int, String>) -> Int] {
    [
      { value in
        var result = 0
        value.forEach { result += Int($0.value)! }
        value = [:]
        return result
      },
      { value in
        let first = value[4]
        value = [:]
        return Int(first!)! + 41
      },
      { value in
        let first = value[5, default: "0"]
        value = [:]
        return Int(first)! + 40
      },
      { value in
        let count = value.count
        value = [:]
        return count * 5
      },
      { value in
        let found = value.map(\.value)
        value = [:]
        return sum(found)
      },
      { value in
        let values = value.values
        value = [:]
        return sum(values)
      },
      { value in
        let plain = value.dictionary
        value = [:]
        return sum(plain.values)
      },
      { value in
        let sorted = value.sorted { $0.key < $1.key }
        value = [:]
        return sum(sorted.map(\.value))
      },
      { value in
        let longer = value.mapValues { $0 }
        value = [:]
        return sum(longer.values)
      },
      { value in
        let few = value.filter { $0.key > 0 }
        value = [:]
        return sum(few.values)
      },
      { value in
        let least = value.min { $0.key < $1.key }
        value = [:]
        return Int(least!.value)! + 44
      },
    ]
  }

  private static var setReads: [(inout AuditedSet<String>) -> Int] {
    [
      { value in
        var result = 0
        value.forEach { result += Int($0)! }
        value = []
        return result
      },
      { value in
        let isThere = value.contains("7")
        value = []
        return isThere ? 45 : 0
      },
      { value in
        let joint = value.union(["0"])
        value = []
        return sum(joint)
      },
      { value in
        let sorted = value.sorted()
        value = []
        return sum(sorted)
      },
    ]
  }

  private static var arrayReads: [(inout AuditedArray<String>) -> Int] {
    [
      { value in
        var result = 0
        value.forEach { result += Int($0)! }
        value = []
        return result
      },
      { value in
        let last = value[8]
        value = []
        return Int(last)! + 36
      },
      { value in
        let first = value.first
        value = []
        return Int(first!)! + 44
      },
      { value in
        let reduced = value.reduce(0) { $0 + Int($1)! }
        value = []
        return reduced
      },
      { value in
        let joined = value.joined(separator: ",")
        value = []
        return sum(joined.split(separator: ",").map(String.init))
      },
    ]
  }
}

private protocol OneToNine {
  static func oneToNine() -> Self
}

extension AuditedDictionary: OneToNine where Key == Int, Value == String {
  fileprivate static func oneToNine() -> Self { Self(uniqueKeysWithValues: (1...9).map { ($0, "\($0)") }) }
}

extension AuditedSet: OneToNine where Element == String {
  fileprivate static func oneToNine() -> Self { Self((1...9).map { "\($0)" }) }
}

extension AuditedArray: OneToNine where Element == String {
  fileprivate static func oneToNine() -> Self { Self((1...9).map { "\($0)" }) }
}
