// SPDX-License-Identifier: Apache-2.0
//
// Which thread is asking.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Glibc

/// Which thread is asking.
enum ThreadIdentity {
  static var isMain: Bool { audit_thread_id() == getpid() }
}

#endif
