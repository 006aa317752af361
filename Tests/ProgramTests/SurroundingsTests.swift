// SPDX-License-Identifier: Apache-2.0
//
// Broken or guarded surroundings: a full disk, a closed standard error, a set-user-ID program.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct SurroundingsTests {
  /// Only root can give a file to another user; CI runs as root.
  static let isRoot = geteuid() == 0
  /// Only root can make a small file system, and not in every container.
  static let canMount =
    (try? ChildProcess.run(
      ["/usr/bin/unshare", "--mount", "/bin/mount", "-t", "tmpfs", "tmpfs", "/mnt"], environment: [:],
      output: "/dev/null", errors: "/dev/null", seconds: 10
    ).code) == 0

  /// The environment of a set-user-ID program is its caller's: it must not choose the place of
  /// files.
  @Test(.enabled(if: isRoot)) func setUserID_ignoresTheEnvironment() throws {
    try withFolder { folder in
      let script =
        #"cp "$0" "\#(folder)/copy" && chown 65534 "\#(folder)/copy" && chmod 4755 "\#(folder)/copy" && exec "\#(folder)/copy" "$@""#
      let outcome = try Program.race.run(["print-state"], audit: "help=1", launcher: ["/bin/sh", "-c", script])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
      #expect(outcome.output.hasPrefix("enabled false\n"), outcome.summary)
    }
  }

  /// The report is whole on stderr, with one warning, when there is no room for its file.
  @Test(.enabled(if: canMount)) func fullDisk_fallsBackToStderr() throws {
    try withFolder { folder in
      let script =
        #"mount -t tmpfs -o size=4k tmpfs "\#(folder)" && dd if=/dev/zero of="\#(folder)/all" bs=4k count=1 2>/dev/null && exec "$0" "$@""#
      let outcome = try Program.race.run(
        ["write-write-subscript"], audit: "log_path=\(folder)/report",
        launcher: ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script])
      #expect(outcome.signal == 6, outcome.summary)
      let lines = outcome.errors.split(separator: "\n")
      #expect(lines.filter { $0.contains("warning") }.count == 1, outcome.summary)
      #expect(lines.first?.hasSuffix("No space left on device; reports go to stderr") == true, outcome.summary)
      #expect(outcome.errors.contains("\nSUMMARY: AccessAudit: concurrent dictionary writes "), outcome.summary)
    }
  }

  /// Without a place for its output the process ends as it would otherwise.
  @Test func closedStandardError_changesNothing() throws {
    let outcome = try Program.race.run(
      ["write-write-subscript"], audit: "1", launcher: ["/bin/sh", "-c", #"exec "$0" "$@" 2>&-"#])
    #expect(outcome.signal == 6, outcome.summary)
  }

  /// A write that waited in vain gets an empty dictionary. The other write then finds its variable
  /// replaced by the audit itself, which is no violation.
  @Test func givenUpWait_isOneViolation() throws {
    let outcome = try Program.race.run(
      ["write-write-subscript"], audit: "on_violation=report wait_ms=1", collectingReports: true)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.violations.map(\.kind) == [.concurrentWrites], outcome.summary)
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("surroundings-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }
}
