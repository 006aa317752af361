// SPDX-License-Identifier: Apache-2.0
//
// The function by which the program names the trace that the calling thread works for. Asked on the
// thread that sees a violation, once for each race.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder

package enum TraceProvider {
  private struct State {
    var provider: (@Sendable () -> String?)?
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_TRACE_PROVIDER, isInherited: true) { State() }
  }

  package static func set(_ provider: (@Sendable () -> String?)?) { state.withLock { $0.provider = provider } }

  /// The trace of the calling thread. Accesses that the program's function makes are neither
  /// recorded nor checked: the thread is inside one.
  static var current: String? {
    guard let provider = state.withLock({ $0.provider }) else { return nil }
    let recorder = audit_thread_recorder()
    let depth = audit_suppression_depth()
    audit_set_thread_recorder(nil)
    audit_set_suppression_depth(depth + 1)
    defer {
      audit_set_suppression_depth(depth)
      audit_set_thread_recorder(recorder)
    }
    return provider()
  }
}

#endif
