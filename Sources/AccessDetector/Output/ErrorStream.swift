// SPDX-License-Identifier: Apache-2.0
//
// Whether standard error is still a stream for messages: a program may have closed it, and have
// something else under its number by now.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum ErrorStream {
  private static var device: SharedWord<UInt64> { SharedWord(AUDIT_WORD_STDERR_DEVICE) }
  private static var file: SharedWord<UInt64> { SharedWord(AUDIT_WORD_STDERR_FILE) }

  /// Remembers which file it is. Called when the audit starts.
  static func remember() {
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return }
    device.store(UInt64(truncatingIfNeeded: status.st_dev), ordering: .relaxed)
    file.store(UInt64(truncatingIfNeeded: status.st_ino), ordering: .relaxed)
  }

  /// Whether it is the file it was, or one that can only be written to, as a log that the program
  /// has put in its place. Anything else may be the program's data.
  static var isStillThere: Bool {
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    if device.load(ordering: .relaxed) == UInt64(truncatingIfNeeded: status.st_dev),
      file.load(ordering: .relaxed) == UInt64(truncatingIfNeeded: status.st_ino)
    {
      return true
    }
    return status.st_mode & S_IFMT != S_IFSOCK && fcntl(STDERR_FILENO, F_GETFL) & O_ACCMODE == O_WRONLY
  }
}

#endif
