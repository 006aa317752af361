// SPDX-License-Identifier: Apache-2.0
//
// One-line messages to stderr, written with one call so that lines of several threads do not mix.

#if AUDITED && canImport(Glibc)

internal import Glibc

enum Diagnostics {
  static func warn(_ message: String) {
    say("AccessAudit: warning: \(message)")
  }

  static func say(_ line: String) {
    writeAll(line + "\n", to: STDERR_FILENO)
  }

  /// Writes everything, however often the kernel takes a part; `false` when it does not take all of
  /// it, with the reason in errno.
  ///
  /// - Blocking: bounded, see `BoundedOutput`.
  @discardableResult
  static func writeAll(_ text: String, to descriptor: Int32) -> Bool { BoundedOutput.write(text, to: descriptor) }
}

#endif
