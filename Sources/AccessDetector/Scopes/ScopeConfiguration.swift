// SPDX-License-Identifier: Apache-2.0
//
// The configuration while scopes are open: what the environment says, but auditing is on and
// nothing halts. The one from before comes back with the end of the last scope. Never called by the
// detector.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum ScopeConfiguration {
  private struct State {
    /// What each open scope asks for.
    var options: [UInt32: ScopeOptions] = [:]
    /// The configuration to come back to; `nil` while no scope is open.
    var before: AuditConfiguration?
    /// The one in force by order of the scopes.
    var applied: AuditConfiguration?
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_SCOPE_CONFIGURATION, isInherited: true) { State() }
  }

  static func begin(_ id: UInt32, _ options: ScopeOptions) {
    state.withLock { state in
      if state.before == nil { state.before = Engine.configuration }
      state.options[id] = options
      apply(&state)
    }
  }

  static func end(_ id: UInt32) {
    state.withLock { state in
      state.options[id] = nil
      apply(&state)
    }
  }

  /// Puts the strongest of what the open scopes ask for in force: a policy holds for the whole
  /// process.
  private static func apply(_ state: inout State) {
    guard let before = state.before else { return }
    var wanted = before
    if state.options.isEmpty {
      state.before = nil
      state.applied = nil
    } else {
      if !before.isEnabled { wanted = AuditConfiguration() }
      wanted.isEnabled = true
      wanted.onViolation = state.options.values.contains { $0.shields } ? .shield : .report
      wanted.maxReports = OptionTable.maximumReports
      wanted.delayMicroseconds = state.options.values.map(\.delayMicroseconds).max() ?? 0
      let percent = state.options.values.map(\.huntPercent).max() ?? 0
      if !before.isEnabled || before.hunt == .automatic { wanted.hunt = percent > 0 ? .percent(percent) : .off }
      if before.isEnabled { wanted.delayMicroseconds = max(wanted.delayMicroseconds, before.delayMicroseconds) }
      if state.applied == wanted { return }
      state.applied = wanted
    }
    Engine.configure(wanted)
  }
}

#endif
