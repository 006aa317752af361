// SPDX-License-Identifier: Apache-2.0
//
// The one way from an access to the layers above: the table of functions in audit_outward.h, which
// the detector's module installs.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

/// What an access asks of the layers above it, on its slow paths.
enum OutwardCalls {
  /// Whether any scope of a test was ever opened.
  private static var areScopesInUse: SharedWord<Bool> { SharedWord(AUDIT_WORD_SCOPES_IN_USE) }

  /// Reads the environment and starts the detector, once; `false` when the detector cannot be
  /// started.
  static func start() -> Bool { audit_outward().start() }

  /// Ends the detector's sleep: a violation waits for its report.
  static func wakeDetector() { audit_outward().wake_detector() }

  /// The test's scope that the calling task or thread belongs to; 0 is none.
  static var scope: UInt32 {
    // Programs without tests do not look further.
    areScopesInUse.load(ordering: .relaxed) ? audit_outward().scope() : 0
  }

  /// Writes what is known of a violation whose report the detector does not finish.
  static func writeBareReport(_ pendingReport: PendingReport) {
    withUnsafePointer(to: pendingReport) { audit_outward().write_bare_report($0) }
  }
}

#endif
