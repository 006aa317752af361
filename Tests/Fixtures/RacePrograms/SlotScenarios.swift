// SPDX-License-Identifier: Apache-2.0
//
// More threads than the audit has slots for: they run unaudited and are counted. When slots are
// free again, new threads are audited.

#if AUDITED && canImport(Glibc)

import AccessRecorder
import AuditedCollections
import Foundation
import Synchronization

enum SlotScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "more-threads-than-slots": { moreThreadsThanSlots() }
  ]

  static func moreThreadsThanSlots() {
    let guarded = Guarded()
    // The main thread takes one slot.
    guarded.mutex.withLock { $0[0] = 0 }
    let slots = 8
    let threads = 24
    ThreadRegistry.slotsAllowed.store(slots, ordering: .relaxed)
    let working = Counter()
    onThreads(threads) { worker in
      var own: AuditedDictionary<Int, Int> = [:]
      for i in 0..<200 {
        own[i % 20, default: 0] += 1
        guarded.mutex.withLock { $0[worker % 10, default: 0] += 1 }
        if i == 0 {
          working.increment()
          // So that all threads hold their slots at the same time.
          Waiting.until { working.value == threads }
        }
      }
      precondition(own.count == 20 && own.values.reduce(0, +) == 200)
    }
    AccessAudit.flush()
    let total = guarded.mutex.withLock { $0.values.reduce(0, +) }
    let diagnostics = AccessAudit.diagnostics()
    print("\(total) writes, \(diagnostics.recorders) recorders, \(diagnostics.threadsRefused) threads refused")
    // These threads have ended, and others use their slots.
    for _ in 0..<5 {
      AccessAudit.flush()
      onThreads(4) { _ in for _ in 0..<10 { guarded.mutex.withLock { $0[1, default: 0] += 1 } } }
      AccessAudit.flush()
    }
    print("\(AccessAudit.diagnostics().threadsRefused - diagnostics.threadsRefused) refused afterwards")
    ReportScenarios.overlapOnce(label: "afterwards")
  }
}

#endif
