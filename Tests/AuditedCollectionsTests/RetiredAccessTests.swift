// SPDX-License-Identifier: Apache-2.0
//
// Accesses that come when their collection is gone, or taken apart: what they find is safe, and what is said of it is known.

#if DEBUG || AuditInRelease

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

  /// Other tests look whether the process has seen any violation.
  private let isAlone = CommandLine.arguments.contains { $0.contains("RetiredAccessTests") }

  /// In a process of their own, because they make violations: `swift test --filter RetiredAccessTests`.
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

    /// A read that has the monitor's address, and loses its processor before it says so, until another thread has dropped the
    /// collection: it is reported, finds a dictionary, and ends.
    @Test(arguments: [ViolationPolicy.report, .shield])
    func lateRead_isSafeAndReported(_ policy: ViolationPolicy) {
      let shared = Shared()
      let before = SightingQueue.total.load(ordering: .relaxed)
      let violations = audited(policy) {
        shared.value = [1: 10, 2: 20]
        let address = shared.address
        onAnotherThread { shared.value = [:] }
        let window = ReadWindow(address, .subscriptGet)
        #expect(window.storage(as: Dictionary<Int, Int>.self).pointee[1] == nil)
        window.close(.subscriptGet)
      }
      #expect(SightingQueue.total.load(ordering: .relaxed) == before + 1)
      // One race, however often it is seen: the second policy finds the same two stacks.
      #expect(violations.allSatisfy { $0.kind == .destroyedDuringAccess && $0.conflicting.operation == .destroy })
    }

    /// The same where the thread itself has dropped it: no race, whatever else is wrong.
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

    /// Where no record says who dropped the collection, nothing is said, and it is counted.
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

    /// A copy that was mutated lawfully left the monitor, long before another thread dropped the variable: that write is not the
    /// other party.
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

    /// While a collection is being mutated its monitor may hold no storage: that is told from an address, whatever bits those have.
    @Test func collectionTakenApart_isTold() {
      func isWhole(_ address: UnsafeMutableRawPointer) -> Bool { StandIn.isWhole(MonitorReference(address: address)) }
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
      // An unoptimised set is taken apart where it grows, and hashes all its elements.
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
      // Addresses of 48 bits, as arm64 has them.
      let word = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
      defer { word.deallocate() }
      word.storeBytes(of: 0x0000_FFFF_8000_1000, toByteOffset: MonitorReference.Offset.storage, as: UInt.self)
      #expect(isWhole(word))
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
