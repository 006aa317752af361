// SPDX-License-Identifier: Apache-2.0
//
// The engine's public face: switching, observing, asking. Everything here may block and allocate;
// no access passes through it.

#if AUDITED && canImport(Glibc)

internal import AccessDetector
internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder

/// The audit of accesses to collections: finds two threads that touch one collection at the same
/// time, one of them writing.
///
/// The environment variable `ACCESS_AUDIT` switches it; ``configure(_:)`` wins over the
/// environment.
public enum AccessAudit {
  /// The version of this package, as in its tags.
  public static var version: String { PackageVersion.text }

  /// Whether accesses are being audited; `false` between the bursts of the option `duty`.
  ///
  /// - Complexity: O(1): one load.
  public static var isEnabled: Bool { audit_mode() != AUDIT_MODE_OFF }

  /// The configuration in force.
  ///
  /// - Blocking: takes a lock; the first call reads the environment.
  public static var configuration: AuditConfiguration { Engine.configuration }

  /// Replaces the configuration, and switches auditing on or off.
  ///
  /// Collections that exist already are audited from now on; where they were created is not known.
  /// A value outside its range is replaced by its default, with a warning on stderr. `historySize`
  /// holds for threads that begin later.
  ///
  /// - Blocking: until the detector has taken the configuration over, at most a second.
  public static func configure(_ configuration: AuditConfiguration) { Engine.configure(configuration) }

  /// Has `handler` called with each violation that is reported, on the detector thread, after the
  /// report is written.
  ///
  /// Under `halt` the process ends when the handlers have returned. A handler must not wait for a
  /// thread that makes audited accesses: under `halt` those wait for the detector. One that calls
  /// `exit` ends the process at once, with its status.
  ///
  /// - Returns: what ends the observation; it need not be kept.
  @discardableResult
  public static func onViolation(_ handler: @escaping @Sendable (Violation) -> Void) -> ViolationObserver {
    ViolationObservers.add(handler)
  }

  /// Has `handler` called with the accesses to audited collections and variables, on the detector
  /// thread, in batches of up to 4 096, each after it has ended, in the order of their begin.
  ///
  /// Nothing is observed while auditing is off. A thread keeps up to 8 192 accesses until the
  /// detector takes them, every 10 ms or when half of that is full; those that it has no room for
  /// are counted in ``AccessObserver/lost``. An access by key hashes the key once more. A handler
  /// must not wait for a thread that makes audited accesses.
  ///
  /// - Parameters:
  ///   - sampling: one access in so many is observed, at random, 1 to 1 000 000; 1: each.
  ///   - handler: takes the accesses.
  /// - Returns: what ends the observation; it need not be kept.
  @discardableResult
  public static func onAccesses(
    sampling: Int = 1, _ handler: @escaping @Sendable ([AuditedAccess]) -> Void
  ) -> AccessObserver {
    Engine.start()
    return AccessObservers.add(sampling: sampling, handler)
  }

  /// Has `provider` asked for the trace that a violation belongs to, so that reports name it.
  ///
  /// It is called on the thread that saw the violation, inside its access, once for each race. It
  /// should read a task-local value, as `ServiceContext.current?.inMemorySpanContext?.traceID`
  /// does, and must not wait for a thread that makes audited accesses. `nil` takes it back.
  public static func onTraceID(_ provider: (@Sendable () -> String?)?) { TraceProvider.set(provider) }

  /// The violations reported so far, in their order; at most `maxReports`. A race is among them
  /// once: a pair of source places on one declaration, whichever of the two saw the other.
  public static var violations: [Violation] { ViolationLog.all }

  /// Returns when everything that was recorded or seen before the call has been processed and
  /// reported.
  ///
  /// - Blocking: up to a tick of the detector (10 ms) and the time its reports take; at most a
  ///   minute. Returns at once on the detector thread and while no detector runs.
  public static func flush() { Detector.flush() }

  /// Runs `body`; the calling thread's accesses in it are neither recorded nor checked.
  ///
  /// - Complexity: O(1) beside `body`. Scopes may be nested.
  public static func withSuppressed<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let recorder = audit_thread_recorder()
    let depth = audit_suppression_depth()
    recorder?.assumingMemoryBound(to: ThreadRecorder.self).pointee.noteUnrecorded()
    audit_set_thread_recorder(nil)
    audit_set_suppression_depth(depth + 1)
    defer {
      audit_set_suppression_depth(depth)
      audit_set_thread_recorder(recorder)
    }
    return try body()
  }

  /// Suppresses violations on collections whose label is `label`, from now on; `*` stands for any
  /// characters.
  ///
  /// What is suppressed is still found and counted: in ``statistics()``, in ``totals()`` and in the
  /// lines printed at exit.
  public static func suppress(label: String) { CodeSuppressions.add(label: label) }

  /// What the audit has seen in this process so far, in numbers. In a forked child they begin at 0.
  ///
  /// - Blocking: takes short locks; does not wait for the detector, so the last tick (10 ms) may be
  ///   missing.
  public static func totals() -> AuditTotals { AuditTotals.current() }

  /// Has `handler` called with the totals every so often, on the detector thread.
  ///
  /// - Parameters:
  ///   - seconds: the time between two calls; at least the tick of the detector, 10 ms.
  ///   - handler: takes the totals; it must not wait for a thread that makes audited accesses.
  /// - Returns: what ends the observation; it need not be kept.
  @discardableResult
  public static func onInterval(
    seconds: Double, _ handler: @escaping @Sendable (AuditTotals) -> Void
  ) -> TotalsObserver {
    TotalsObservers.add(seconds: seconds, handler)
  }

  /// Checks what the audit rests on: the build, frame pointers, the unwinder, the detector.
  ///
  /// - Blocking: waits for the detector for up to a tick of 10 ms where it runs.
  @inline(never)
  public static func diagnostics() -> AuditDiagnostics {
    flush()
    return SelfCheck.run(frame: audit_frame_address())
  }

  /// The traffic of the collections that were audited, by ID; at most 16 384 are kept, 1 024 of
  /// them destroyed ones. A forked child has none of its parent's.
  ///
  /// - Complexity: O(n log n) in their number.
  public static func statistics() -> [CollectionStatistics] {
    flush()
    return StatisticsTable.all
  }

  /// The pairs of call sites that hunting takes for possible races and has not decided, the ones
  /// nearest to each other first.
  ///
  /// Empty while `hunt` is off. Suspects are no violations, and change no exit status.
  ///
  /// - Blocking: looks names up, which takes milliseconds in a large program.
  public static func suspects() -> [Suspect] { Suspects.all }
}

#endif
