// SPDX-License-Identifier: Apache-2.0
//
// What a recording comes to as something to do again.

#if REPORTS && canImport(Glibc)

import AccessTerms
import Foundation
import Testing

@testable import AccessTraffic

struct ReplayPlanTests {
  private func access(
    _ time: UInt64, thread: Int32, _ operation: AccessOperation, key: UInt32? = nil, _ flags: TrafficFormat.Flags = [],
    collection: UInt64 = 1
  ) -> TrafficAccess {
    TrafficAccess(
      flags: flags.union([.hasCount]).union(key == nil ? [] : [.hasKey]),
      operation: UInt8(AccessOperation.allCases.firstIndex(of: operation)!), time: time, collection: collection,
      thread: thread, duration: 10, key: key ?? 0, count: 4, site: 1, task: 0)
  }

  private func recording(_ accesses: [TrafficAccess]) -> Recording {
    var recording = Recording()
    recording.define(1, label: "orders", type: "AuditedDictionary<Int, Int>")
    recording.define(2, label: "names", type: "AuditedDictionary<Int, Int>")
    recording.define(3, kind: 2, label: "list", type: "AuditedArray<Int>")
    recording.add(accesses)
    recording.end()
    return recording
  }

  private func plan(_ accesses: [TrafficAccess], collection: String? = nil, limit: Int = 1_000) throws -> ReplayPlan {
    try Recording.withFile(recording(accesses).bytes) { try ReplayPlan(of: $0, collection: collection, limit: limit) }
  }

  private var accesses: [TrafficAccess] {
    [
      access(1_000, thread: 5, .subscriptGet, key: 70),
      access(2_000, thread: 6, .subscriptSet, key: 71, [.writing, .grew]),
      access(1_500, thread: 5, .subscriptSet, key: 72, [.writing]),
      access(3_000, thread: 6, .removeValue, key: 70, [.writing, .shrank]), access(4_000, thread: 5, .count),
      access(5_000, thread: 6, .forEach), access(5_500, thread: 6, .create, [.writing]),
      access(6_000, thread: 5, .subscriptGet, key: 71), access(7_000, thread: 9, .count, collection: 3),
      access(8_000, thread: 9, .subscriptGet, key: 70, collection: 2),
    ]
  }

  @Test func accesses_becomeSteps() throws {
    let plan = try plan(accesses)
    #expect(plan.collection == "orders" && plan.operations == 7 && plan.keys == 3 && plan.reads == 4)
    typealias Step = ReplayPlan.Step
    #expect(
      plan.threads == [
        [
          Step(time: 0, key: 0, action: .read), Step(time: 500, key: 2, action: .write),
          Step(time: 3_000, key: 0, action: .count), Step(time: 5_000, key: 1, action: .read),
        ],
        [
          Step(time: 1_000, key: 1, action: .write), Step(time: 2_000, key: 0, action: .remove),
          Step(time: 4_000, key: 0, action: .visit),
        ],
      ])
    // 70 was removed, 72 overwritten: they were there. 71 was inserted. Two of the four elements
    // have no name.
    #expect(plan.present == [0, 2] && plan.others == 2)
  }

  @Test func collection_isChosenByName() throws {
    #expect(try plan(accesses, collection: "names").operations == 1)
    do {
      _ = try plan(accesses, collection: "list")
      Issue.record("an array is none")
    } catch {
      #expect("\(error)".contains("no dictionary of the recording is called 'list'; it has 'orders', 'names'"))
    }
    #expect(throws: ReplayPlan.Failure.self) { try plan([access(1, thread: 1, .count, collection: 3)]) }
  }

  @Test func longRecording_isCutAndSaid() throws {
    let plan = try plan(accesses, limit: 3)
    #expect(
      plan.operations == 3
        && plan.notes.contains {
          $0.hasPrefix("4 accesses after the first 3 are left out") || $0.hasPrefix("5 accesses")
        })
  }

  @Test func manyThreads_areFolded() throws {
    let plan = try plan((0..<200).map { access(UInt64($0), thread: Int32($0) + 1, .subscriptGet, key: 1) })
    #expect(plan.threads.count == ReplayPlan.threadLimit && plan.threads.reduce(0) { $0 + $1.count } == 200)
    #expect(plan.notes.contains("200 threads are played by 64"))
  }

  @Test func damagedFile_isPlayedAsFarAsItGoes() throws {
    let bytes = recording(accesses).bytes
    for length in stride(from: TrafficFormat.headerSize, to: bytes.count, by: 7) {
      _ = try? Recording.withFile(Array(bytes[..<length])) { try ReplayPlan(of: $0) }
    }
    for index in stride(from: 0, to: bytes.count, by: 3) {
      var damaged = bytes
      damaged[index] ^= 0x15
      _ = try? Recording.withFile(damaged) { try ReplayPlan(of: $0) }
    }
    #expect(throws: TrafficError.self) { try Recording.withFile(Array("foreign".utf8)) { try ReplayPlan(of: $0) } }
  }
}

#endif
