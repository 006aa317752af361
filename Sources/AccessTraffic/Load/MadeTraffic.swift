// SPDX-License-Identifier: Apache-2.0
//
// Traffic that nobody made: a recording from a few numbers, to look at the adviser with. The same
// seed gives the same bytes.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

/// The traffic of one dictionary.
package struct MadeTraffic: Sendable {
  package var threads = 4
  package var readPercent = 90.0
  package var keys = 1_000
  package var accesses = 200_000
  package var perSecond = 1e7
  /// Accesses to one key, of all.
  package var hotPercent = 0.0
  /// Writes that insert or remove, of all writes; the others overwrite.
  package var churnPercent = 0.0
  /// Reads of all elements, of all accesses.
  package var visitPercent = 0.0
  package var seed: UInt64 = 1

  package init() {}

  /// Writes a file, block by block.
  package func write(_ write: ([UInt8]) throws -> Void) throws {
    var random = RandomNumbers(seed: seed)
    var isThere = [Bool](repeating: true, count: keys)
    var count = keys
    try write(TrafficBytes.header(wallNanoseconds: 1_800_000_000_000_000_000, monotonicNanoseconds: 0))
    var sequence: UInt32 = 0
    func add(_ kind: TrafficFormat.Block, _ fill: (inout TrafficBytes) -> Void) throws {
      var payload = TrafficBytes()
      fill(&payload)
      try write(TrafficBytes.block(kind, sequence: sequence, payload.bytes))
      sequence += 1
    }
    try add(.process) { payload in
      for text in ["made-up", "none", ""] { payload.append(text: text) }
      payload.append(number: 0)
      payload.append(number: 1)
    }
    try add(.collections) { payload in
      for number in [1, 1, 0] as [UInt64] { payload.append(number: number) }
      for text in ["made", "AuditedDictionary<Int, Int>", "Made.up"] { payload.append(text: text) }
    }
    try add(.sites) { payload in
      payload.append(number: 1)
      payload.append(number: 1)
      payload.append(text: "Made.up() Made.swift:1")
    }
    let batch = 4_096
    for begin in stride(from: 0, to: accesses, by: batch) {
      let end = min(begin + batch, accesses)
      try add(.accesses) { payload in
        payload.append(number: UInt64(end - begin))
        var before: UInt64 = 0
        for index in begin..<end {
          let time = UInt64(Double(index) * 1e9 / perSecond) + 1
          let key = random.unit() * 100 < hotPercent ? 0 : random.below(keys)
          var flags: TrafficFormat.Flags = [.hasCount]
          var operation = AccessOperation.subscriptGet
          if random.unit() * 100 < visitPercent {
            operation = .forEach
          } else {
            flags.insert(.hasKey)
            if random.unit() * 100 >= readPercent {
              flags.insert(.writing)
              operation = .subscriptSet
              if random.unit() * 100 < churnPercent {
                operation = isThere[key] ? .removeValue : .subscriptSet
                flags.insert(isThere[key] ? .shrank : .grew)
                count += isThere[key] ? -1 : 1
                isThere[key].toggle()
              }
            }
          }
          payload.bytes.append(flags.rawValue)
          payload.bytes.append(UInt8(AccessOperation.allCases.firstIndex(of: operation) ?? 0))
          payload.append(number: (time - before) << 1)
          payload.append(number: 1)
          payload.append(number: UInt64(100 + random.below(threads)))
          payload.append(number: 50)
          if flags.contains(.hasKey) { payload.append(word: UInt32(truncatingIfNeeded: key &* 2_654_435_761)) }
          payload.append(number: UInt64(count))
          payload.append(number: 1)
          before = time
        }
      }
    }
    try add(.end) { _ in }
  }
}

#endif
