// SPDX-License-Identifier: Apache-2.0
//
// The observers of accesses: what they get of each, in which order, and what is counted where a
// ring is full.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessWindows
@testable import AccessRecorder
@testable import CAccessRecorder

/// What an observer has got of the collections with one label.
private final class Seen: Sendable {
  private let accesses = Mutex<[AuditedAccess]>([])
  private let label: String

  init(_ label: String) { self.label = label }

  func add(_ batch: [AuditedAccess]) {
    let own = batch.filter { $0.collection.label == label }
    accesses.withLock { $0 += own }
  }
  var all: [AuditedAccess] {
    AccessAudit.flush()
    return accesses.withLock { $0 }
  }
}

/// A key whose hash accesses another audited collection.
private struct Recursive: Hashable {
  nonisolated(unsafe) static var other = AuditedDictionary<Int, Int>(label: "other")
  var number: Int
  func hash(into hasher: inout Hasher) {
    _ = Self.other[number]
    hasher.combine(number)
  }
}

private struct Variables: ~Copyable {
  @Audited(label: "variable") var number = 0
}

@Suite(.serialized, .switchesAuditing)
struct AccessObserverTests {
  /// Starts the detector too: a thread that another test has given a recorder would not.
  private func begin(_ policy: ViolationPolicy = .report, _ hunt: HuntMode = .off) {
    AccessAudit.configure(AuditConfiguration(onViolation: policy, hunt: hunt))
    Detector.start()
  }

  private func observed(
    _ label: String, sampling: Int = 1, policy: ViolationPolicy = .report, hunt: HuntMode = .off,
    _ body: () throws -> Void
  ) rethrows -> [AuditedAccess] {
    begin(policy, hunt)
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    let seen = Seen(label)
    let observer = AccessAudit.onAccesses(sampling: sampling) { seen.add($0) }
    defer { observer.cancel() }
    try body()
    return seen.all
  }

  @Test(arguments: [ViolationPolicy.report, .shield], [HuntMode.off, .on])
  func dictionary_isObservedWholly(_ policy: ViolationPolicy, _ hunt: HuntMode) throws {
    let accesses = observed("orders", policy: policy, hunt: hunt) {
      var orders = AuditedDictionary<String, Int>(label: "orders")
      for _ in 0..<3 {
        orders["one"] = 1
        orders["two"] = 2
        _ = orders["one"]
        orders["two"] = nil
        orders["two", default: 0] += 1
        orders.removeValue(forKey: "one")
        _ = orders.count
        orders.removeAll()
      }
    }
    let expected: [(AccessOperation, Bool, Int)] = [
      (.subscriptSet, true, 1), (.subscriptSet, true, 2), (.subscriptGet, false, 2), (.subscriptSet, true, 1),
      (.subscriptDefaultModify, true, 2), (.removeValue, true, 1), (.count, false, 1), (.removeAll, true, 0),
    ]
    try #require(accesses.count == 24)
    for (index, access) in accesses.enumerated() {
      let (operation, writing, count) = expected[index % 8]
      #expect(access.operation == operation && access.writing == writing && access.elementCount == count, "\(index)")
      #expect(access.threadID == audit_thread_id() && access.taskID != 0)
      #expect(access.collection.label == "orders" && access.collection.kind == .dictionary)
    }
    #expect(accesses.map(\.isInsertion) == (0..<24).map { [0, 1, 4].contains($0 % 8) })
    #expect(accesses.map(\.isRemoval) == (0..<24).map { [3, 5, 7].contains($0 % 8) })
    #expect(accesses.map { $0.keyHash != nil } == (0..<24).map { $0 % 8 < 6 })
    // Equal keys have equal hashes, in every operation.
    let (one, two) = (accesses[0].keyHash, accesses[1].keyHash)
    #expect(one != two)
    for round in 0..<3 {
      let keys = accesses[(round * 8)..<(round * 8 + 6)].map(\.keyHash)
      #expect(keys == [one, two, one, two, two, one])
    }
    #expect(accesses.map(\.timeNanoseconds) == accesses.map(\.timeNanoseconds).sorted())
    #expect(accesses.first?.collection.type == "AuditedDictionary<String, Int>")
    #expect(accesses.first?.stack.contains { $0.file?.hasSuffix("AccessObserverTests.swift") == true } == true)
  }

  @Test func setsArraysAndVariables_areObserved() {
    let set = observed("set") {
      var set = AuditedSet<Int>([], label: "set")
      set.insert(1)
      set.insert(1)
      _ = set.contains(1)
      set.remove(1)
    }
    #expect(set.map(\.operation) == [.insert, .insert, .contains, .remove])
    #expect(
      set.map(\.isInsertion) == [true, false, false, false] && set.map(\.isRemoval) == [false, false, false, true])
    #expect(Set(set.map(\.keyHash)).count == 1 && set[0].keyHash != nil)
    let array = observed("array") {
      var array = AuditedArray<Int>([], label: "array")
      array.append(1)
      array[0] = 2
      _ = array[0]
    }
    #expect(array.count == 3 && array.allSatisfy { $0.keyHash == nil && $0.elementCount == 1 })
    #expect(array.map(\.writing) == [true, true, false])
    let variable = observed("variable") {
      var variables = Variables()
      variables.number = 1
      variables.number += 1
      _ = variables.number
    }
    #expect(variable.map(\.operation) == [.wrappedValueSet, .wrappedValueModify, .wrappedValueGet])
    #expect(variable.allSatisfy { $0.elementCount == nil && $0.collection.kind == .variable })
  }

  /// The hash of the key is made once more, by the program's code: what that accesses is no
  /// traffic.
  @Test func accessesOfTheExtraHash_areNotObserved() {
    let others = observed("other") {
      var outer = AuditedDictionary<Recursive, Int>(label: "outer")
      outer[Recursive(number: 1)] = 1
    }
    let without = Mutex(0)
    begin()
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    var outer = AuditedDictionary<Recursive, Int>(label: "outer")
    let before = AccessAudit.statistics().first { $0.label == "other" }?.reads ?? 0
    outer[Recursive(number: 1)] = 1
    let after = AccessAudit.statistics().first { $0.label == "other" }?.reads ?? 0
    without.withLock { $0 = Int(after - before) }
    #expect(others.count == without.withLock { $0 })
  }

  @Test func copies_areTrafficOfTheirOwn() {
    let accesses = observed("copied") {
      var first = AuditedDictionary<Int, Int>(label: "copied")
      first[1] = 1
      var second = first
      second[2] = 2
      first[3] = 3
    }
    #expect(accesses.map(\.elementCount) == [1, 2, 2] && Set(accesses.map(\.collection.id)).count == 2)
  }

  @Test func sampling_takesAShare() {
    let accesses = observed("sampled", sampling: 10) {
      var numbers = AuditedDictionary<Int, Int>(label: "sampled")
      for number in 0..<4_000 { numbers[number] = number }
    }
    // 400 on average; the distances are random, with a standard deviation of 0.6 of their mean.
    #expect(accesses.count > 250 && accesses.count < 600)
  }

  /// Each access is either handed over or counted.
  @Test func fullRing_isCounted() {
    begin()
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    let isHeld = DispatchSemaphore(value: 0)
    let mayGoOn = DispatchSemaphore(value: 0)
    let seen = Seen("many")
    let observer = AccessAudit.onAccesses { batch in
      // The detector is kept here once, while the ring is filled.
      if batch.contains(where: { $0.collection.label == "gate" }) {
        isHeld.signal()
        mayGoOn.wait()
      }
      seen.add(batch)
    }
    defer { observer.cancel() }
    let gate = AuditedDictionary<Int, Int>(label: "gate")
    var many = AuditedDictionary<Int, Int>(label: "many")
    _ = gate.count
    isHeld.wait()
    let count = Int(AUDIT_TRAFFIC_CAPACITY) + 1_000
    for number in 0..<count { many[number & 15] = number }
    mayGoOn.signal()
    #expect(seen.all.count == Int(AUDIT_TRAFFIC_CAPACITY) && observer.lost == 1_000)
  }

  @Test func withoutObservers_accessesAreNotObserved() {
    begin()
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    // What a thread's next access finds, unless the detector sleeps.
    func mode() -> Int32 { ViolationResponse.current.accessMode }
    #expect(mode() == AUDIT_MODE_ON)
    let observer = AccessAudit.onAccesses { _ in }
    #expect(mode() == AUDIT_MODE_OBSERVED && audit_traffic_is_observed() && audit_mode() != AUDIT_MODE_ON)
    observer.cancel()
    #expect(mode() == AUDIT_MODE_ON && !audit_traffic_is_observed() && audit_mode() != AUDIT_MODE_OBSERVED)
  }
}

#endif
