// SPDX-License-Identifier: Apache-2.0
//
// Makes the overlay of a package, puts the audit in, and builds it. What is known from the run
// before is not done again.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import AccessTerms
import ArgumentParser
import Foundation

struct TrialBuild {
  let folder: TrialFolder
  let library: LibraryPackage
  /// What `swift build` is given: tests or a product, and the user's own.
  let arguments: [String]
  let log: StageLog
  private let overlay: Overlay
  private var state: OverlayState
  private(set) var targets: [PackageTarget] = []

  init(_ folder: TrialFolder, library: LibraryPackage, arguments: [String], log: StageLog) {
    self.folder = folder
    self.library = library
    self.arguments = arguments
    self.log = log
    overlay = Overlay(original: folder.package, root: folder.sources)
    // Another tool may choose other edits.
    let tool = FileStamp(URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)
    state = OverlayState(
      contentsOf: folder.state, maker: "\(PackageVersion.text) \(tool.map { "\($0)" } ?? "") \(folder.sources)")
  }

  /// What is audited, and what is not.
  var variables: [InstrumentedVariable] {
    state.modules.sorted { $0.key < $1.key }.flatMap(\.value.variables)
  }

  /// What the compiler is told so that debug information has the package's paths.
  var pathArguments: [String] {
    let map = "\(folder.sources)=\(folder.package)"
    return ["-Xswiftc", "-file-prefix-map", "-Xswiftc", map, "-Xcc", "-ffile-prefix-map=\(map)"]
  }

  /// Brings the overlay up to date and builds it.
  ///
  /// - Throws: a status when the package does not build by itself, or the overlay cannot be
  ///   written.
  mutating func make() throws {
    try ToolError.passing { try FileCopy.makeFolder(folder.sources) }
    let changes = try log.measure("copy") { try copy() }
    try log.measure("targets") { try describe(changes) }
    var package = try log.measure("instrument") { try instrument(changes) }
    try log.measure("build") { try build(&package, changes) }
  }

  private mutating func copy() throws -> Overlay.Changes {
    let changes = overlay.changes(since: state)
    state.open(changes.changed)
    let later = Set(state.targets.filter(\.isInstrumented).flatMap(\.sources))
    try ToolError.passing {
      try state.write(to: folder.state)
      for path in changes.removed { overlay.remove(path) }
      for path in changes.changed {
        if FileStamp("\(overlay.root)/\(path)") == nil {
          try overlay.copy(path)
        } else if !later.contains(path) {
          // What is instrumented is written later, once, as it will stay.
          try overlay.restore(path)
        }
        state.close(path, changes.stamps[path], in: overlay)
      }
    }
    ToolError.say(
      "\(changes.changed.count) files copied, \(changes.listed.count - changes.changed.count) unchanged, "
        + "\(changes.removed.count) removed")
    return changes
  }

  /// Learns the targets from the package manager, unless nothing has changed that they are made
  /// of.
  private mutating func describe(_ changes: Overlay.Changes) throws {
    let manifests = changes.listed.filter(Overlay.isManifest).map { path in
      path
        + String(decoding: FileManager.default.contents(atPath: "\(folder.package)/\(path)") ?? Data(), as: UTF8.self)
    }
    let key = Fingerprint.hash((changes.listed + manifests).joined(separator: "\n"))
    if state.targetsKey == key {
      targets = state.targets
      return
    }
    // Of the package itself, because paths in its manifest may lead out of its folder. The command
    // writes in the scratch folder only.
    let program = PipedProgram(
      arguments: [
        "swift", "package", "--package-path", folder.package, "--scratch-path", "\(folder.work)/description",
        "describe",
        "--type", "json",
      ], folder: folder.work)
    let (status, output) = try program.collect()
    guard status.exitStatus == 0, let brace = output.firstRange(of: "{\n")?.lowerBound,
      let found = PackageTarget.read(Data(output[brace...].utf8))
    else {
      ToolError.say("the package cannot be described:\n" + BuildOutput.excerpt(output).joined(separator: "\n"))
      throw ExitCode(status.exitStatus == 0 ? ToolStatus.internalError.rawValue : 1)
    }
    targets = found
    if state.targets != found { state.modules = [:] }
    state.targets = found
    state.targetsKey = key
  }

  /// Puts the audit in the modules that changed.
  private mutating func instrument(_ changes: Overlay.Changes) throws -> InstrumentedPackage {
    let open = targets.filter { $0.isInstrumented && state.modules[$0.name] == nil }
    let package = InstrumentedPackage(overlay, targets: open, limits: state.limits)
    let written = Set(open.flatMap(\.sources))
    try ToolError.passing {
      for path in changes.changed where !written.contains(path) { try overlay.restore(path) }
      try package.write()
      try writeManifests(package)
    }
    let known = targets.count { $0.isInstrumented } - open.count
    let audited = package.record.values.flatMap(\.variables).count { $0.form != .none }
    ToolError.say("\(open.count) modules instrumented (\(audited) variables), \(known) unchanged")
    return package
  }

  private func writeManifests(_ package: InstrumentedPackage) throws {
    let known = state.modules.filter { !$0.value.rewritten.isEmpty }.keys
    let addition = ManifestAddition(
      original: folder.package, library: library.path, targets: Set(package.names).union(known).sorted())
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.package).filter(Overlay.isManifest)
    for name in names {
      let text = try String(contentsOfFile: "\(folder.package)/\(name)", encoding: .utf8)
      do {
        try overlay.write(Array(addition.added(to: text, path: name).utf8), to: name)
      } catch let refusal as ManifestAddition.Refusal {
        throw ToolError.failure(refusal.description)
      }
    }
  }

  private mutating func build(_ package: inout InstrumentedPackage, _ changes: Overlay.Changes) throws {
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
    guard case .fails(let output) = outcome else { return try finish(package, changes) }
    let map = PathMap(from: folder.sources, to: folder.package)
    ToolError.say(
      "the package does not build, and not because of the audit:\n"
        + BuildOutput.excerpt(map.map(output)).joined(separator: "\n") + Self.hint(output))
    ToolError.say("the whole output is in \(folder.run)/build.log")
    throw ExitCode(1)
  }

  private static func hint(_ output: String) -> String {
    output.contains("lunwind")
      ? "\nAudited builds are linked with libunwind: install its package for developers (libunwind-dev on Debian)." : ""
  }

  /// Takes down what was built, so that the next run does not do it again.
  private mutating func finish(_ package: InstrumentedPackage, _ changes: Overlay.Changes) throws {
    state.modules.merge(package.record) { _, new in new }
    state.limits.merge(package.limits.filter { !$0.value.isEmpty }) { _, new in new }
    let written = targets.filter { package.record[$0.name] != nil }.flatMap(\.sources)
    for path in changes.changed + written { state.close(path, changes.stamps[path], in: overlay) }
    try ToolError.passing { try state.write(to: folder.state) }
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
    let map = PathMap(from: folder.sources, to: folder.package)
    try FileCopy.write(Array(map.map(text).utf8), to: "\(folder.run)/build.log", mode: 0o644)
    return status.exitStatus == 0 ? nil : text
  }
}
#endif
