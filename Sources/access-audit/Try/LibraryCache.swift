// SPDX-License-Identifier: Apache-2.0
//
// Builds the audited types once for a compiler and a state of the package's sources, and finds them
// again. Every trial of the same user shares the folder; one builds, the others wait.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessReports
import AccessTerms
import ArgumentParser
import Foundation
import Glibc

struct LibraryCache {
  /// Each library is in a folder of its own below this one.
  let folder: String

  init(_ given: String?) {
    let environment = ProcessInfo.processInfo.environment
    let caches = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    folder =
      given.map { URL(fileURLWithPath: $0).standardizedFileURL.path } ?? (caches ?? NSHomeDirectory() + "/.cache")
      + "/access-audit"
  }

  /// The built library; `nil`, after a sentence, where it cannot be made.
  func library(of package: LibraryPackage, log: StageLog) throws -> KeptLibrary? {
    guard let toolchain = try CompilerTools(folder: package.root) else { return nil }
    do {
      let key = Fingerprint.hash(
        [PackageVersion.text, package.root, toolchain.version, Self.sources(of: package.root)].joined(separator: "\n"))
      let library = KeptLibrary(folder: "\(folder)/\(key)")
      try FileCopy.makeFolder(library.folder)
      let lock = try FileLock("\(library.folder)/lock") { holder in
        ToolError.say("process \(holder) builds the audited types; waiting until it has ended")
      }
      defer { lock.release() }
      if !library.isThere {
        ToolError.say("the audited types are built, which is done once for this tool and compiler")
        let problem = try log.measure("library") { try make(library, of: package, with: toolchain) }
        if let problem {
          ToolError.say("the audited types are built with the package, because they cannot be kept: \(problem)")
          return nil
        }
        prune(except: key)
      }
      // The time of its last use.
      utimes(library.folder, nil)
      return library
    } catch let status as ExitCode {
      throw status
    } catch {
      ToolError.say("the audited types are built with the package, because they cannot be kept: \(error)")
      return nil
    }
  }

  /// Builds a package that does nothing but depend on the library.
  private func make(_ library: KeptLibrary, of package: LibraryPackage, with toolchain: CompilerTools) throws -> String?
  {
    let place = "\(library.folder)/build"
    // By a path that belongs to the library, not to one of the packages that are tried.
    let path = try LibraryPackage(package.root, work: library.folder).path
    let target = "AccessAuditUser"
    let manifest = """
      // swift-tools-version: 5.9
      import PackageDescription

      let package = Package(
        name: "user", dependencies: [.package(path: \(ManifestAddition.quoted(path)))],
        targets: [
          .target(
            name: "\(target)",
            dependencies: [.product(name: "AuditedCollections", package: "\(LibraryPackage.name)")])
        ])

      """
    try FileCopy.write(Array(manifest.utf8), to: "\(place)/Package.swift", mode: 0o644)
    try FileCopy.write(
      Array("import AuditedCollections\n".utf8), to: "\(place)/Sources/\(target)/User.swift", mode: 0o644)
    let scratch = "\(place)/scratch"
    let build = PipedProgram(
      arguments: ["swift", "build", "--package-path", place, "--scratch-path", scratch, "--disable-index-store"],
      folder: place)
    var progress = BuildProgress()
    var output: [UInt8] = []
    let status = try build.run { bytes in
      output += bytes
      progress.read(bytes)
    }
    progress.end()
    guard status.exitStatus == 0 else {
      return BuildOutput.excerpt(String(decoding: output, as: UTF8.self)).joined(separator: "\n")
    }
    if let problem = try library.fill(from: "\(scratch)/debug", without: target, tools: toolchain.programs) {
      return problem
    }
    try? FileManager.default.removeItem(atPath: place)
    return nil
  }

  /// Folders of sources that the audited types have nothing of.
  private static let tool = [
    "access-audit/", "AccessAuditScanner/", "AccessAuditOverlay/", "AccessAuditPreflight/",
  ]

  /// The content of the sources, as one text.
  private static func sources(of root: String) -> String {
    let ends = [".swift", ".c", ".h", ".S"]
    let names = FileManager.default.enumerator(atPath: "\(root)/Sources")?.compactMap { $0 as? String } ?? []
    let paths = names.filter { name in
      ends.contains(where: name.hasSuffix) && !tool.contains(where: name.hasPrefix)
    }.sorted().map { "Sources/\($0)" }
    var text = ""
    for path in paths + ["Package.swift"] {
      text +=
        path + "\n" + String(decoding: FileManager.default.contents(atPath: "\(root)/\(path)") ?? Data(), as: UTF8.self)
    }
    return text
  }

  /// Seconds after which a library that nobody uses is removed: a month.
  private static let age = 30.0 * 86400

  private func prune(except key: String) {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] where name != key {
      guard let used = try? files.attributesOfItem(atPath: "\(folder)/\(name)")[.modificationDate] as? Date,
        used.timeIntervalSinceNow < -Self.age
      else { continue }
      try? files.removeItem(atPath: "\(folder)/\(name)")
    }
  }
}

/// The compiler that builds use, and where its programs are.
private struct CompilerTools {
  let version: String
  let programs: String

  /// Asks the compiler; `nil` when it does not answer.
  init?(folder: String) throws {
    struct Answer: Decodable {
      struct Target: Decodable { var triple: String }
      struct Paths: Decodable { var runtimeResourcePath: String }
      var compilerVersion: String
      var target: Target
      var paths: Paths
    }
    let (status, output) = try PipedProgram(arguments: ["swiftc", "-print-target-info"], folder: folder).collect()
    guard status.exitStatus == 0, let answer = try? JSONDecoder().decode(Answer.self, from: Data(output.utf8)) else {
      return nil
    }
    version = "\(answer.compilerVersion) \(answer.target.triple) \(answer.paths.runtimeResourcePath)"
    // …/usr/lib/swift
    programs = URL(fileURLWithPath: answer.paths.runtimeResourcePath + "/../../bin").standardizedFileURL.path
  }
}
#endif
