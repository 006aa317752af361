// SPDX-License-Identifier: Apache-2.0
//
// The adoption of a package: its modules' plans, its manifest, and the files that they change. It
// prints nothing; files are written by `apply` and `settle` alone.

#if Scanner

import Foundation

/// The adoption of a package's collections.
///
/// ```swift
/// var adoption = try PackageAdoption(
///   package: folder, options: .init(manifest: .add(AuditedPackage(path: audit))))
/// try adoption.settle { try build(folder) }
/// print(adoption.result.retyped.count, adoption.result.manifest)
/// ```
public struct PackageAdoption: Sendable {
  /// What is done with the manifest.
  public enum ManifestPolicy: Sendable {
    /// Nothing.
    case leave
    /// The targets get the product; the package is added where the manifest lacks it.
    case add(AuditedPackage?)
  }

  /// The choice of what is adopted.
  public struct Options: Sendable {
    /// The symbols to adopt; `nil` for every collection that can be shared.
    public var symbols: Set<String>?
    public var manifest: ManifestPolicy
    public var toolchain: ToolchainVersion

    public init(
      symbols: Set<String>? = nil, manifest: ManifestPolicy = .leave,
      toolchain: ToolchainVersion = ToolchainVersion(6, 3)
    ) {
      self.symbols = symbols
      self.manifest = manifest
      self.toolchain = toolchain
    }
  }

  /// One file that changes.
  public struct Change: Sendable {
    /// The path, relative to the package.
    public var path: String
    public var before: String
    public var after: String
  }

  /// The folder of the package; all paths are relative to it.
  public let root: String
  public private(set) var manifest: ManifestOutcome?
  private(set) var manifestFile: PackageManifest?
  private(set) var modules: [Module]
  private let options: Options

  /// One module: its sources, and what builds have said of them.
  struct Module: Sendable {
    var sources: [SourceText]
    var testers: [SourceText]
    var symbols: Set<String>?
    var limits: [SourcePlace: AdoptionLimit] = [:]
    var plan: AdoptionPlan
  }

  /// Plans the adoption of every target of a package that the manifest writes out as a regular or
  /// executable one; the sources of plugins, macros and tests stay as they are.
  ///
  /// - Throws: `ConfigurationError` when the folder has no manifest.
  public init(package root: String, options: Options = Options()) throws {
    guard let manifest = PackageManifest(package: root, toolchain: options.toolchain) else {
      throw ConfigurationError(path: root, line: 0, message: "no Package.swift here")
    }
    let adoptable = manifest.targets.filter { ["target", "executableTarget"].contains($0.kind) }
    let others = manifest.targets.filter { !["target", "executableTarget"].contains($0.kind) }
    var excluded = ScanConfiguration()
    excluded.exclude = [manifest.path]
    func read(_ targets: [PackageManifest.Target]) throws -> [[SourceText]] {
      try targets.map { target in
        let folder = target.path == "." ? root : "\(root)/\(target.path)"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        let files = try SourceFiles([folder], root: root, configuration: excluded)
        return files.modules.flatMap { $0 }.filter { manifest.target(of: $0.path)?.name == target.name }
      }.filter { !$0.isEmpty }
    }
    let sources =
      adoptable.isEmpty
      ? try SourceFiles([root + "/Sources"], root: root, configuration: excluded).modules : try read(adoptable)
    self.init(
      root: root, modules: sources.map { ($0, options.symbols) },
      testers: try read(others.filter { $0.kind == "testTarget" }).flatMap { $0 }, options: options)
  }

  /// Plans the adoption of modules that were read, with the symbols to adopt in each.
  public init(
    root: String, modules: [(sources: [SourceText], symbols: Set<String>?)], testers: [SourceText] = [],
    options: Options = Options()
  ) {
    self.root = root
    self.options = options
    let all = modules.map(\.sources)
    let package = all.count > 1 ? PackageFacts(all) : PackageFacts()
    self.modules = modules.map { sources, symbols in
      Module(
        sources: sources, testers: testers, symbols: symbols,
        plan: AdoptionPlan(sources, symbols: symbols, package: package, testers: testers))
    }
    manifestFile = PackageManifest(package: root, toolchain: options.toolchain)
    editManifest()
  }

  // MARK: Results

  /// The files that change, the manifest last.
  public var changes: [Change] {
    var changes = modules.flatMap { module in
      module.plan.texts().map { Change(path: $0.source.path, before: $0.source.text, after: $0.text) }
    }
    if case .text(let text)? = manifest, let file = manifestFile, text != file.text {
      changes.append(Change(path: file.path, before: file.text, after: text))
    }
    return changes
  }

  /// What is adopted and what is not.
  public var result: AdoptionResult {
    AdoptionResult(candidates: modules.flatMap(\.plan.candidates), manifest: manifest)
  }

  // MARK: Changes

  /// Writes the changed files, and the record by which they can be restored.
  ///
  /// - Throws: an error of the file system.
  public func apply() throws {
    let path = root + "/" + AdoptionRecord.fileName
    var record = try AdoptionRecord(contentsOf: path)
    for change in changes {
      try write(change.after, to: change.path)
      record.add(path: change.path, before: change.before, after: change.after)
    }
    try write(record.encoded(), to: AdoptionRecord.fileName)
  }

  /// Writes the original files.
  func restore() throws {
    for change in changes { try write(change.before, to: change.path) }
  }

  /// Writes the changed files without a record.
  func writeChanges() throws {
    for change in changes { try write(change.after, to: change.path) }
  }

  private func write(_ text: String, to path: String) throws {
    // A file that lies elsewhere has its whole path.
    let place = path.hasPrefix("/") ? path : root + "/" + path
    try Data(text.utf8).write(to: URL(fileURLWithPath: place), options: .atomic)
  }

  /// Limits what is done with some candidates of a module, and plans it again.
  mutating func limit(_ module: Int, _ guilty: Set<Int>) {
    let plan = modules[module].plan
    for number in guilty {
      let candidate = plan.candidates[number]
      modules[module].limits[candidate.place] = candidate.form == .type ? .keepsType : .leftAlone
    }
    let state = modules[module]
    modules[module].plan = AdoptionPlan(
      state.sources, symbols: state.symbols, package: plan.package, testers: state.testers, limits: state.limits)
    editManifest()
  }

  private mutating func editManifest() {
    guard case .add(let package) = options.manifest else { return }
    guard let file = manifestFile else {
      manifest = .byHand("there is no Package.swift in \(root): add \(PackageManifest.product) to the build by hand")
      return
    }
    var names: [String] = []
    var homeless: [String] = []
    for module in modules {
      for (source, _) in module.plan.texts() {
        if let target = file.target(of: source.path) {
          if !names.contains(target.name) { names.append(target.name) }
        } else {
          homeless.append(source.path)
        }
      }
    }
    if let first = homeless.first {
      manifest = .byHand(
        "\(file.path) computes the target of \(first): add "
          + ".product(name: \"\(PackageManifest.product)\", package: \"swift-access-audit\") to its dependencies, and the "
          + "package to those of the package")
      return
    }
    manifest = file.adding(to: names, from: package)
  }
}

/// What an adoption changes and what it leaves alone.
public struct AdoptionResult: Sendable {
  /// Every collection that was considered, with the reason where it keeps its type or stays
  /// unaudited.
  public let candidates: [AdoptionCandidate]
  /// What became of the manifest; `nil` when it was not to be changed.
  public let manifest: ManifestOutcome?

  /// The result for these candidates.
  public init(candidates: [AdoptionCandidate], manifest: ManifestOutcome? = nil) {
    self.candidates = candidates
    self.manifest = manifest
  }

  /// The variables with an audited type.
  public var retyped: [AdoptionCandidate] { candidates.filter { $0.form == .type } }
  /// The variables with `@Audited`.
  public var watched: [AdoptionCandidate] { candidates.filter { $0.form == .wrapper } }
  /// The variables that stay unaudited.
  public var leftAlone: [AdoptionCandidate] { candidates.filter { $0.form == nil } }

  /// The counts, in one line.
  public var summary: String {
    "\(retyped.count) retyped, \(watched.count) watched by @Audited, \(leftAlone.count) left alone"
  }
}

#endif
