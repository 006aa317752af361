// SPDX-License-Identifier: Apache-2.0
//
// The configuration in force and the engine's start: reads the environment once. Reached by slow
// paths only.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
package import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

package enum Engine {
  private struct State {
    var isConfigured = false
    var configuration = AuditConfiguration()
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_ENGINE, isInherited: true) { State() }
  }

  package static var configuration: AuditConfiguration {
    start()
    return state.withLock { $0.configuration }
  }

  /// Reads the environment, once.
  ///
  /// - Blocking: takes a lock; the first call parses the options.
  package static func start() {
    let outcome = state.withLock { state -> EnvironmentSwitch.Outcome? in
      guard !state.isConfigured else { return nil }
      state.isConfigured = true
      let outcome = EnvironmentSwitch.read(audit_environment_at_start().map { String(cString: $0) })
      state.configuration = outcome.configuration
      adopt(outcome.configuration)
      // The list may say `off`; the constructor that set the mode does not parse it.
      _ = audit_exchange_mode(AUDIT_MODE_ON, ViolationResponse.configuredMode)
      return outcome
    }
    guard let outcome else { return }
    ErrorStream.remember()
    outcome.warnings.forEach(Diagnostics.warn)
    if let help = outcome.help { Diagnostics.writeAll(help, to: STDERR_FILENO) }
    HuntPlanFile.arm(outcome.configuration.plan)
    if outcome.configuration.isEnabled { ResourceLimits.checkDescriptors() }
  }

  /// Replaces the configuration and switches auditing on or off.
  package static func configure(_ configuration: AuditConfiguration) {
    start()
    let checked = configuration.validated()
    if checked.configuration.isEnabled {
      audit_keep_library_loaded()
      // Before there is anything that a child must not take over.
      ForkedRecording.register()
    }
    state.withLock { state in
      state.configuration = checked.configuration
      adopt(checked.configuration)
      // A process that is ending goes on ending: the thread that saw the violation waits for that.
      var mode = audit_mode()
      while mode != AUDIT_MODE_HALTING, !audit_exchange_mode(mode, ViolationResponse.configuredMode) {
        mode = audit_mode()
      }
    }
    checked.warnings.forEach(Diagnostics.warn)
    Detector.configurationChanged()
  }

  private static func adopt(_ configuration: AuditConfiguration) {
    let isRecorded = configuration.isEnabled && !configuration.trace.isEmpty
    AccessObservers.record(sampling: isRecorded ? configuration.traceSampling : 0)
    ViolationResponse.adopt(configuration)
    Backoff.adopt(limitMilliseconds: configuration.waitMilliseconds)
    ThreadRegistry.apply(
      RecorderSettings(
        historySize: configuration.historySize, depth: configuration.framesToWalk,
        delayMicroseconds: configuration.delayMicroseconds,
        huntPercent: configuration.isEnabled ? configuration.hunt.percent : 0, seed: configuration.seed))
  }
}

#endif
