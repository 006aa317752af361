// SPDX-License-Identifier: Apache-2.0
//
// The end of a process whose threads have all ended but the detector. Called by the detector.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc

/// Ends the process as the C library does behind its last thread, which does not know that the
/// detector is none of the program's.
///
/// Only the end of the main thread by `pthread_exit` leads there. The kernel keeps such a thread as
/// a zombie, so looking is needed only while no thread that made accesses lives, and means a file
/// of the kernel's.
enum LastThread {
  /// How often the detector looks, in nanoseconds, while no thread that made accesses lives.
  static var interval: UInt64 { 1_000_000_000 }

  /// Whether every thread that made accesses has ended.
  static var mayBeNear: Bool { ThreadRegistry.nextInUse(after: 0) == 0 }

  static func endProcessIfAlone() {
    if mayBeNear, audit_is_alone() { exit(0) }
  }
}

#endif
