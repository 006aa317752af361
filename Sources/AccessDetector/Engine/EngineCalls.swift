// SPDX-License-Identifier: Apache-2.0
//
// What the engine gives accesses to call: the only functions of this module that they reach.

#if AUDITED && canImport(Glibc)

internal import AccessWindows
internal import CAccessRecorder

/// Called by the first access that needs the engine. Literals, so that nothing is made lazily.
@_cdecl("audit_install_engine")
func installEngine() {
  audit_set_outward_calls(
    audit_outward_calls(
      start: {
        Engine.start()
        return Detector.start()
      },
      wake_detector: { Detector.wake() },
      scope: { AuditScopes.context },
      write_bare_report: { BareReport.write($0.assumingMemoryBound(to: PendingReport.self).pointee) }))
}

#endif
