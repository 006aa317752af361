// SPDX-License-Identifier: Apache-2.0
//
// Finds the sources of a package's dependencies, in the versions that the package resolves to. The
// package manager writes in a folder of this tool's, which has the manifests only.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import ArgumentParser
import Foundation

struct DependencyFinder {
  let package: Overlay
  /// The folder of the manifests, and of what the package manager writes.
  private let folder: String

  init(package: Overlay, work: String) {
    self.package = package
    // The package's own name, which may be its identity in a dependency's manifest.
    folder = "\(work)/dependencies/graph/" + URL(fileURLWithPath: package.original).lastPathComponent
  }

  /// The folders of dependencies, by their identities.
  ///
  /// - Parameter names: identities, or names of packages; of direct or indirect dependencies.
  /// - Throws: a status of wrong usage for a name that no dependency has.
  func locate(_ names: [String]) throws -> [String: String] {
    let known = try graph()
    var found: [String: String] = [:]
    for name in names {
      guard let match = known.first(where: { $0.identity == name.lowercased() || $0.name == name }) else {
        let all = Set(known.map(\.identity)).sorted().joined(separator: ", ")
        throw ToolError.failure(
          "--include-dependency: the package has no dependency '\(name)'; it has "
            + (all.isEmpty ? "none" : all))
      }
      found[match.identity] = match.path
    }
    return found
  }

  private struct Node: Decodable {
    var identity: String
    var name: String
    var path: String
    var dependencies: [Node]
  }

  /// All dependencies, direct and indirect.
  private func graph() throws -> [Node] {
    try ToolError.passing {
      try FileCopy.makeFolder(folder)
      try writeManifests()
    }
    let answer = "\(folder)/graph.json"
    let program = PipedProgram(
      arguments: [
        "swift", "package", "--package-path", folder, "show-dependencies", "--format", "json", "--output-path", answer,
      ], folder: folder)
    let (status, output) = try program.collect()
    guard status.exitStatus == 0, let data = FileManager.default.contents(atPath: answer),
      let root = try? JSONDecoder().decode(Node.self, from: data)
    else {
      ToolError.say(
        "the dependencies cannot be resolved:\n" + BuildOutput.excerpt(output).joined(separator: "\n"))
      throw ExitCode(status.exitStatus == 0 ? ToolStatus.internalError.rawValue : 1)
    }
    var nodes: [Node] = []
    func add(_ node: Node) {
      for next in node.dependencies {
        nodes.append(next)
        add(next)
      }
    }
    add(root)
    return nodes
  }

  /// The manifests and the versions that the package has resolved to. Paths that lead out of the
  /// package lead to the same places.
  private func writeManifests() throws {
    let addition = ManifestAddition(original: package.original, library: "", targets: [])
    for name in try FileManager.default.contentsOfDirectory(atPath: package.original) where Overlay.isManifest(name) {
      let text = try String(contentsOfFile: "\(package.original)/\(name)", encoding: .utf8)
      try FileCopy.write(Array(addition.added(to: text, path: name).utf8), to: "\(folder)/\(name)", mode: 0o644)
    }
    let resolved = "Package.resolved"
    if let data = FileManager.default.contents(atPath: "\(package.original)/\(resolved)") {
      try FileCopy.write(Array(data), to: "\(folder)/\(resolved)", mode: 0o644)
    }
  }
}
#endif
