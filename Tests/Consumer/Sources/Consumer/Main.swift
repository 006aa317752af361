// SPDX-License-Identifier: Apache-2.0
//
// A program written against the audited types: it must compile and print the same with audited and
// with plain types.

import AuditedCollections

final class Inventory {
  var stock: AuditedDictionary<String, Int> = ["apples": 3, "pears": 5]
  var tags = AuditedSet<String>(label: "tags")
  var log = AuditedArray<String>(label: "log")
  @Audited var owner = "nobody"
  @Audited(label: "opened") var isOpen: Bool = false

  func restock(_ name: String, by count: Int) {
    stock[name, default: 0] += count
    stock[name]? += 1
    tags.insert(name)
    log.append("restocked \(name)")
    log[0] += "!"
    log += ["done"]
    owner = "the shop"
    isOpen.toggle()
  }
}

struct Record: Hashable, Sendable {
  var fields: AuditedDictionary<String, Int>
  var lines: AuditedArray<Int>
  var marks: AuditedSet<Int>
}

nonisolated(unsafe) var visits = Audited(wrappedValue: 0, label: "visits")

/// Conversions to the plain types and back.
func conversions(_ inventory: Inventory) {
  let dictionary: [String: Int] = inventory.stock.dictionary
  let set: Set<String> = inventory.tags.set
  let array: [String] = inventory.log.array
  precondition(AuditedDictionary(dictionary) == inventory.stock && inventory.stock == dictionary)
  precondition(AuditedSet(set) == inventory.tags && set == inventory.tags)
  precondition(AuditedArray(array) == inventory.log && inventory.log == array)
  precondition(AuditedDictionary(dictionary, label: "copy").count == AuditedDictionary(inventory.stock).count)
  precondition(AuditedSet(set, label: "copy").count == AuditedSet(inventory.tags).count)
  precondition(AuditedArray(array, label: "copy").count == AuditedArray(inventory.log).count)
  precondition(AuditedDictionary<Int, Int>(label: "empty").isEmpty)
}

/// Generic code over the types' protocols.
func total<Numbers: Sequence>(_ numbers: Numbers) -> Int where Numbers.Element == Int { numbers.reduce(0, +) }

@main
enum Main {
  static func main() {
    let inventory = Inventory()
    inventory.restock("apples", by: 4)
    visits.wrappedValue += 1
    conversions(inventory)
    let sorted = inventory.stock.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    print(sorted.joined(separator: ", "))
    print(inventory.log.joined(separator: "; "), inventory.tags, inventory.owner, inventory.isOpen)
    let record = Record(fields: ["a": 1], lines: [1, 2], marks: [3])
    precondition(Set([record, record]).count == 1)
    let grouped = AuditedDictionary(grouping: inventory.log, by: \.count)
    print(total(record.lines), total(inventory.stock.values), grouped.count, visits.wrappedValue)
    var lines = record.lines
    lines[0...].sort(by: >)
    lines.withUnsafeMutableBufferPointer { $0[0] += 10 }
    print(lines + [7], lines.reversed() as [Int], lines.dropFirst())
    print(AuditedArray<Int>.self == [Int].self ? "plain" : "audited")
  }
}
