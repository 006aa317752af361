// SPDX-License-Identifier: Apache-2.0
//
// What is added to the end of an overlay's manifest. Statements that change the finished package do
// not depend on how the manifest made it, so that manifests which compute their targets need
// nothing else. Text to text.

#if Scanner && canImport(Glibc)

package struct ManifestAddition: Sendable {
  /// The folder of the package whose manifest it is: paths in it are relative to this folder.
  package var original: String
  /// The folder of this project's package, whose name is its identity.
  package var library: String
  /// The targets with audited variables.
  package var targets: [String]
  /// The library as it is built already; without it, the targets get its package as a dependency.
  package var built: Built?
  /// Folders that take the place of dependencies, by the dependencies' identities. A dependency of
  /// a dependency is replaced too, because a root package's folder has precedence.
  package var dependencies: [String: String]

  /// A library outside the package manager's sight.
  package struct Built: Sendable {
    /// What each of these targets is compiled with, because it may read an audited module.
    package var compilerArguments: [String]
    package var readers: [String]
    /// What a program is linked with that has a target with audited variables.
    package var linkerArguments: [String]

    package init(compilerArguments: [String], readers: [String], linkerArguments: [String]) {
      (self.compilerArguments, self.readers, self.linkerArguments) = (compilerArguments, readers, linkerArguments)
    }
  }

  package init(original: String, library: String, targets: [String], dependencies: [String: String] = [:]) {
    (self.original, self.library, self.targets, self.dependencies) = (original, library, targets, dependencies)
  }

  /// Why a manifest cannot be added to.
  package struct Refusal: Error, CustomStringConvertible {
    package var description: String
  }

  /// The manifest with what audits its targets.
  ///
  /// - Throws: `Refusal` when no variable holds the package.
  package func added(to manifest: String, path: String) throws -> String {
    guard let variable = Self.variable(manifest) else {
      throw Refusal(description: "\(path): no variable holds the package: write 'let package = Package(…)'")
    }
    let isOld = Self.toolsVersion(manifest) < (5, 6)
    if isOld, Self.namesOuterFolder(manifest) {
      throw Refusal(
        description: "\(path): a dependency at a relative path needs tools version 5.6 in a package that is to be tried"
      )
    }
    var lines: [String] = []
    if !isOld, manifest.contains("path:") {
      lines += absolutePaths(variable, hasTraits: Self.toolsVersion(manifest) >= (6, 1))
    }
    if !dependencies.isEmpty { lines += replacements(variable, hasTraits: Self.toolsVersion(manifest) >= (6, 1)) }
    if let built { lines += arguments(variable, built) } else if !targets.isEmpty { lines += dependency(variable) }
    if built == nil && !targets.isEmpty || !dependencies.isEmpty { lines += Self.identity(isOld: isOld) }
    guard !lines.isEmpty else { return manifest }
    return manifest + "\n// Added by access-audit to this copy of the manifest.\n" + lines.joined(separator: "\n")
      + "\n"
  }

  /// The package of the audited types, and their product in each of the targets.
  private func dependency(_ variable: String) -> [String] {
    let identity = library.split(separator: "/").last.map(String.init) ?? library
    return [
      "if !\(variable).dependencies.contains(where: { accessAuditIdentity($0) == \(Self.quoted(identity.lowercased())) }) {",
      "  \(variable).dependencies.append(.package(path: \(Self.quoted(library))))",
      "}",
      "for target in \(variable).targets where (\(Self.list(targets.sorted())) as [String]).contains(target.name) {",
      "  target.dependencies.append(.product(name: \"AuditedCollections\", package: \(Self.quoted(identity))))",
      "}",
    ]
  }

  /// The arguments of compiler and linker. A target that also runs in builds is compiled and linked
  /// a second time for them, which the package manager's own arguments do not reach.
  private func arguments(_ variable: String, _ built: Built) -> [String] {
    func settings(_ kind: String, _ names: [String], _ arguments: [String]) -> [String] {
      guard !names.isEmpty, !arguments.isEmpty else { return [] }
      return [
        "for target in \(variable).targets where (\(Self.list(names)) as [String]).contains(target.name) {",
        "  target.\(kind) = (target.\(kind) ?? []) + [.unsafeFlags(\(Self.list(arguments)))]",
        "}",
      ]
    }
    return settings("swiftSettings", built.readers, built.compilerArguments)
      + settings("linkerSettings", targets, built.linkerArguments)
  }

  private static func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ", "))]" }

  /// Whether a manifest can name arguments of the compiler.
  package static func takesArguments(_ manifest: String) -> Bool { toolsVersion(manifest) >= (5, 0) }

  /// The folders that take the place of dependencies; the chosen traits stay.
  private func replacements(_ variable: String, hasTraits: Bool) -> [String] {
    dependencies.sorted { $0.key < $1.key }.flatMap { identity, folder in
      let isIt = "accessAuditIdentity($0) == \(Self.quoted(identity))"
      let place = ".package(path: \(Self.quoted(folder))"
      let traits = hasTraits ? ", traits: \(variable).dependencies[index].traits" : ""
      return [
        "if let index = \(variable).dependencies.firstIndex(where: { \(isIt) }) {",
        "  \(variable).dependencies[index] = \(place)\(traits))",
        "} else {",
        "  \(variable).dependencies.append(\(place)))",
        "}",
      ]
    }
  }

  /// Paths that lead out of the package lead to the same place from the copy.
  private func absolutePaths(_ variable: String, hasTraits: Bool) -> [String] {
    let traits = hasTraits ? ", traits: \(variable).dependencies[index].traits" : ""
    return [
      "for index in \(variable).dependencies.indices {",
      "  guard case .fileSystem(let name, let path) = \(variable).dependencies[index].kind, path.hasPrefix(\"..\") else { continue }",
      "  let place = \(Self.quoted(original + "/")) + path",
      "  \(variable).dependencies[index] =",
      "    name.map { .package(name: $0, path: place\(traits)) } ?? .package(path: place\(traits))",
      "}",
    ]
  }

  /// A function of the manifest that gives a dependency's identity.
  private static func identity(isOld: Bool) -> [String] {
    let location =
      isOld
      // Optional in some versions of the manifest's language, and not in others.
      ? ["  let location = dependency.url as String? ?? \"\""]
      : [
        "  let location: String",
        "  switch dependency.kind {",
        "  case .fileSystem(_, let path): location = path",
        "  case .sourceControl(_, let address, _): location = address",
        "  case .registry(let id, _): location = id",
        "  @unknown default: location = \"\"",
        "  }",
      ]
    return ["func accessAuditIdentity(_ dependency: Package.Dependency) -> String {"] + location + [
      "  let last = location.split(separator: \"/\").last.map { $0.lowercased() } ?? \"\"",
      "  return last.hasSuffix(\".git\") ? String(last.dropLast(4)) : last",
      "}",
    ]
  }

  /// The name of the variable that holds the package.
  static func variable(_ manifest: String) -> String? {
    for line in manifest.split(separator: "\n") {
      guard
        let match = line.firstMatch(
          of: /^\s*(?:let|var)\s+(\w+)\s*(?::\s*Package\s*)?=\s*(?:Package\s*\(|Package\.init|\.init\s*\()/),
        match.output.1 == "package" || line.contains("Package")
      else { continue }
      return String(match.output.1)
    }
    // The call may begin on a line of its own.
    return manifest.contains(/(?m)^\s*(?:let|var)\s+package\b/) ? "package" : nil
  }

  /// The version in the manifest's first lines; 3.1 without one.
  static func toolsVersion(_ manifest: String) -> (Int, Int) {
    guard let match = manifest.firstMatch(of: /(?i)swift-tools-version\s*:\s*(\d+)(?:\.(\d+))?/) else { return (3, 1) }
    return (Int(match.output.1) ?? 3, match.output.2.flatMap { Int($0) } ?? 0)
  }

  private static func namesOuterFolder(_ manifest: String) -> Bool { manifest.contains(/path:\s*"\.\./) }

  package static func quoted(_ text: String) -> String {
    let escaped = text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined()
    return "\"\(escaped)\""
  }
}

#endif
