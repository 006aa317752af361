// SPDX-License-Identifier: Apache-2.0
//
// Rings and the stack table.

import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessRecorder

struct RecorderTests {
  @Test func record_is32BytesAndSurvivesTheRing() throws {
    let ring = AccessRing.forTests(capacity: 100)
    let capacity = ring.capacity
    #expect(capacity == 128)
    #expect(AccessRecord.size == 32)
    let unwritten = ring.record(at: 0)
    #expect(unwritten == nil)
    for index in 0..<1000 {
      ring.append(
        collectionID: UInt64(index), version: UInt64(index) << 1, stackID: UInt32(index), operation: .merge,
        flags: UInt8(index & 3), clock: UInt32(index))
    }
    let last = ring.record(at: 999)
    let record = try #require(last)
    #expect(record.collectionID == 999 && record.stackID == 999 && record.operation == .merge)
    #expect(record.flags.rawValue == 3 && record.coarseMilliseconds == 999 && record.version.rawValue == 1998)
    // The slot of the oldest record may be being overwritten: it does not count as readable.
    let indices: [UInt64] = [1000, 871, 872, 873]
    let readable = indices.map { ring.record(at: $0) != nil }
    #expect(readable == [false, false, false, true])
  }

  @Test func operations_haveOneCodeEach() {
    for (index, operation) in AccessOperation.allCases.enumerated() {
      #expect(Int(operation.code) == index)
      #expect(AccessOperation(code: operation.code) == operation)
    }
    #expect(AccessOperation(code: 255) == nil)
    #expect(AccessOperation.allCases.count < 255)
  }

  /// A reader beside a writer that laps it sees whole records only.
  @Test func reader_neverSeesATornRecord() {
    let shared = RingBox(capacity: 256)
    Thread {
      var index: UInt64 = 0
      while !shared.isDone.load(ordering: .relaxed) {
        shared.ring.append(
          collectionID: index &* 3, version: index &* 5, stackID: UInt32(truncatingIfNeeded: index), operation: .count,
          flags: 0, clock: 0)
        index += 1
      }
    }.start()
    var seen = 0
    var torn = 0
    let deadline = Date().addingTimeInterval(60)
    while seen < 200_000, Date() < deadline {
      let head = shared.ring.head.load(ordering: .acquiring)
      // From the oldest on, where the writer laps the reader.
      for index in (head > 256 ? head - 256 : 0)..<head {
        guard let record = shared.ring.record(at: index) else { continue }
        seen += 1
        let isWhole =
          record.collectionID == index &* 3 && record.version.rawValue == index &* 5
          && record.stackID == UInt32(truncatingIfNeeded: index)
        if !isWhole { torn += 1 }
      }
    }
    shared.isDone.store(true, ordering: .relaxed)
    #expect(seen >= 200_000 && torn == 0)
  }

  @Test func stackTable_internsAndFills() throws {
    let table = try #require(StackTable.create())
    var traces: [UInt32: [UInt64]] = [:]
    for seed in UInt64(1)...2_000 {
      let trace = (0..<(seed % 20 + 1)).map { seed &* 0x1234_5678_9ABC &+ $0 }
      let hash = trace.reduce(0) { $0 &* 0x9E37_79B9_7F4A_7C15 &+ $1 }
      let id = trace.withUnsafeBufferPointer { table.insert(hash, $0, hidesFrames: false) }
      #expect(id != 0)
      #expect(trace.withUnsafeBufferPointer { table.insert(hash, $0, hidesFrames: false) } == id)
      traces[id] = trace
    }
    #expect(traces.count == 2_000)
    for (id, trace) in traces { #expect(table.addresses(of: id) == trace) }
    #expect(table.addresses(of: 0).isEmpty && table.addresses(of: .max).isEmpty)
  }

  /// A full table loses stacks and says so; it does not grow.
  @Test func stackTable_isBounded() throws {
    let table = try #require(StackTable.create())
    var generator = SystemRandomNumberGenerator()
    let trace = [UInt64](repeating: 42, count: 40)
    for _ in 0..<70_000 {
      _ = trace.withUnsafeBufferPointer { table.insert(generator.next(), $0, hidesFrames: false) }
    }
    let counters = table.counters
    #expect(counters.pointee.lost.load(ordering: .relaxed) > 0)
    #expect(counters.pointee.entriesUsed.load(ordering: .relaxed) <= StackTable.entryCount)
  }
}

/// Unchecked: the ring is what makes the two sides safe, and the object of the test.
private final class RingBox: @unchecked Sendable {
  let ring: AccessRing
  let isDone = Atomic<Bool>(false)
  init(capacity: Int) { ring = AccessRing.forTests(capacity: capacity) }
}

extension AccessRing {
  /// A ring with memory of its own, which outlives it.
  static func forTests(capacity: Int) -> AccessRing {
    let size = size(for: capacity)
    return AccessRing(memory: RecorderMemory.map(size * AccessRecord.size)!, size: size)
  }
}
