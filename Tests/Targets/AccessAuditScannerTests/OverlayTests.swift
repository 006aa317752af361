// SPDX-License-Identifier: Apache-2.0
//
// The overlay of a package: which files are copied and when, that nothing is written anywhere
// else, and what is added to manifests.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import Foundation
import Testing

@Suite struct OverlayTests {
  private func shell(_ command: String, in folder: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command)")
  }

  /// A package in a repository, with a file of each kind.
  private func package() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write("// swift-tools-version: 6.0\nlet package = Package(name: \"p\")\n", "Package.swift")
    try directory.write("let one = 1\n", "Sources/M/One.swift")
    try directory.write("let two = 2\n", "Sources/M/Two.swift")
    try directory.write("ignored/\nPackage.resolved\n", ".gitignore")
    try directory.write("x", "ignored/X.swift")
    try directory.write("{}", "Package.resolved")
    try directory.write("x", ".build/debug/y")
    try shell(
      "git init -q; git add -A; git -c user.name=t -c user.email=t@example.org commit -qm all; echo >Sources/M/New.swift; "
        + "rm Sources/M/Two.swift; ln -s One.swift Sources/M/Link.swift; ln -s ../outside Outer; chmod 755 Sources/M/One.swift",
      in: directory.path)
    return directory
  }

  @Test func filesAreListedAsGitSeesThem() throws {
    let package = try package()
    let wanted = [
      ".gitignore", "Outer", "Package.resolved", "Package.swift", "Sources/M/Link.swift", "Sources/M/New.swift",
      "Sources/M/One.swift",
    ]
    #expect(PackageFiles.list(package.path) == wanted)
    try FileManager.default.removeItem(atPath: package.path + "/.git")
    #expect(PackageFiles.list(package.path) == (wanted + ["ignored/X.swift"]).sorted())
  }

  /// A repository within the package, and a package that an outer repository ignores.
  @Test func filesOfInnerRepositoriesAreListed() throws {
    let package = try package()
    try package.write("let inner = 1\n", "Inner/Sources/I.swift")
    try shell("git init -q Inner", in: package.path)
    #expect(PackageFiles.list(package.path).contains("Inner/Sources/I.swift"))
    try package.write("// swift-tools-version: 6.0\n", "ignored/q/Package.swift")
    try package.write("let q = 1\n", "ignored/q/Sources/Q.swift")
    #expect(PackageFiles.list(package.path + "/ignored/q") == ["Package.swift", "Sources/Q.swift"])
  }

  @Test func onlyChangedFilesAreCopiedAgain() throws {
    let package = try package()
    let copy = try TemporaryDirectory()
    let overlay = Overlay(original: package.path, root: copy.path + "/sources/p")
    var state = OverlayState(maker: "test")
    func bring() throws -> (changed: [String], removed: [String]) {
      let changes = overlay.changes(since: state)
      for path in changes.removed { overlay.remove(path) }
      for path in changes.changed {
        try overlay.copy(path)
        state.close(path, changes.stamps[path], in: overlay)
      }
      return (changes.changed, changes.removed)
    }
    #expect(try bring().changed.count == 6)
    #expect(copy.read("sources/p/Sources/M/One.swift") == "let one = 1\n")
    #expect(FileManager.default.isExecutableFile(atPath: overlay.root + "/Sources/M/One.swift"))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: overlay.root + "/Sources/M/Link.swift") == "One.swift")
    // A link that leads out of the package leads to the same place from the copy.
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: overlay.root + "/Outer") == package.path + "/../outside"
    )
    #expect(try bring().changed.isEmpty)
    // Changed in the package, in the copy, removed, added to the copy.
    try package.write("let one = 11\n", "Sources/M/One.swift")
    try copy.write("changed by a test", "sources/p/.gitignore")
    try copy.write("made by a test", "sources/p/made/by/test")
    try copy.write("{ \"of\": \"the package manager\" }", "sources/p/Package.resolved")
    try FileManager.default.removeItem(atPath: package.path + "/Sources/M/New.swift")
    let second = try bring()
    #expect(second.changed == [".gitignore", "Sources/M/One.swift"])
    #expect(second.removed.sorted() == ["Sources/M/New.swift", "made/by/test"])
    #expect(!FileManager.default.fileExists(atPath: overlay.root + "/made"))
    #expect(copy.read("sources/p/.gitignore") == package.read(".gitignore"))
    #expect(try bring().changed.isEmpty)
  }

  /// A write never goes through a link, and one of the same content touches nothing.
  @Test func writesStayInTheOverlay() throws {
    let package = try package()
    try package.write("let shared = 1\n", "Shared/S.swift")
    let copy = try TemporaryDirectory()
    let overlay = Overlay(original: package.path, root: copy.path + "/p")
    try FileManager.default.createDirectory(atPath: overlay.root, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: overlay.root + "/Folder", withDestinationPath: package.path + "/Shared")
    #expect(overlay.isBehindLink("Folder/S.swift") && !overlay.isBehindLink("Sources/M/One.swift"))
    try overlay.write(Array("changed\n".utf8), to: "Folder/S.swift")
    #expect(package.read("Shared/S.swift") == "let shared = 1\n")
    #expect(copy.read("p/Folder/S.swift") == "changed\n")
    try FileManager.default.createSymbolicLink(
      atPath: overlay.root + "/Linked.swift", withDestinationPath: package.path + "/Shared/S.swift")
    try overlay.write(Array("changed\n".utf8), to: "Linked.swift")
    #expect(package.read("Shared/S.swift") == "let shared = 1\n")
    let stamp = FileStamp(overlay.root + "/Linked.swift")
    #expect(try !overlay.write(Array("changed\n".utf8), to: "Linked.swift"))
    #expect(FileStamp(overlay.root + "/Linked.swift") == stamp)
  }

  @Test func statesOfOtherMakersAndBrokenOnesAreEmpty() throws {
    let directory = try TemporaryDirectory()
    var state = OverlayState(maker: "one")
    state.targets = [PackageTarget(name: "M", kind: .library, sources: ["Sources/M/A.swift"])]
    state.modules = ["M": OverlayState.Module()]
    try state.write(to: directory.path + "/state.json")
    var read = OverlayState(contentsOf: directory.path + "/state.json", maker: "one")
    #expect(read.targets == state.targets && read.modules.count == 1)
    // A module whose file is about to be written is not taken for finished.
    read.open(["Sources/M/A.swift"])
    #expect(read.modules.isEmpty)
    #expect(OverlayState(contentsOf: directory.path + "/state.json", maker: "two").targets.isEmpty)
    try directory.write("{", "state.json")
    #expect(OverlayState(contentsOf: directory.path + "/state.json", maker: "one").targets.isEmpty)
  }
}

@Suite struct ManifestAdditionTests {
  private let addition = ManifestAddition(
    original: "/o/pack age", library: "/l/swift-access-audit", targets: ["B", "A"])

  @Test func targetsAreAddedAfterTheManifest() throws {
    let manifest =
      "// swift-tools-version:5.5\nimport PackageDescription\nlet package = Package(name: \"p\", targets: made())\n"
    let text = try addition.added(to: manifest, path: "Package.swift")
    #expect(text.hasPrefix(manifest))
    #expect(text.contains("for target in package.targets where ([\"A\", \"B\"] as [String]).contains(target.name)"))
    #expect(text.contains(".package(path: \"/l/swift-access-audit\")") && text.contains("dependency.url"))
    #expect(!text.contains("fileSystem"))
    let none = ManifestAddition(original: "/o", library: "/l/swift-access-audit", targets: [])
    #expect(try none.added(to: manifest, path: "Package.swift") == manifest)
  }

  /// The manifest's language differs between tools versions; each has to take what is added.
  @Test(arguments: ["5.1", "5.5", "5.6", "5.9", "6.0", "6.1", "6.3"])
  func additionsAreValid(_ version: String) throws {
    let folder = try TemporaryDirectory()
    let path = version < "5.6" ? "/o/r" : "../r"
    let manifest = """
      // swift-tools-version:\(version)
      import PackageDescription
      let package = Package(
        name: "p",
        dependencies: [.package(url: "https://example.org/Q.git", from: "1.0.0"), .package(path: "\(path)")],
        targets: [.target(name: "A", dependencies: []), .target(name: "B", dependencies: [])])

      """
    var addition = addition
    addition.dependencies = ["q": "/c/q", "s": "/c/s"]
    try folder.write(addition.added(to: manifest, path: "Package.swift"), "Package.swift")
    let text = try Self.dump(folder.path)
    #expect(Self.places(text) == ["/c/q", "/c/s", "/o/r", "/l/swift-access-audit"], "\(text)")
    #expect(text.matches(of: /"AuditedCollections"/).count == 2)

    // With the library as it is built, there is no dependency, and the targets get arguments.
    addition.built = ManifestAddition.Built(
      compilerArguments: ["-I", "/k/modules"], readers: ["A", "B"], linkerArguments: ["-Xlinker", "/k/all.a"])
    addition.targets = ["B"]
    try folder.write(addition.added(to: manifest, path: "Package.swift"), "Package.swift")
    let built = try Self.dump(folder.path)
    #expect(Self.places(built) == ["/c/q", "/c/s", "/o/r"], "\(built)")
    let shown = built.replacing("\\/", with: "/")
    #expect(shown.matches(of: #/"/k/modules"/#).count == 2 && shown.matches(of: #/"/k/all\.a"/#).count == 1, "\(built)")
    #expect(!built.contains("AuditedCollections"))
  }

  /// What the package manager reads in the manifest of a folder.
  private static func dump(_ folder: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swift", "package", "--package-path", folder, "dump-package"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return text
  }

  /// The folders that it depends on.
  private static func places(_ text: String) -> Set<String> {
    Set(text.matches(of: #/"path" : "([^"]+)"/#).map { String($0.output.1).replacing("\\/", with: "/") })
  }

  @Test func pathsThatLeadOutStayTheSame() throws {
    let manifest =
      "// swift-tools-version: 6.1\nlet pack = Package(\n  name: \"p\", dependencies: [.package(path: \"../q\")])\n"
    let text = try addition.added(to: manifest, path: "Package.swift")
    #expect(
      text.contains("let place = \"/o/pack age/\" + path") && text.contains("traits: pack.dependencies[index].traits"))
    let old = manifest.replacing("6.1", with: "5.6")
    #expect(try !addition.added(to: old, path: "Package.swift").contains("traits"))
    #expect(throws: ManifestAddition.Refusal.self) {
      try addition.added(to: manifest.replacing("6.1", with: "5.3"), path: "Package.swift")
    }
    #expect(throws: ManifestAddition.Refusal.self) {
      try addition.added(to: "// swift-tools-version: 6.1\nprint(1)\n", path: "Package.swift")
    }
  }
}
#endif
