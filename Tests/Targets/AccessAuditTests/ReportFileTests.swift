// SPDX-License-Identifier: Apache-2.0
//
// The files of reports: new, readable by their owner alone, never opened through a link. A report
// that cannot be written whole goes to stderr.

#if AUDITED && canImport(Glibc)

import Foundation
import Glibc
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct ReportFileTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("report-files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    lstat(path, &status)
    return status.st_mode
  }

  @Test func files_areForTheirOwnerAlone() throws {
    try withFolder { folder in
      let sink = ReportSink(AuditConfiguration(logPath: "\(folder)/report", logFormat: [.text, .json]))
      // Not even with a mask that would admit all users.
      let mask = umask(0)
      defer { umask(mask) }
      sink.write(RenderingTests.sample())
      sink.write(RenderingTests.sample())
      let pid = getpid()
      #expect(
        try names(folder) == ["1.json", "1.txt", "2.json", "2.txt"].map { "report.\(pid).\($0)" })
      for name in try names(folder) {
        #expect(mode("\(folder)/\(name)") & 0o777 == 0o600, "\(name)")
        #expect(try !String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8).isEmpty)
      }
    }
  }

  /// Another process had the same ID, or this process has another audit: nothing is overwritten,
  /// and both formats get the same number.
  @Test func numbersThatAreTaken_areLeftAlone() throws {
    try withFolder { folder in
      let prefix = "\(folder)/report.\(getpid())"
      try "mine".write(toFile: "\(prefix).1.json", atomically: false, encoding: .utf8)
      try "mine".write(toFile: "\(prefix).2.txt", atomically: false, encoding: .utf8)
      ReportSink(AuditConfiguration(logPath: "\(folder)/report", logFormat: [.text, .json])).write(
        RenderingTests.sample())
      let expected = ["1.json", "2.txt", "3.json", "3.txt"].map { "report.\(getpid()).\($0)" }
      #expect(try names(folder) == expected)
      #expect(try String(contentsOfFile: "\(prefix).1.json", encoding: .utf8) == "mine")
      #expect(try String(contentsOfFile: "\(prefix).2.txt", encoding: .utf8) == "mine")
    }
  }

  /// Planted links, to a file that must not be written and to one that does not exist.
  @Test func links_areNotFollowed() throws {
    try withFolder { folder in
      let prefix = "\(folder)/report.\(getpid())"
      try "precious".write(toFile: "\(folder)/precious", atomically: false, encoding: .utf8)
      #expect(
        symlink("\(folder)/precious", "\(prefix).1.txt") == 0 && symlink("\(folder)/nothing", "\(prefix).2.txt") == 0)
      ReportSink(AuditConfiguration(logPath: "\(folder)/report")).write(RenderingTests.sample())
      #expect(try String(contentsOfFile: "\(folder)/precious", encoding: .utf8) == "precious")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/nothing"))
      #expect(mode("\(prefix).3.txt") & S_IFMT == S_IFREG)
      #expect(
        try String(contentsOfFile: "\(prefix).3.txt", encoding: .utf8) == TextRenderer().render(RenderingTests.sample())
      )
    }
  }
}

#endif
