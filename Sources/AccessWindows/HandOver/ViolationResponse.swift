// SPDX-License-Identifier: Apache-2.0
//
// What the process does about a violation: the policy in force is one value, and each part of the
// engine asks it for its own step. Nothing here allocates or locks; slow paths and signal handlers
// may ask.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
package import AccessTerms
internal import CAccessRecorder
internal import Synchronization

/// The response to violations. The steps of one, in their order: ``stopAccesses()`` and
/// ``handOver(_:isNew:)`` on the thread that saw it, then what the detector's module adds.
package enum ViolationResponse: Sendable {
  /// Other accesses stop at their entry, the report is made, and the process ends.
  case halt
  /// The history is frozen until it is copied, the report is made, and the process goes on.
  case report
  /// As `report`; readers register, and writers wait for them.
  case shield

  private static var code: SharedWord<UInt8> { SharedWord(AUDIT_WORD_POLICY) }
  private static var mode: SharedWord<UInt32> { SharedWord(AUDIT_WORD_CONFIGURED_MODE) }

  /// The response in force.
  package static var current: ViolationResponse {
    switch code.load(ordering: .relaxed) {
    case 0: .halt
    case 1: .report
    default: .shield
    }
  }

  /// The mode that the configuration asks for while nothing is being reported.
  package static var configuredMode: Int32 {
    mode.load(ordering: .relaxed) == AUDIT_MODE_OFF ? AUDIT_MODE_OFF : current.accessMode
  }

  /// Puts the response that a configuration asks for in force.
  package static func adopt(_ configuration: AuditConfiguration) {
    let new: UInt8 =
      switch configuration.onViolation {
      case .halt: 0
      case .report: 1
      case .shield: 2
      }
    code.store(new, ordering: .relaxed)
    mode.store(
      UInt32(truncatingIfNeeded: configuration.isEnabled ? current.accessMode : AUDIT_MODE_OFF), ordering: .relaxed)
  }

  // By pattern: `==` looks up a witness table, under a lock, in an unoptimised build.

  /// Whether a violation ends the process.
  package var endsProcess: Bool { if case .halt = self { true } else { false } }

  /// Whether readers register, so that writers can wait for them.
  package var registersReaders: Bool { if case .shield = self { true } else { false } }

  /// The mode of accesses while nothing is being reported.
  package var accessMode: Int32 {
    if registersReaders { return AUDIT_MODE_SHIELD }
    return audit_traffic_is_observed() ? AUDIT_MODE_OBSERVED : AUDIT_MODE_ON
  }
}

extension ViolationResponse {
  /// Has accesses take the path that belongs to whether they are observed now. A mode that was
  /// stored with what was true a moment before is put right by the next call: the detector makes
  /// one in each round.
  package static func adoptObservation() {
    let wanted = current.accessMode
    if wanted == AUDIT_MODE_SHIELD { return }
    let other = wanted == AUDIT_MODE_ON ? AUDIT_MODE_OBSERVED : AUDIT_MODE_ON
    if audit_mode() == other { _ = audit_exchange_mode(other, wanted) }
  }

  /// Replaces the mode in which accesses go on, whether the detector sleeps or not; `false` when
  /// they do not go on.
  private func exchangeAccessMode(_ mode: Int32) -> Bool {
    repeat {
      let present = audit_mode()
      // Both where accesses have just begun to be observed, or no longer are.
      let isAccessMode =
        registersReaders ? present == AUDIT_MODE_SHIELD : present == AUDIT_MODE_ON || present == AUDIT_MODE_OBSERVED
      guard isAccessMode || present == AUDIT_MODE_IDLE else { return false }
      if audit_exchange_mode(present, mode) { return true }
    } while true
  }

  /// The first step: where the process ends, other accesses stop at their entry, before they could
  /// crash or overwrite the history. `false` when this violation needs no report any more.
  ///
  /// - Blocking: while another thread's violation is being reported.
  package func stopAccesses() -> Bool {
    guard endsProcess, !exchangeAccessMode(AUDIT_MODE_HALTING) else { return true }
    // If the other violation turns out to be suppressed, this one is reported after it.
    HaltBarrier.wait()
    return exchangeAccessMode(AUDIT_MODE_HALTING)
  }

  /// The last step of the thread that saw the violation: its pending report is in the queue, or was
  /// known already.
  ///
  /// - Blocking: where the process ends, until the detector has reported.
  func handOver(_ pendingReport: PendingReport, isNew: Bool) {
    if endsProcess {
      // Known, and the process still runs: this race is suppressed.
      guard isNew else { return Self.resumeAccesses() }
      OutwardCalls.wakeDetector()
      HaltBarrier.waitForReport(pendingReport)
    } else if isNew {
      // The history is copied in a moment; until then nothing more is recorded over it. A rehearsal
      // takes longer than a moment, and accesses that are not recorded would be missing.
      _ = exchangeAccessMode(AUDIT_MODE_FROZEN)
      if RehearsalPhase.isInProgress { thawHistory() }
      OutwardCalls.wakeDetector()
    }
  }

  /// Takes the end of the process back: the violation that it was to end for is suppressed.
  package static func resumeAccesses() { _ = audit_exchange_mode(AUDIT_MODE_HALTING, configuredMode) }

  /// The history has been copied: recording goes on.
  package func thawHistory() { _ = audit_exchange_mode(AUDIT_MODE_FROZEN, accessMode) }

  /// A thread has crashed inside an access: stops the others while the report is made, if the
  /// process ends with it.
  package func stopAccesses(forCrashThatEnds isEnd: Bool) {
    if isEnd || endsProcess { audit_set_mode(AUDIT_MODE_HALTING) }
  }

  /// In a forked child: what its parent was reporting is not the child's.
  package func beginAsChild() {
    RehearsalPhase.beginAsChild()
    if audit_mode() == AUDIT_MODE_HALTING || audit_mode() == AUDIT_MODE_FROZEN { audit_set_mode(accessMode) }
  }
}

extension PendingReport {
  /// Whether accesses are stopped for the report of this one, which ends the process. They may be
  /// stopped for the report of a crash, which ends it by its signal.
  package var isEndingProcess: Bool { endsProcess && audit_mode() == AUDIT_MODE_HALTING }
}

#endif
