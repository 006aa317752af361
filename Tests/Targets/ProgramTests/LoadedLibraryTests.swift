// SPDX-License-Identifier: Apache-2.0
//
// A library that a program loads while it runs and that uses audited collections: with the
// program's audit, or with a separate copy of it. The two are compiled here, because a package
// cannot declare such products.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct LoadedLibraryTests {
  /// The library was loaded after the first report had made the process's images known.
  @Test func race_isReportedWithItsLines() throws {
    try withPrograms { folder in
      for kind in ["shared", "own"] {
        let outcome = try run(folder, kind, ["own-race", "open", "library_race"], policy: "report")
        #expect(outcome.status == 66 && outcome.output.contains("library_race 1\n"), outcome.summary)
        let violation = try #require(
          outcome.violations.first {
            $0.message == "concurrent dictionary writes"
              && $0.detected.location?.symbol?.contains("writeBeside") == true
          }, outcome.summary)
        #expect(violation.conflicting.location?.symbol?.contains("writeHeld") == true, outcome.summary)
        for access in violation.accesses {
          #expect(access.location?.file?.hasSuffix("Library.swift") == true && access.location?.line != nil)
          #expect(access.location?.image?.hasPrefix("library-\(kind)") == true, outcome.summary)
        }
      }
    }
  }

  @Test func race_haltsTheProgram() throws {
    try withPrograms { folder in
      for kind in ["shared", "own"] {
        let outcome = try run(folder, kind, ["open", "library_race"], policy: "halt")
        #expect(outcome.signal == 6 && outcome.violations.count == 1, outcome.summary)
      }
    }
  }

  @Test func lawfulUse_isSilent() throws {
    try withPrograms { folder in
      for kind in ["shared", "own"] {
        let outcome = try run(folder, kind, ["use", "open", "library_work", "library_work", "use"], policy: "halt")
        #expect(outcome.status == 0 && outcome.violations.isEmpty && outcome.errors.isEmpty, outcome.summary)
        #expect(outcome.output == "own 1000\nlibrary_work 50\nlibrary_work 50\nown 1000\nfinished with 0 violations\n")
      }
    }
  }

  /// The library's copy of the audit stays loaded after `dlclose`: otherwise its thread and
  /// handlers would run in unmapped memory. (The runtime itself does not survive the unloading of a
  /// Swift library without the audit.)
  @Test func closing_leavesTheAuditAtWork() throws {
    try withPrograms { folder in
      let steps = ["open", "library_work", "close", "sleep", "use", "open", "library_work", "close", "sleep", "use"]
      let outcome = try run(folder, "own", steps, policy: "halt")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
      let raced = try run(folder, "own", steps + ["open", "library_race", "close", "sleep", "use"], policy: "report")
      #expect(raced.status == 66 && raced.signal == nil && raced.violations.count == 1, raced.summary)
      #expect(raced.output.hasSuffix("own 1000\nfinished with 0 violations\n"), raced.summary)
    }
  }

  private func run(_ folder: URL, _ kind: String, _ steps: [String], policy: String) throws -> Program.Outcome {
    try Program(name: "host-\(kind)", folder: folder).run(
      [folder.appendingPathComponent("library-\(kind).so").path] + steps,
      audit: "on_violation=\(policy) wait_ms=20000", collectingReports: true)
  }

  /// Compiles both programs and both libraries once for all tests: two seconds each.
  private static let programs = Result { try compile() }

  private func withPrograms(_ body: (URL) throws -> Void) throws { try body(try Self.programs.get()) }

  private struct CompilationFailed: Error { var output: String }

  private static func compile() throws -> URL {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/LoadedLibrary")
    let folder = Program.products.appendingPathComponent("LoadedLibrary")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let objects = ModuleObjects.paths(ModuleObjects.audit)
    let common =
      [
        "swiftc", "-swift-version", "6", "-g", "-parse-as-library", "-I",
        Program.products.appendingPathComponent("Modules").path, "-Xcc", "-fno-omit-frame-pointer",
      ] + ModuleObjects.moduleMaps
    let audit = objects + ["-lunwind-generic", "-lunwind"]
    let host = [sources.appendingPathComponent("Host.swift").path, "-o"]
    let library = [
      "-emit-library", "-module-name", "Library", sources.appendingPathComponent("Library.swift").path, "-o",
    ]
    try compile(common + host + [folder.appendingPathComponent("host-own").path] + audit, in: folder)
    // The loaded library finds the symbols of this program.
    try compile(
      common + ["-Xlinker", "--export-dynamic"] + host + [folder.appendingPathComponent("host-shared").path] + audit,
      in: folder)
    try compile(common + library + [folder.appendingPathComponent("library-own.so").path] + audit, in: folder)
    try compile(common + library + [folder.appendingPathComponent("library-shared.so").path], in: folder)
    return folder
  }

  private static func compile(_ command: [String], in folder: URL) throws {
    let output = folder.appendingPathComponent("output").path
    let status = try ChildProcess.run(
      ["/usr/bin/env"] + command, environment: ProcessInfo.processInfo.environment, output: output, errors: output,
      seconds: 300)
    guard status.code == 0, status.signal == nil else {
      throw CompilationFailed(output: (try? String(contentsOfFile: output, encoding: .utf8)) ?? "")
    }
  }
}
