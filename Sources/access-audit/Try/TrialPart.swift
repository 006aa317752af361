// SPDX-License-Identifier: Apache-2.0
//
// One package of a trial: the tried one, or a dependency that is audited with it. Its copy, its
// targets, and what is known of both from the run before.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import AccessReports
import AccessTerms
import ArgumentParser
import Foundation

struct TrialPart {
  let overlay: Overlay
  /// The file of the state.
  private let file: String
  private(set) var state: OverlayState
  private(set) var targets: [PackageTarget] = []
  private(set) var changes = Overlay.Changes()

  /// - Parameters:
  ///   - original: the package's folder.
  ///   - root: the copy's folder.
  ///   - file: what is known is kept there.
  init(original: String, root: String, file: String) {
    overlay = Overlay(original: original, root: root)
    self.file = file
    // Another tool may choose other edits.
    let tool = FileStamp(URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)
    state = OverlayState(
      contentsOf: file, maker: "\(PackageVersion.text) \(tool.map { "\($0)" } ?? "") \(original) \(root)")
  }

  /// The copy's paths, as the package's.
  var paths: PathMap { PathMap(from: overlay.root, to: overlay.original) }

  /// What the compiler is told so that debug information has the package's paths.
  var pathArguments: [String] {
    let map = "\(overlay.root)=\(overlay.original)"
    return ["-Xswiftc", "-file-prefix-map", "-Xswiftc", map, "-Xcc", "-ffile-prefix-map=\(map)"]
  }

  /// Brings the copy up to date, without what is instrumented or added.
  mutating func copy() throws {
    changes = overlay.changes(since: state)
    state.open(changes.changed)
    let later = Set(state.targets.filter(\.isInstrumented).flatMap(\.sources))
    try ToolError.passing {
      try FileCopy.makeFolder(overlay.root)
      try state.write(to: file)
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
  }

  /// Learns the targets from the package manager, unless nothing has changed that they are made
  /// of.
  ///
  /// - Parameter work: a folder for what the package manager writes.
  mutating func describe(in work: String) throws {
    let manifests = changes.listed.filter(Overlay.isManifest).map { path in
      path
        + String(decoding: FileManager.default.contents(atPath: "\(overlay.original)/\(path)") ?? Data(), as: UTF8.self)
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
        "swift", "package", "--package-path", overlay.original, "--scratch-path", "\(work)/description", "describe",
        "--type", "json",
      ], folder: work)
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

  /// The targets that have to be instrumented, because they are new or have changed.
  var open: InstrumentedPackage.Part {
    let open = targets.filter { $0.isInstrumented && state.modules[$0.name] == nil }
    return InstrumentedPackage.Part(overlay, targets: open, limits: state.limits)
  }

  /// The number of targets that are as they have to be.
  var known: Int { targets.count { $0.isInstrumented } - open.targets.count }

  /// Writes what has changed and is not instrumented, and the manifests.
  func write(_ instrumented: InstrumentedPackage, _ library: LibraryUse, replacing dependencies: [String: String])
    throws
  {
    let written = Set(open.targets.flatMap(\.sources))
    for path in changes.changed where !written.contains(path) { try overlay.restore(path) }
    let own = Set(targets.map(\.name))
    let known = state.modules.filter { !$0.value.rewritten.isEmpty }.keys
    var addition = ManifestAddition(
      original: overlay.original, library: library.package.path,
      targets: own.intersection(instrumented.names).union(known).sorted(), dependencies: dependencies)
    addition.built = library.built.map {
      ManifestAddition.Built(
        compilerArguments: $0.compilerArguments, readers: own.sorted(), linkerArguments: $0.linkerArguments)
    }
    for (name, text) in try manifests() {
      do {
        try overlay.write(Array(addition.added(to: text, path: name).utf8), to: name)
      } catch let refusal as ManifestAddition.Refusal {
        throw ToolError.failure(refusal.description)
      }
    }
  }

  /// The package's manifests, by their names.
  func manifests() throws -> [(name: String, text: String)] {
    try FileManager.default.contentsOfDirectory(atPath: overlay.original).filter(Overlay.isManifest).map { name in
      (name, try String(contentsOfFile: "\(overlay.original)/\(name)", encoding: .utf8))
    }
  }

  /// Takes down what was built, so that the next run does not do it again.
  mutating func finish(_ instrumented: InstrumentedPackage) throws {
    let own = Set(targets.map(\.name))
    let written = open.targets.flatMap(\.sources)
    state.modules.merge(instrumented.record.filter { own.contains($0.key) }) { _, new in new }
    let limits = instrumented.limits.filter { !$0.value.isEmpty && own.contains($0.key) }
    state.limits.merge(limits) { _, new in new }
    for path in changes.changed + written { state.close(path, changes.stamps[path], in: overlay) }
    try ToolError.passing { try state.write(to: file) }
  }
}
#endif
