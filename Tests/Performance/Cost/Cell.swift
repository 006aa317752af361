// SPDX-License-Identifier: Apache-2.0
//
// The loops that are timed: the same text for the plain and for the audited dictionary, both in a
// class's property.

import AuditedCollections

final class PlainHolder<Key: Hashable> {
  var dictionary: [Key: Int] = [:]
}

final class AuditedHolder<Key: Hashable> {
  var dictionary = AuditedDictionary<Key, Int>()
}

/// The dictionaries and keys of one key type. The specialisations below are measured, because
/// generic loops would measure generics.
struct Cell<Key: Hashable> {
  let keys: [Key]
  let operations: Int
  let plain = PlainHolder<Key>()
  let audited = AuditedHolder<Key>()

  init(keys: [Key], operations: Int) {
    self.keys = keys
    self.operations = operations
    for (value, key) in keys.enumerated() {
      plain.dictionary[key] = value
      audited.dictionary[key] = value
    }
  }
}

extension Cell where Key == Int {
  func set(_ mode: Mode) -> Double {
    let (plain, audited, keys, operations) = (plain, audited, keys, operations)
    if mode == .plain {
      return Measurement.time(operations) { for i in 0..<operations { plain.dictionary[keys[i & 1023]] = i } }
    }
    return Measurement.time(operations) { for i in 0..<operations { audited.dictionary[keys[i & 1023]] = i } }
  }

  func get(_ mode: Mode) -> Double {
    let (plain, audited, keys, operations) = (plain, audited, keys, operations)
    var sum = 0
    defer { Sink.consume(sum) }
    if mode == .plain {
      return Measurement.time(operations) { for i in 0..<operations { sum &+= plain.dictionary[keys[i & 1023]]! } }
    }
    return Measurement.time(operations) { for i in 0..<operations { sum &+= audited.dictionary[keys[i & 1023]]! } }
  }
}

extension Cell where Key == String {
  func set(_ mode: Mode) -> Double {
    let (plain, audited, keys, operations) = (plain, audited, keys, operations)
    if mode == .plain {
      return Measurement.time(operations) { for i in 0..<operations { plain.dictionary[keys[i & 1023]] = i } }
    }
    return Measurement.time(operations) { for i in 0..<operations { audited.dictionary[keys[i & 1023]] = i } }
  }

  func get(_ mode: Mode) -> Double {
    let (plain, audited, keys, operations) = (plain, audited, keys, operations)
    var sum = 0
    defer { Sink.consume(sum) }
    if mode == .plain {
      return Measurement.time(operations) { for i in 0..<operations { sum &+= plain.dictionary[keys[i & 1023]]! } }
    }
    return Measurement.time(operations) { for i in 0..<operations { sum &+= audited.dictionary[keys[i & 1023]]! } }
  }
}

/// Keeps the optimiser from dropping a result.
enum Sink {
  nonisolated(unsafe) static var last = 0
  @inline(never) static func consume(_ value: Int) { last = value }
}
