// SPDX-License-Identifier: Apache-2.0
//
// Makes the overlay of a package and of the dependencies that are audited with it, puts the audit
// in, and builds it. What is known from the run before is not done again.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import ArgumentParser
import Foundation

struct TrialBuild {
  let folder: TrialFolder
  private var library: LibraryUse
  private let cache: LibraryCache
  /// What `swift build` is given: tests or a product, and the user's own.
  let arguments: [String]
  let log: StageLog
  /// The package.
  private var own: TrialPart
  /// Its dependencies that are audited too, by their identities.
  private var dependencies: [String: TrialPart] = [:]

  init(_ folder: TrialFolder, library: LibraryPackage, cache: LibraryCache, arguments: [String], log: StageLog) {
    self.folder = folder
    self.library = LibraryUse(package: library)
    self.cache = cache
    self.arguments = arguments
    self.log = log
    own = TrialPart(original: folder.package, root: folder.sources, file: folder.state)
  }

  private var parts: [TrialPart] { [own] + dependencies.sorted { $0.key < $1.key }.map(\.value) }

  /// The targets of the package itself.
  var targets: [PackageTarget] { own.targets }

  /// What is audited, and what is not. Paths begin at the package's folder, or at the root.
  var variables: [InstrumentedVariable] {
    parts.flatMap { part in
      part.state.modules.sorted { $0.key < $1.key }.flatMap(\.value.variables).map { variable in
        var variable = variable
        if part.overlay.original != folder.package {
          let path = "\(part.overlay.original)/\(variable.path)"
          let isInside = path.hasPrefix(folder.package + "/")
          variable.path = isInside ? String(path.dropFirst(folder.package.count + 1)) : path
        }
        return variable
      }
    }
  }

  /// What the compiler is told so that debug information has the packages' paths.
  var pathArguments: [String] { parts.flatMap(\.pathArguments) + passedArguments }

  /// What no manifest names reads audited modules too: the module of the tests that were found, and
  /// packages between the tried one and an audited dependency.
  private var passedArguments: [String] {
    (library.built?.compilerArguments ?? []).flatMap { ["-Xswiftc", $0] }
  }

  /// The copies' paths, as the packages'.
  var paths: [PathMap] { parts.map(\.paths) }

  /// Brings the overlay up to date and builds it.
  ///
  /// - Parameter names: the dependencies that are audited too.
  /// - Throws: a status when the package does not build by itself, or the overlay cannot be
  ///   written.
  mutating func make(including names: [String]) throws {
    try log.measure("copy") { try own.copy() }
    if !names.isEmpty { try log.measure("dependencies") { try include(names) } }
    try log.measure("targets") {
      try own.describe(in: folder.work)
      for name in dependencies.keys.sorted() { try dependencies[name]?.describe(in: folder.place(of: name)) }
    }
    if try isPlain() { library.built = try cache.library(of: library.package, log: log) }
    var package = try log.measure("instrument") { try instrument() }
    try log.measure("build") { try build(&package) }
  }

  /// Options that change what is built of every package, and so of the audited types.
  private static let options = [
    "-c", "--configuration", "--triple", "--sdk", "--swift-sdk", "--toolchain", "--sanitize", "--static-swift-stdlib",
    "--build-system", "--arch",
  ]

  /// Whether the audited types that are built already are those that this build would make.
  private func isPlain() throws -> Bool {
    let isChanged = arguments.contains { argument in
      Self.options.contains { argument == $0 || argument.hasPrefix("\($0)=") }
    }
    guard !isChanged else { return false }
    // The package may depend on the audited types itself, directly or not.
    let resolved = FileManager.default.contents(atPath: "\(folder.package)/Package.resolved") ?? Data()
    let texts = try parts.flatMap { try $0.manifests().map(\.text) }
    return texts.allSatisfy(ManifestAddition.takesArguments)
      && !(texts + [String(decoding: resolved, as: UTF8.self)]).contains { $0.contains(LibraryPackage.name) }
  }

  private mutating func include(_ names: [String]) throws {
    let found = try DependencyFinder(package: own.overlay, work: folder.work).locate(names)
    for (identity, place) in found.sorted(by: { $0.key < $1.key }) {
      ToolError.say("the dependency \(identity) is audited too")
      let work = folder.place(of: identity)
      var part = TrialPart(original: place, root: "\(work)/\(identity)", file: "\(work)/state.json")
      try part.copy()
      dependencies[identity] = part
    }
  }

  /// Puts the audit in the modules that changed.
  private mutating func instrument() throws -> InstrumentedPackage {
    let package = InstrumentedPackage(parts.map(\.open))
    let copies = dependencies.mapValues(\.overlay.root)
    try ToolError.passing {
      try package.write()
      try own.write(package, library, replacing: copies)
      for part in dependencies.values { try part.write(package, library, replacing: [:]) }
    }
    let audited = package.record.values.flatMap(\.variables).count { $0.form != .none }
    let open = parts.reduce(0) { $0 + $1.open.targets.count }
    let known = parts.reduce(0) { $0 + $1.known }
    ToolError.say("\(open) modules instrumented (\(audited) variables), \(known) unchanged")
    return package
  }

  private mutating func build(_ package: inout InstrumentedPackage) throws {
    var round = 0
    let outcome = try ToolError.passing {
      try package.settle {
        round += 1
        ToolError.say(round == 1 ? "building" : "building again")
        return try buildOnce(round)
      } say: {
        ToolError.say($0)
      }
    }
    guard case .fails(let output) = outcome else {
      try own.finish(package)
      for name in dependencies.keys { try dependencies[name]?.finish(package) }
      return
    }
    if output.contains("Invalid manifest") {
      // The package's own compiles, or its targets would not be known.
      ToolError.say(
        "error: the manifest does not compile with what the copy adds to it:\n"
          + BuildOutput.excerpt(shown(output)).joined(separator: "\n"))
      throw ToolStatus.internalError
    }
    ToolError.say(
      "the package does not build, and not because of the audit:\n"
        + BuildOutput.excerpt(shown(output)).joined(separator: "\n") + Self.hint(output))
    ToolError.say("the whole output is in \(folder.run)/build.log")
    throw ExitCode(1)
  }

  private func shown(_ output: String) -> String { paths.reduce(output) { $1.map($0) } }

  private static func hint(_ output: String) -> String {
    output.contains("lunwind")
      ? "\nAudited builds are linked with libunwind: install its package for developers (libunwind-dev on Debian)." : ""
  }

  /// Builds, and returns the output when that failed.
  private func buildOnce(_ round: Int) throws -> String? {
    let program = PipedProgram(
      arguments: ["swift", "build", "--package-path", folder.sources, "--scratch-path", folder.scratch]
        + arguments + pathArguments, folder: folder.sources)
    var output: [UInt8] = []
    var progress = BuildProgress()
    let status = try program.run { bytes in
      output += bytes
      progress.read(bytes)
    }
    progress.end()
    let text = String(decoding: output, as: UTF8.self)
    // One after the other: why something was taken back is in the output of the build that failed.
    let before = round == 1 ? nil : FileManager.default.contents(atPath: "\(folder.run)/build.log")
    try FileCopy.write(Array(before ?? Data()) + Array(shown(text).utf8), to: "\(folder.run)/build.log", mode: 0o644)
    return status.exitStatus == 0 ? nil : text
  }
}
#endif
