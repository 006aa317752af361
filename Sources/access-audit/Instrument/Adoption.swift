// SPDX-License-Identifier: Apache-2.0
//
// Carries out an adoption for the command line: what is chosen, the diff, the messages, and the
// revert. The scanner's library chooses the edits and writes the files.

#if Scanner && canImport(Glibc)
import AccessAuditScanner
import ArgumentParser
import Foundation

/// One run of `instrument`, or of `scan --adopt`.
struct Adoption {
  var input: SourceOptions
  var all: Bool
  var symbols: [String] = []
  var revert: Bool
  var write: Bool
  var verify: String?
  var manifest = PackageAdoption.ManifestPolicy.leave

  func run() throws {
    var record = try ToolError.usage { try AdoptionRecord(contentsOf: AdoptionRecord.fileName) }
    if revert { return try undo(&record) }
    var adoption = try plan(try input.load())
    show(adoption)
    if !write || verify != nil { report(adoption) }
    guard write else {
      if !adoption.changes.isEmpty { ToolError.say("nothing was changed; add --write") }
      return
    }
    if let verify { try settle(&adoption, verify) }
    do {
      try adoption.apply()
    } catch {
      ToolError.say("error: \(error)")
      throw ToolStatus.internalError
    }
    report(adoption)
  }

  /// The plan for the flagged, the named, or all collections.
  private func plan(_ loaded: LoadedSources) throws -> PackageAdoption {
    let known = Set(symbols)
    var modules: [(sources: [SourceText], symbols: Set<String>?)] = []
    for module in loaded.files.modules {
      var wanted: Set<String>?
      if !known.isEmpty {
        wanted = known
      } else if !all {
        var report = AccessScanner(threads: loaded.threads).scan(module)
        loaded.configuration.apply(to: &report)
        wanted = Set(report.active.map(\.symbol))
      }
      modules.append((module, wanted))
    }
    let root = FileManager.default.currentDirectoryPath
    let adoption = PackageAdoption(
      root: root, modules: modules, testers: testers(root, loaded),
      options: PackageAdoption.Options(manifest: manifest, toolchain: Toolchain.version()))
    let found = Set(adoption.result.candidates.map(\.symbol))
    for symbol in symbols where !found.contains(symbol) {
      throw ToolError.failure("no collection '\(symbol)' that is stored in a variable and not yet audited")
    }
    return adoption
  }

  /// The tests beside the sources, which see internal names.
  private func testers(_ root: String, _ loaded: LoadedSources) -> [SourceText] {
    let chosen = Set(loaded.files.modules.flatMap { $0 }.map(\.path))
    guard FileManager.default.fileExists(atPath: root + "/Tests"),
      let files = try? SourceFiles([root + "/Tests"], root: root, configuration: loaded.configuration)
    else { return [] }
    return files.modules.flatMap { $0 }.filter { !chosen.contains($0.path) && $0.text.contains("@testable") }
  }

  private func settle(_ adoption: inout PackageAdoption, _ command: String) throws {
    do {
      try adoption.settle(build: { try build(command) }) { number, count in
        ToolError.say("round \(number): the build fails at \(count) places")
      }
    } catch let failure as AdoptionFailure {
      throw ToolError.failure("\(failure)")
    }
  }

  /// The output of a build that failed, or `nil`.
  private func build(_ command: String) throws -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(command) 2>&1"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : String(decoding: data, as: UTF8.self)
  }

  private func show(_ adoption: PackageAdoption) {
    for change in adoption.changes {
      print(UnifiedDiff.render(change.before, change.after, path: change.path), terminator: "")
    }
  }

  private func report(_ adoption: PackageAdoption) {
    let result = adoption.result
    for candidate in result.leftAlone {
      ToolError.say(
        "\(candidate.place.path):\(candidate.place.line): '\(candidate.symbol)' is left alone: "
          + (candidate.reason ?? "no reason"))
    }
    for candidate in result.watched {
      ToolError.say(
        "\(candidate.place.path):\(candidate.place.line): '\(candidate.symbol)' keeps its type: "
          + (candidate.reason ?? "no reason"))
    }
    if case .byHand(let sentence)? = result.manifest { ToolError.say(sentence) }
    ToolError.say(result.summary)
  }

  private func undo(_ record: inout AdoptionRecord) throws {
    var lost = 0
    var kept: [AdoptionRecord.File] = []
    for file in record.files {
      guard let data = FileManager.default.contents(atPath: file.path) else {
        ToolError.say("\(file.path): is gone; nothing to undo")
        continue
      }
      let current = String(decoding: data, as: UTF8.self)
      let result = AdoptionRecord.undo(file, in: current)
      print(UnifiedDiff.render(current, result.text, path: file.path), terminator: "")
      for line in result.lost {
        ToolError.say("\(file.path): the adopted lines from \(line) on have changed since and stay as they are")
      }
      lost += result.lost.count
      if !result.lost.isEmpty { kept.append(file) }
      if write { try ToolError.write(result.text, to: file.path) }
    }
    if write, kept.isEmpty, !record.files.isEmpty {
      try? FileManager.default.removeItem(atPath: AdoptionRecord.fileName)
    }
    if !write, !record.files.isEmpty { ToolError.say("nothing was changed; add --write") }
    if record.files.isEmpty { ToolError.say("there is no record of an adoption here") }
    if lost > 0 { throw ToolStatus.findings }
  }
}

/// The toolchain that builds the package.
enum Toolchain {
  /// The version that `swift --version` prints; this tool's own when there is no `swift`.
  static func version() -> ToolchainVersion {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swift", "--version"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return ToolchainVersion(6, 3) }
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard let range = text.firstRange(of: "Swift version ") else { return ToolchainVersion(6, 3) }
    return ToolchainVersion(text[range.upperBound...].prefix { $0.isNumber || $0 == "." }) ?? ToolchainVersion(6, 3)
  }
}
#endif
