// SPDX-License-Identifier: Apache-2.0
//
// What tells that a file has changed since it was copied, without reading it.

#if Scanner && canImport(Glibc)

import Glibc

/// The part of a file's status that changes with its content, its rights or its name.
package struct FileStamp: Codable, Equatable, Sendable {
  package enum Kind: String, Codable, Sendable {
    case file
    case link
    case folder
    case other
  }

  package var kind: Kind
  package var mode: UInt32
  var size: Int64
  var node: UInt64
  /// In nanoseconds.
  var modified: Int64
  var changed: Int64

  /// The status of a file, not of what a link points at; `nil` when there is none.
  package init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFLNK: .link
      case S_IFDIR: .folder
      default: .other
      }
    mode = status.st_mode & 0o7777
    size = Int64(status.st_size)
    node = UInt64(status.st_ino)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }
}

#endif
