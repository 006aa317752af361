// SPDX-License-Identifier: Apache-2.0
//
// Lines of source around an access, when the file it was compiled from is there. Reads regular
// files only, within bounds; what is not there is left out.

#if REPORTS && canImport(Glibc)

internal import AccessTerms
internal import Glibc

package enum SourceExcerpts {
  /// Bytes of a file that are searched for the line.
  private static let sizeLimit = 4 << 20
  private static let lengthLimit = 160
  private static let linesAround = 1

  /// The frame's line, and the one before and after it.
  package static func around(_ frame: Violation.Frame) -> Violation.SourceExcerpt? {
    guard let file = frame.file, file.hasPrefix("/"), let line = frame.line, line > 0, let text = contents(file) else {
      return nil
    }
    let first = max(1, line - linesAround)
    var lines: [String] = []
    var number = 1
    for bytes in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if number > line + linesAround { break }
      if number >= first { lines.append(printable(bytes)) }
      number += 1
    }
    // The file ends before the line: it is not what was compiled.
    guard lines.count > line - first else { return nil }
    return Violation.SourceExcerpt(file: file, firstLine: first, line: line, column: frame.column, lines: lines)
  }

  private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.unicodeScalars.reduce(into: "") { line, scalar in
      if scalar == "\t" { line += "  " } else if scalar != "\r" { line.unicodeScalars.append(scalar) }
    }
    return TextEscaping.printable(line, limit: lengthLimit)
  }

  private static func contents(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) <= sizeLimit else {
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
      if count <= 0 { break }
      filled += count
    }
    return Array(bytes.prefix(filled))
  }
}

#endif
