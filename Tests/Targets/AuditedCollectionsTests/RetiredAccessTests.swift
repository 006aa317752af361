// SPDX-License-Identifier: Apache-2.0
//
// Accesses to a collection that was dropped, or that a mutation has left without storage: they are
// safe, and only proved facts are reported.

#if AUDITED && canImport(Glibc)

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder
@testable import CAccessRecorder

/// Other tests check whether the process has seen any violation.
private let isAlone = CommandLine.arguments.contains { $0.contains("RetiredAccessTests") }

/// In a separate process, because they make violations:
/// `swift test --filter RetiredAccessTests`.
@Suite(.serialized, .enabled(if: isAlone, "runs in a process of its own"))
struct RetiredAccessTests {
  private final class Shared: @unchecked Sendable {
    var value: AuditedDictionary<Int, Int> = [:]
    var copy: AuditedDictionary<Int, Int>? = nil
    var address: UnsafeMutableRawPointer { unsafeBitCast(value, to: UnsafeMutableRawPointer.self) }
  }

  private func audited(_ policy: ViolationPolicy, _ body: () -> Void) -> [Violation] {
    AccessAudit.configure(AuditConfiguration(isEnabled: true, onViolation: policy, logPath: "/dev/null"))
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    let before = AccessAudit.violations.count
    body()
    AccessAudit.flush()
    return Array(AccessAudit.violations.dropFirst(before))
  }

  private func onAnotherThread(_ body: @escaping @Sendable () -> Void) {
    let hasEnded = DispatchSemaphore(value: 0)
    Thread {
      body()
      hasEnded.signal()
    }.start()
    #expect(hasEnded.wait(timeout: .now() + 60) == .success)
  }

  /// A read has the monitor's address and loses the processor before it publishes its access,
  /// until another thread has dropped the collection. It is reported, finds a dictionary, and
  /// ends.
  @Test(arguments: [ViolationPolicy.report, .shield])
  func lateRead_isSafeAndReported(_ policy: ViolationPolicy) {
    let shared = Shared()
    let before = PendingReportQueue.total.load(ordering: .relaxed)
    let violations = audited(policy) {
      shared.value = [1: 10, 2: 20]
      let address = shared.address
      onAnotherThread { shared.value = [:] }
      let window = ReadWindow(address, .subscriptGet)
      #expect(window.storage(as: Dictionary<Int, Int>.self).pointee[1] == nil)
      window.close(.subscriptGet)
    }
    #expect(PendingReportQueue.total.load(ordering: .relaxed) == before + 1)
    // One race, seen twice: the second policy finds the same two stacks.
    #expect(violations.allSatisfy { $0.kind == .destroyedDuringAccess && $0.conflicting.operation == .destroy })
  }

  /// The same when the thread itself has dropped the collection: no race.
  @Test(arguments: [ViolationPolicy.report, .shield])
  func lateReadOfOnesOwn_isSilent(_ policy: ViolationPolicy) {
    let shared = Shared()
    let violations = audited(policy) {
      shared.value = [1: 10]
      let address = shared.address
      shared.value = [:]
      let window = ReadWindow(address, .subscriptGet)
      #expect(window.storage(as: Dictionary<Int, Int>.self).pointee.isEmpty)
      window.close(.subscriptGet)
    }
    #expect(violations.isEmpty)
  }

  /// Without a record of the drop, nothing is reported, and the case is counted.
  @Test func unknownDrop_isSilentAndCounted() {
    let shared = Shared()
    let before = AccessAudit.diagnostics().unexplained
    let violations = audited(.report) {
      shared.value = [1: 10]
      let address = shared.address
      onAnotherThread { AccessAudit.withSuppressed { shared.value = [:] } }
      let window = ReadWindow(address, .subscriptGet)
      window.close(.subscriptGet)
    }
    #expect(violations.isEmpty && AccessAudit.diagnostics().unexplained == before + 1)
  }

  /// The lawful mutation of a copy left the monitor long before another thread dropped the
  /// variable: that write is not the other party.
  @Test func drop_isNotBlamedOnACopysWriter() {
    let shared = Shared()
    let violations = audited(.report) {
      shared.value = [1: 10]
      let address = shared.address
      shared.copy = shared.value
      onAnotherThread { shared.copy![2] = 20 }
      onAnotherThread { shared.value = [:] }
      let window = ReadWindow(address, .subscriptGet)
      window.close(.subscriptGet)
    }
    #expect(violations.map(\.kind) == [.destroyedDuringAccess])
    #expect(violations.first?.conflicting.operation == .destroy)
  }

  /// During a mutation a collection's monitor may hold no storage. `isWhole` distinguishes that
  /// from an address with any bits.
  @Test func collectionTakenApart_isTold() {
    func isWhole(_ address: UnsafeMutableRawPointer) -> Bool {
      EmptyFallback.isWhole(MonitorReference(address: address))
    }
    var dictionary: AuditedDictionary<Int, Int> = [1: 1]
    var set: AuditedSet<Watching> = [Watching(number: 1)]
    var array: AuditedArray<Int> = [1]
    let addresses = [
      unsafeBitCast(dictionary, to: UnsafeMutableRawPointer.self),
      unsafeBitCast(set, to: UnsafeMutableRawPointer.self),
      unsafeBitCast(array, to: UnsafeMutableRawPointer.self),
    ]
    for address in addresses { #expect(isWhole(address)) }
    var seen: [Bool] = []
    dictionary.merge([1: 2]) { _, new in
      seen.append(isWhole(addresses[0]))
      return new
    }
    #expect(seen == [false])
    // In an unoptimised build a set is without storage while it grows and hashes all its
    // elements.
    seen = []
    Watching.look = { seen.append(isWhole(addresses[1])) }
    for number in 2..<100 { set.insert(Watching(number: number)) }
    Watching.look = nil
    #expect(seen.contains(true))
    #if DEBUG
    #expect(seen.contains(false))
    #endif
    array.append(2)
    for address in addresses { #expect(isWhole(address)) }
    // Addresses of 48 bits, as on arm64.
    let word = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
    defer { word.deallocate() }
    // With a memory tag, and of 52 bits, too.
    for address in [0x0000_FFFF_8000_1000, 0x0F00_FFFF_8000_1000, 0x000F_FFFF_8000_1000] as [UInt] {
      word.storeBytes(of: address, toByteOffset: MonitorReference.Offset.storage, as: UInt.self)
      #expect(isWhole(word))
    }
  }

  private struct Watching: Hashable {
    nonisolated(unsafe) static var look: (() -> Void)?
    var number: Int
    func hash(into hasher: inout Hasher) {
      Self.look?()
      hasher.combine(number)
    }
  }
}

#endif

#endif
