// SPDX-License-Identifier: Apache-2.0
//
// The engine's state and its start: reads the environment once, starts the detector with the first audited access.
// Reached by slow paths only.

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum Engine {
  private struct State {
    var isConfigured = false
    var configuration = AuditConfiguration()
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_ENGINE, isInherited: true) { State() }
  }
  /// Mirrors of the configuration for slow paths that must not take the lock.
  private static var policyCode: SharedWord<UInt8> { SharedWord(AUDIT_WORD_POLICY) }
  private static var waitLimit: SharedWord<Int> { SharedWord(AUDIT_WORD_WAIT_LIMIT) }

  static var policy: ViolationPolicy {
    switch policyCode.load(ordering: .relaxed) {
    case 0: .halt
    case 1: .report
    default: .shield
    }
  }
  /// The mode of accesses while nothing is being reported.
  static var activeMode: Int32 { isShieldingPolicy ? AUDIT_MODE_SHIELD : AUDIT_MODE_ON }
  // By pattern: `==` looks up a witness table, under a lock, in an unoptimised build.
  static var isHaltingPolicy: Bool { if case .halt = policy { true } else { false } }
  static var isShieldingPolicy: Bool { if case .shield = policy { true } else { false } }
  /// Replaces the mode in which accesses go on, whether the detector sleeps or not; `false` when
  /// they do not go on.
  static func exchangeActiveMode(_ mode: Int32) -> Bool {
    repeat {
      let present = audit_mode()
      guard present == activeMode || present == AUDIT_MODE_IDLE else { return false }
      if audit_exchange_mode(present, mode) { return true }
    } while true
  }

  /// Wakes the detector, which sleeps until there is an access, and corrects the clock that it
  /// advances.
  ///
  /// Called by whatever leaves something for it to do. Asynchronous-signal-safe; takes no lock.
  static func endIdleness() {
    audit_advance_coarse_clock()
    Detector.lastRound.store(.now(), ordering: .relaxed)
    if audit_exchange_mode(AUDIT_MODE_IDLE, activeMode) { Detector.post() }
  }

  static var waitMilliseconds: Int { waitLimit.load(ordering: .relaxed) }

  static var configuration: AuditConfiguration {
    start()
    return state.withLock { $0.configuration }
  }

  /// Reads the environment, once.
  ///
  /// - Blocking: takes a lock; the first call parses the options.
  static func start() {
    let outcome = state.withLock { state -> EnvironmentSwitch.Outcome? in
      guard !state.isConfigured else { return nil }
      state.isConfigured = true
      let outcome = EnvironmentSwitch.read(audit_environment_at_start().map { String(cString: $0) })
      state.configuration = outcome.configuration
      adopt(outcome.configuration)
      // The list may say `off`; the constructor that set the mode does not parse it.
      _ = audit_exchange_mode(AUDIT_MODE_ON, outcome.configuration.isEnabled ? activeMode : AUDIT_MODE_OFF)
      return outcome
    }
    guard let outcome else { return }
    outcome.announce()
    HuntPlanFile.arm(outcome.configuration.plan)
    if outcome.configuration.isEnabled { ResourceLimits.checkDescriptors() }
  }

  /// Replaces the configuration and switches auditing on or off.
  static func configure(_ configuration: AuditConfiguration) {
    start()
    let checked = configuration.validated()
    if checked.configuration.isEnabled { audit_keep_library_loaded() }
    state.withLock { state in
      state.configuration = checked.configuration
      adopt(checked.configuration)
      audit_set_mode(checked.configuration.isEnabled ? activeMode : AUDIT_MODE_OFF)
    }
    checked.warnings.forEach(Diagnostics.warn)
    Detector.configurationChanged()
  }

  private static func adopt(_ configuration: AuditConfiguration) {
    let code: UInt8 =
      switch configuration.onViolation {
      case .halt: 0
      case .report: 1
      case .shield: 2
      }
    policyCode.store(code, ordering: .relaxed)
    waitLimit.store(configuration.waitMilliseconds, ordering: .relaxed)
    ThreadRegistry.apply(
      RecorderSettings(
        historySize: configuration.historySize, depth: configuration.framesToWalk,
        delayMicroseconds: configuration.delayMicroseconds,
        huntPercent: configuration.isEnabled ? configuration.hunt.percent : 0, seed: configuration.seed))
  }

  /// The calling thread's recorder, attaching the thread if need be; `nil` when its accesses are not to be audited: off,
  /// suppressed, or no recorder to be had. Waits while the process is halting.
  static func recorderForAccess() -> ThreadRecorderPointer? {
    if audit_mode() == AUDIT_MODE_HALTING {
      audit_notice_child()
      HaltBarrier.wait()
    }
    if audit_mode() == AUDIT_MODE_OFF { return nil }
    return currentRecorder()
  }

  /// The calling thread's recorder without regard to the mode; `nil` when suppressed or none can be had.
  static func currentRecorder() -> ThreadRecorderPointer? {
    let pointer = audit_thread_recorder()
    if pointer == nil, audit_suppression_depth() != 0 { return nil }
    if audit_mode() == AUDIT_MODE_IDLE { endIdleness() }
    if let pointer { return pointer.assumingMemoryBound(to: ThreadRecorder.self) }
    audit_notice_child()
    start()
    guard Detector.start() else { return ThreadRegistry.refuseThread() }
    return ThreadRegistry.attach() ?? ResourceLimits.noteRefusal()
  }

  /// Pushes a record, unless the history is frozen; returns the stack's ID.
  @discardableResult
  static func record(
    _ recorder: ThreadRecorderPointer, frame: UInt, collectionID: UInt64, version: UInt64,
    operation: AccessOperation, flags: AccessRecord.Flags
  ) -> UInt32 {
    if audit_mode() == AUDIT_MODE_FROZEN {
      recorder.pointee.recordFrozen(
        frame: frame, collectionID: collectionID, version: version, operation: operation,
        isWriting: flags.contains(.writing))
      return 0
    }
    return recorder.pointee.record(
      frame: frame, collectionID: collectionID, version: version, operation: operation, flags: flags.rawValue)
  }

  /// Records that a collection is gone, for the access that finds its monitor retired.
  static func recordDestruction(of monitor: MonitorReference, frame: UInt) {
    if audit_mode() == AUDIT_MODE_IDLE { endIdleness() }
    guard audit_mode() != AUDIT_MODE_OFF, let pointer = audit_thread_recorder() else { return }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    guard audit_mode() == activeMode else {
      return recorder.pointee.recordFrozen(
        frame: frame, collectionID: monitor.id, version: VersionWord.retired.rawValue, operation: .destroy,
        isWriting: true)
    }
    _ = recorder.pointee.record(
      frame: frame, collectionID: monitor.id, version: VersionWord.retired.rawValue, operation: .destroy,
      flags: AccessRecord.Flags.writing.rawValue | AccessRecord.Flags.attempt.rawValue)
  }
}
