// SPDX-License-Identifier: Apache-2.0
//
// The audited types declare every member of the toolchain's own types themselves: a member
// inherited from a protocol extension would make several accesses of one call.

import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct SurfaceTests {
  private static let lists = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/API")
  private static let surface = Program(name: "collection-surface")

  /// Runs `swift symbolgraph-extract` on a module; returns the folder of its output.
  private func extract(_ module: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbols-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let products = Program.products.path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "swift", "symbolgraph-extract", "-module-name", module, "-target", Self.target, "-minimum-access-level", "public",
      "-output-dir", folder.path, "-I", "\(products)/Modules", "-Xcc",
      "-fmodule-map-file=\(products)/CAccessRecorder.build/module.modulemap", "-Xcc",
      "-fmodule-map-file=\(products)/CAccessSymbols.build/module.modulemap",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(process.arguments ?? [])")
    return folder
  }

  private static var target: String {
    #if arch(arm64)
    "aarch64-unknown-linux-gnu"
    #else
    "x86_64-unknown-linux-gnu"
    #endif
  }

  @Test func surface_isComplete() throws {
    let folder = try extract("AuditedCollections")
    defer { try? FileManager.default.removeItem(at: folder) }
    let symbols = folder.appendingPathComponent("AuditedCollections.symbols.json").path
    let outcome = try Self.surface.run(["missing", symbols, Self.lists.path], audit: nil)
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.status == 0 && lines.count == 3, outcome.summary)
    #expect(lines.allSatisfy { $0.hasSuffix(" covered") }, outcome.summary)
  }

  /// A member that the audited type lacks is named; the lists equal those of this toolchain.
  @Test func surface_namesWhatIsMissing_andListsAreTheToolchains() throws {
    let symbols = try extract("Swift")
    defer { try? FileManager.default.removeItem(at: symbols) }
    let audited = try extract("AuditedCollections")
    defer { try? FileManager.default.removeItem(at: audited) }
    let listed = try Self.surface.run(
      ["list", symbols.appendingPathComponent("Swift.symbols.json").path, audited.path], audit: nil)
    #expect(listed.status == 0, listed.summary)
    for name in ["dictionary.txt", "set.txt", "array.txt"] {
      let checkedIn = try String(contentsOf: Self.lists.appendingPathComponent(name), encoding: .utf8)
      let fresh = try String(contentsOf: audited.appendingPathComponent(name), encoding: .utf8)
      #expect(checkedIn == fresh, "\(name) is not this toolchain's: run Tests/Fixtures/API/generate")
    }
    let more = "own | swift.method | turnAround() | mutating func turnAround()\nprotocol | Turnable\n"
    let file = audited.appendingPathComponent("set.txt")
    try (String(contentsOf: file, encoding: .utf8) + more).write(to: file, atomically: true, encoding: .utf8)
    try Data().write(to: audited.appendingPathComponent("exceptions.txt"))
    let outcome = try Self.surface.run(
      ["missing", audited.appendingPathComponent("AuditedCollections.symbols.json").path, audited.path], audit: nil)
    #expect(outcome.output.contains("\nAuditedSet.turnAround() | mutating func turnAround()\n"), outcome.summary)
    #expect(outcome.output.contains("\nAuditedSet : Turnable\n"), outcome.summary)
  }
}
