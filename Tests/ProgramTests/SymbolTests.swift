// SPDX-License-Identifier: Apache-2.0
//
// Names and lines in reports of programs whose debug information was moved, compressed or stripped,
// or whose file is gone; and the facts in a report without names.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild))
struct SymbolTests {
  private static let location =
    #"#0 closure #\d in static ReportScenarios\.overlapOnce\(label:\) ReportScenarios\.swift:\d+:\d+"#
  private static let options = "on_violation=report wait_ms=20000"
  private static let frame = #"#\d race-programs\+0x[0-9a-f]+\n"#
  private static let image = #"    race-programs: build ID [0-9a-f]{40}, at 0x[0-9a-f]+, /[^\n]+race-programs\n"#

  /// Runs `body` with a copy of the program in a separate folder.
  private func withCopy(_ body: (Program, URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("access-audit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("race-programs")
    try copy(Program.products.appendingPathComponent("race-programs"), to: file)
    try body(Program(name: "race-programs", folder: folder), file)
  }

  /// Copies in another process. A program that another test starts could inherit a descriptor of
  /// this process that is open for writing, and an executable that is open for writing cannot be
  /// started.
  private func copy(_ file: URL, to target: URL) throws {
    try run("/bin/cp", [file.path, target.path], in: target.deletingLastPathComponent())
  }

  private func change(_ file: URL, _ arguments: [String]) throws {
    try run("/usr/bin/objcopy", arguments + [file.path], in: file.deletingLastPathComponent())
  }

  private func run(_ program: String, _ arguments: [String], in folder: URL) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) \(arguments)")
  }

  private func expectNames(_ outcome: Program.Outcome) {
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.errors.range(of: Self.location, options: .regularExpression) != nil, outcome.summary)
    #expect(!outcome.errors.contains("llvm-symbolizer"), outcome.summary)
  }

  @Test func movedDebugInformation_isFound() throws {
    try withCopy { program, file in
      let moved = file.deletingLastPathComponent().appendingPathComponent("race-programs.debug")
      try copy(file, to: moved)
      try change(moved, ["--only-keep-debug"])
      try change(file, ["--strip-all", "--add-gnu-debuglink=race-programs.debug"])
      expectNames(try program.run(["observed"], audit: Self.options))
      // The debug information of another build would give wrong names.
      try change(moved, ["--remove-section=.note.gnu.build-id"])
      let outcome = try program.run(["observed"], audit: Self.options)
      #expect(outcome.errors.range(of: Self.location, options: .regularExpression) == nil, outcome.summary)
    }
  }

  /// Read by the toolchain's module, which can decompress it.
  @Test func compressedDebugInformation_isRead() throws {
    try withCopy { program, file in
      try change(file, ["--compress-debug-sections=zlib"])
      expectNames(try program.run(["observed"], audit: Self.options))
    }
  }

  @Test func programWhoseFileIsGone_hasNames() throws {
    try withCopy { program, _ in
      expectNames(try program.run(["without-own-file"], audit: Self.options))
    }
  }

  /// A frame without a name can be named elsewhere, by its offset and the build ID, which are those
  /// of the file.
  @Test func strippedProgram_saysHowToHaveNames() throws {
    try withCopy { program, file in
      try change(file, ["--strip-all"])
      let text = try program.run(["observed"], audit: Self.options)
      #expect(text.errors.range(of: Self.frame, options: .regularExpression) != nil, text.summary)
      #expect(text.errors.range(of: Self.image, options: .regularExpression) != nil, text.summary)
      let coded = try program.run(["observed"], audit: Self.options, collectingReports: true)
      let violation = try #require(coded.violations.first)
      let image = try #require(violation.images?.first { $0.name == "race-programs" })
      #expect(image.buildID?.count == 40)
      // The same offset in the file with debug information.
      let frame = try #require(violation.detected.stack.first { $0.image == "race-programs" && $0.category == .user })
      let offset = try #require(frame.offset.flatMap { UInt64($0.dropFirst(2), radix: 16) })
      let begin = try #require(UInt64(image.begin.dropFirst(2), radix: 16))
      let address = try #require(UInt64(frame.address.dropFirst(2), radix: 16))
      #expect(address - begin == offset)
    }
  }

  /// Under `halt`, with a detector that never makes the report: the process ends in time, and its
  /// output has both stacks.
  @Test func detectorThatIsHeld_leavesTheFacts() throws {
    let outcome = try Program.race.run(["detector-held"], audit: "on_violation=halt", seconds: 60)
    #expect(outcome.signal == 6, outcome.summary)
    #expect(outcome.errors.hasPrefix("fatal error: concurrent dictionary writes\n"), outcome.summary)
    for pattern in [
      #"  Write \(subscript\.set\) by thread \d+[^\n]*:\n    "# + Self.frame,
      #"  Write \(subscript\.set\) in progress by thread \d+[^\n]*:\n    "# + Self.frame, Self.image,
    ] {
      #expect(outcome.errors.range(of: pattern, options: .regularExpression) != nil, outcome.summary)
    }
  }
}
