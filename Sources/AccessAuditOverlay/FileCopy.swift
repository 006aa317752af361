// SPDX-License-Identifier: Apache-2.0
//
// Copies and writes of single files. A file is written beside its place and moved there, so that
// none is ever seen half written; the content is shared where the file system can do that.

#if Scanner && canImport(Glibc)

import CProcessSupport
import Foundation
import Glibc

/// A failed system call on a file.
package struct FileError: Error, CustomStringConvertible {
  package var path: String
  package var doing: String
  package var code: Int32

  package var description: String { "\(path) cannot be \(doing): \(String(cString: strerror(code)))" }
}

package enum FileCopy {
  /// The end of the name of a file that is being written.
  package static let unfinished = ".access-audit-unfinished"

  /// Copies a file with its rights. The parent folders are made.
  package static func copy(_ source: String, to target: String, mode: UInt32) throws {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw FileError(path: source, doing: "read", code: errno) }
    defer { close(input) }
    try put(at: target, mode: mode) { output in
      while true {
        let count = process_copy(input, output)
        if count == 0 { return }
        if count < 0, errno == EINTR { continue }
        // Between file systems, and on some kinds of them, the kernel does not copy.
        if count < 0, [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) { return try pass(input, output, target) }
        if count < 0 { throw FileError(path: target, doing: "written", code: errno) }
      }
    }
  }

  /// Writes a file. The parent folders are made.
  package static func write(_ bytes: [UInt8], to target: String, mode: UInt32) throws {
    try put(at: target, mode: mode) { output in try writeAll(bytes[...], output, target) }
  }

  /// Makes a symbolic link.
  package static func link(_ target: String, to destination: String) throws {
    try makeFolder(of: target)
    let temporary = target + unfinished
    unlink(temporary)
    guard symlink(destination, temporary) == 0, rename(temporary, target) == 0 else {
      throw FileError(path: target, doing: "written", code: errno)
    }
  }

  private static func put(at target: String, mode: UInt32, _ fill: (Int32) throws -> Void) throws {
    try makeFolder(of: target)
    let temporary = target + unfinished
    unlink(temporary)
    let output = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw FileError(path: target, doing: "written", code: errno) }
    do {
      try fill(output)
      fchmod(output, mode | 0o200)
      // A file system may say only here that it is full.
      guard close(output) == 0 else { throw FileError(path: target, doing: "written", code: errno) }
    } catch {
      close(output)
      unlink(temporary)
      throw error
    }
    guard rename(temporary, target) == 0 else {
      let code = errno
      unlink(temporary)
      throw FileError(path: target, doing: "written", code: code)
    }
  }

  private static func pass(_ input: Int32, _ output: Int32, _ target: String) throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(input, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path: target, doing: "written", code: errno) }
      if count == 0 { return }
      try writeAll(buffer[..<count], output, target)
    }
  }

  private static func writeAll(_ bytes: ArraySlice<UInt8>, _ output: Int32, _ target: String) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError(path: target, doing: "written", code: count < 0 ? errno : ENOSPC) }
      rest = rest.dropFirst(count)
    }
  }

  private static func makeFolder(of target: String) throws {
    guard let slash = target.lastIndex(of: "/") else { return }
    try makeFolder(String(target[..<slash]))
  }

  /// Makes a folder and those above it.
  package static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o755) == 0 { return }
    let code = errno
    if code == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
      if mkdir(path, 0o755) == 0 { return }
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileError(path: path, doing: "made", code: code)
    }
  }
}

#endif
