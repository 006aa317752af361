// SPDX-License-Identifier: Apache-2.0
//
// A lock that one process has at a time, and that ends with it. Its file names the process.

#if Scanner && canImport(Glibc)
import Foundation
import Glibc

struct FileLock {
  private let file: Int32

  /// Takes the lock, and waits for another process that has it.
  ///
  /// - Parameter waiting: is told who has it, once.
  init(_ path: String, waiting: (_ holder: String) -> Void) throws {
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw ToolError.systemFailure("\(path) cannot be opened", errno) }
    if flock(file, LOCK_EX | LOCK_NB) != 0 {
      var bytes = [UInt8](repeating: 0, count: 32)
      let count = pread(file, &bytes, bytes.count, 0)
      let holder = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      waiting(holder.isEmpty ? "?" : holder)
      while flock(file, LOCK_EX) != 0 {
        guard errno == EINTR else { throw ToolError.systemFailure("\(path) cannot be locked", errno) }
        try Interruption.check()
      }
    }
    ftruncate(file, 0)
    let own = Array("\(getpid())".utf8)
    _ = pwrite(file, own, own.count, 0)
  }

  func release() { close(file) }
}
#endif
