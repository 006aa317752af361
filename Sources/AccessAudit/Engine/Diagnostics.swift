// SPDX-License-Identifier: Apache-2.0
//
// One-line messages to stderr, written with one call so that lines of several threads do not mix.

internal import Glibc

enum Diagnostics {
  static func warn(_ message: String) {
    say("AccessAudit: warning: \(message)")
  }

  static func say(_ line: String) {
    writeAll(line + "\n", to: STDERR_FILENO)
  }

  /// Writes everything, however often the kernel takes a part; `false` when it takes none, with the reason in errno.
  @discardableResult
  static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      return true
    }
  }
}
