// SPDX-License-Identifier: Apache-2.0
//
// The detector: one thread that drains the rings, drops retired monitors, advances the coarse
// clock, and turns pending reports into reports. It holds no lock while it calls out, and its own
// accesses are never audited.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

package enum Detector {
  /// How long it sleeps between two rounds while accesses are made. Without any it sleeps until
  /// there is one.
  static let tickMilliseconds = 10

  private static var isStarted: SharedWord<Bool> { SharedWord(AUDIT_WORD_DETECTOR_STARTED) }
  /// Rounds asked for by `flush`, and the last request a finished round has answered.
  private static var requested: SharedWord<UInt64> { SharedWord(AUDIT_WORD_DETECTOR_REQUESTED) }
  private static var answered: SharedWord<UInt64> { SharedWord(AUDIT_WORD_DETECTOR_ANSWERED) }
  private static var settingsChanged: SharedWord<Bool> { SharedWord(AUDIT_WORD_DETECTOR_SETTINGS) }
  /// Calls that found that the thread cannot be started; one in 256 tries again.
  private static var failures: SharedWord<UInt64> { SharedWord(AUDIT_WORD_DETECTOR_FAILURES) }

  /// Whether this process has the thread, or is starting it; a forked child begins without.
  static var isStartedHere: Bool { isStarted.load(ordering: .acquiring) }

  /// Starts the thread unless it runs; `false` when it cannot be started.
  @discardableResult
  package static func start() -> Bool {
    if isStartedHere { return true }
    if failures.load(ordering: .relaxed) != 0, failures.wrappingAdd(1, ordering: .relaxed).newValue % 256 != 0 {
      return false
    }
    // Before any thread has a recorder, so that no monitor is pinned before: a variable that leaves
    // a shared monitor may hold locks.
    _ = Monitor.metadataOfPinned
    guard !isStarted.exchange(true, ordering: .acquiringAndReleasing) else { return true }
    ForkHandlers.register()
    CrashWatch.install()
    return launch()
  }

  private static func launch() -> Bool {
    // Signals belong to the program's threads.
    var all = sigset_t()
    var previous = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    var thread = pthread_t()
    let round = UnsafeMutablePointer<DetectorRound>.allocate(capacity: 1)
    round.initialize(to: DetectorRound(configuration: Engine.configuration))
    // A forked child has what its parent's round made.
    if ForkedRecording.generation == 0 { round.pointee.warmUp() }
    let status =
      ResourceLimits.hasAddressSpace
      ? pthread_create(&thread, nil, { Detector.run($0!.assumingMemoryBound(to: DetectorRound.self)) }, round)
      : ENOMEM
    guard status == 0 else {
      round.deinitialize(count: 1)
      round.deallocate()
      isStarted.store(false, ordering: .releasing)
      if failures.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
        Diagnostics.warn(
          "the detector thread cannot be started (\(String(cString: strerror(status)))): nothing is audited until it can"
        )
      }
      return false
    }
    failures.store(0, ordering: .relaxed)
    pthread_detach(thread)
    return true
  }

  private static func run(_ round: UnsafeMutablePointer<DetectorRound>) -> UnsafeMutableRawPointer? {
    audit_set_suppression_depth(1)
    audit_name_current_thread("access-audit")
    audit_become_detector()
    SharedWord<Int32>(AUDIT_WORD_DETECTOR_THREAD).store(audit_thread_id(), ordering: .relaxed)
    ForkGate.inside {
      audit_find_queue_labels()
      round.pointee.begin()
    }
    var duty = DutyCycle()
    duty.apply(Engine.configuration)
    while true {
      let request = requested.load(ordering: .acquiring)
      audit_advance_coarse_clock()
      if settingsChanged.exchange(false, ordering: .acquiringAndReleasing) {
        round.pointee.apply(Engine.configuration)
        duty.apply(Engine.configuration)
      }
      let recordsBefore = round.pointee.recordsRead
      ForkGate.inside { round.pointee.perform() }
      Hunt.beginRound()
      Idleness.lastRound.store(.now(), ordering: .relaxed)
      answered.store(request, ordering: .releasing)
      let untilChange = duty.step(.now())
      let sleep = sleepNanoseconds(isBusy: round.pointee.recordsRead != recordsBefore)
      audit_wait_for_event(untilChange.map { min($0, sleep) } ?? sleep)
      LastThread.endProcessIfAlone()
    }
  }

  /// How long to sleep: for a tick, or when the last round has found nothing new, until there is
  /// something to do.
  ///
  /// An access that had looked at the mode before it became idle may be recorded after the second
  /// look here, and wakes nobody. Its record is drained in the next round, which every request for
  /// what was recorded makes; if it sees a violation, that wakes.
  private static func sleepNanoseconds(isBusy: Bool) -> UInt64 {
    let tick = UInt64(tickMilliseconds) * 1_000_000
    if isBusy { return tick }
    if audit_exchange_mode(ViolationResponse.current.accessMode, AUDIT_MODE_IDLE), ThreadRegistry.hasUnread {
      _ = audit_exchange_mode(AUDIT_MODE_IDLE, ViolationResponse.current.accessMode)
      return tick
    }
    let mode = audit_mode()
    guard mode == AUDIT_MODE_IDLE || mode == AUDIT_MODE_OFF else { return tick }
    var limit = TotalsObservers.nanosecondsUntilNext.map { max($0, tick) } ?? .max
    if RetiredMonitors.areThere { limit = min(limit, retirementNanoseconds) }
    if LastThread.mayBeNear { limit = min(limit, LastThread.interval) }
    return limit
  }

  /// How often to look, in an idle process, whether the memory of retired monitors can go: that
  /// takes about three seconds.
  private static let retirementNanoseconds: UInt64 = 500_000_000

  /// Ends the detector's sleep, and starts it where it does not run (in a forked child).
  static func wake() {
    audit_notice_child()
    start()
    audit_post_event()
  }

  /// Ends the detector's sleep. Async-signal-safe.
  static func post() { audit_post_event() }

  static func configurationChanged() {
    guard isStartedHere else { return }
    settingsChanged.store(true, ordering: .releasing)
    flush(limitMilliseconds: 1_000)
  }

  /// Waits until everything recorded and sighted before the call was processed; `false` when the
  /// time ran out.
  ///
  /// - Parameter startsInChild: Whether to start the detector of a forked child that has none yet.
  @discardableResult
  package static func flush(limitMilliseconds: Int = 60_000, startsInChild: Bool = true) -> Bool {
    audit_notice_child()
    if startsInChild, ForkedRecording.generation > 0, audit_mode() != AUDIT_MODE_OFF { start() }
    guard isStartedHere, !isCurrentThread else { return true }
    let request = requested.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
    let deadline = Moment.now().advanced(byMilliseconds: limitMilliseconds)
    while answered.load(ordering: .acquiring) < request {
      if Moment.now() > deadline { return false }
      audit_post_event()
      usleep(100)
    }
    return true
  }

  /// Whether a round has ended within the last second, or none is due; `nil` while the thread was
  /// not needed.
  static var isAlive: Bool? {
    guard isStartedHere else { return nil }
    return lagNanoseconds < 1_000_000_000
  }

  /// The time since the last round, or since the access that ended the sleep of an idle process; 0
  /// in such a sleep. Between two bursts of the option `duty`, the time since the next one was due.
  static var lagNanoseconds: UInt64 {
    let mode = audit_mode()
    let last =
      mode == AUDIT_MODE_OFF
      ? DutyCycle.nextChange.load(ordering: .relaxed) : Idleness.lastRound.load(ordering: .relaxed)
    if mode == AUDIT_MODE_IDLE || last == .never { return 0 }
    return Moment.now().nanoseconds(since: last)
  }

  static var isCurrentThread: Bool { audit_is_detector() }

  /// In a forked child the thread does not exist, unless it asked for the fork itself; the next
  /// audited thread, flush or violation starts one.
  static func afterFork() {
    audit_reset_event()
    answered.store(requested.load(ordering: .relaxed), ordering: .relaxed)
    isStarted.store(isCurrentThread, ordering: .releasing)
  }
}

#endif
