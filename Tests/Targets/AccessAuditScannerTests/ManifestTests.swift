// SPDX-License-Identifier: Apache-2.0
//
// Edits of a package's manifest, the choice among several manifests, and the adoption of a whole
// package.

#if Scanner
import AccessAuditScanner
import Foundation
import Testing

@Suite struct ManifestTests {
  static let tools = "// swift-tools-version: 6.0\nimport PackageDescription\n\n"

  private func edit(
    _ text: String, _ names: [String], _ package: AuditedPackage? = AuditedPackage(path: "../swift-access-audit")
  ) throws -> ManifestOutcome {
    let directory = try TemporaryDirectory()
    try directory.write(ManifestTests.tools + text, "Package.swift")
    let manifest = try #require(PackageManifest(package: directory.path, toolchain: ToolchainVersion(6, 3)))
    switch manifest.adding(to: names, from: package) {
    case .text(let text): return .text(text.replacing(ManifestTests.tools, with: ""))
    case .byHand(let sentence): return .byHand(sentence)
    }
  }

  static let product = ".product(name: \"AuditedCollections\", package: \"swift-access-audit\")"
  static let dependency = ".package(path: \"../swift-access-audit\")"

  @Test(arguments: [
    (
      "let package = Package(name: \"P\", targets: [.target(name: \"A\")])\n",
      "let package = Package(name: \"P\", dependencies: [\(dependency)], targets: [.target(name: \"A\", dependencies: [\(product)])])\n"
    ),
    (
      """
      let package = Package(
        name: "P",
        targets: [
          .target(name: "B"),
          .target(
            name: "A",
            dependencies: [
              .target(name: "B"),  // why
            ],
            path: "Source"
          ),
        ]
      )

      """,
      """
      let package = Package(
        name: "P",
        dependencies: [\(dependency)],
        targets: [
          .target(name: "B"),
          .target(
            name: "A",
            dependencies: [
              .target(name: "B"),
              \(product),  // why
            ],
            path: "Source"
          ),
        ]
      )

      """
    ),
    (
      """
      let common: [Target.Dependency] = []
      let package = Package(
        name: "P",
        dependencies: [.package(url: "https://example.org/x.git", from: "1.0.0")],
        targets: [.executableTarget(name: "A", dependencies: common + ["B"]), .target(name: "B")]
      )

      """,
      """
      let common: [Target.Dependency] = []
      let package = Package(
        name: "P",
        dependencies: [.package(url: "https://example.org/x.git", from: "1.0.0"), \(dependency)],
        targets: [.executableTarget(name: "A", dependencies: (common + ["B"]) + [\(product)]), .target(name: "B")]
      )

      """
    ),
    (
      """
      let package = Package(
        name: "P",
        dependencies: [
          .package(url: "https://example.org/swift-access-audit.git", from: "1.0.0")
        ]
      )
      package.targets += [.target(name: "A", path: "A", swiftSettings: [])]

      """,
      """
      let package = Package(
        name: "P",
        dependencies: [
          .package(url: "https://example.org/swift-access-audit.git", from: "1.0.0")
        ]
      )
      package.targets += [.target(name: "A", dependencies: [\(product)], path: "A", swiftSettings: [])]

      """
    ),
  ])
  func addsTheProduct(before: String, after: String) throws {
    #expect(try edit(before, ["A"]) == .text(after))
    // Once is enough.
    #expect(try edit(after, ["A"]) == .text(after))
  }

  @Test func computedTargetsAreNamed() throws {
    let text = "let package = Package(name: \"P\", targets: [\"A\"].map { .target(name: $0) })\n"
    guard case .byHand(let sentence) = try edit(text, ["A"]) else {
      Issue.record("it was edited")
      return
    }
    #expect(sentence.contains("\(ManifestTests.product) to the dependencies of the target 'A'"))
  }

  @Test func aMissingPackageIsNamed() throws {
    let text = "let package = Package(name: \"P\", targets: [.target(name: \"A\")])\n"
    #expect(
      try edit(text, ["A"], nil) == .byHand("add to Package.swift: a dependency on the package swift-access-audit"))
  }

  /// The package manager's order: exactly this version, its minor, its major; otherwise the newest
  /// that is not newer, if its tools are newer than those of `Package.swift`.
  @Test(arguments: [
    (["Package.swift": "5.9"], "Package.swift"),
    (["Package.swift": "5.9", "Package@swift-6.3.swift": "5.9"], "Package@swift-6.3.swift"),
    (
      ["Package.swift": "5.9", "Package@swift-6.swift": "5.9", "Package@swift-6.2.swift": "6.2"],
      "Package@swift-6.swift"
    ),
    (
      ["Package.swift": "5.9", "Package@swift-6.0.swift": "6.0", "Package@swift-6.2.swift": "6.2"],
      "Package@swift-6.2.swift"
    ),
    (["Package.swift": "6.1", "Package@swift-5.9.swift": "5.9"], "Package.swift"),
    (["Package.swift": "5.9", "Package@swift-6.4.swift": "6.4"], "Package.swift"),
    (
      ["Package.swift": "5.9", "Package@swift-6.3.1.swift": "6.0", "Package@swift-6.3.swift": "6.0"],
      "Package@swift-6.3.1.swift"
    ),
    (["Package@swift-5.9.swift": "5.9"], "Package@swift-5.9.swift"),
  ])
  func manifestInUse(files: [String: String], chosen: String) throws {
    let directory = try TemporaryDirectory()
    for (name, version) in files { try directory.write("// swift-tools-version:\(version)\n", name) }
    #expect(PackageManifest.name(in: directory.path, toolchain: ToolchainVersion(6, 3, 1)) == chosen)
  }

  private func package() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(
      ManifestTests.tools + """
        let package = Package(
          name: "P",
          targets: [
            .target(name: "Core"),
            .executableTarget(name: "Tool", dependencies: [.target(name: "Core")], path: "Tool"),
            .testTarget(name: "CoreTests", dependencies: ["Core"]),
            .plugin(name: "Plug", capability: .buildTool()),
          ]
        )

        """, "Package.swift")
    try directory.write(
      "extension Array { public mutating func take() -> Element? { popLast() } }\npublic protocol Store { var items: [Int] { get } }\nfinal class Core {\n  var items: [Int] = []\n  var seen: [Int] = []\n}\n",
      "Sources/Core/Core.swift")
    try directory.write(
      "import Core\nfinal class Run: Store {\n  private var left: [Int] = []\n  var items: [Int] = []\n  func next() -> Int? { left.take() }\n}\nfinal class Work {\n  var list: [Int] = []\n}\n",
      "Tool/Run.swift")
    try directory.write(
      "@testable import Core\nfunc check(_ core: Core) -> [Int] { core.seen }\n", "Tests/CoreTests/T.swift")
    try directory.write("final class Plug { var x: [Int] = [] }\n", "Plugins/Plug/Plug.swift")
    return directory
  }

  @Test func wholePackage() throws {
    let directory = try package()
    let names = ["Package.swift", "Sources/Core/Core.swift", "Tool/Run.swift", "Plugins/Plug/Plug.swift"]
    let before = names.map { directory.read($0) }
    var options = PackageAdoption.Options(manifest: .add(AuditedPackage(path: "/audit/swift-access-audit")))
    options.toolchain = ToolchainVersion(6, 3)
    let adoption = try PackageAdoption(package: directory.path, options: options)
    #expect(Set(adoption.result.retyped.map(\.symbol)) == ["Core.items", "Work.list"])
    let reasons = Dictionary(uniqueKeysWithValues: adoption.result.watched.map { ($0.symbol, $0.reason ?? "") })
    #expect(
      reasons == [
        "Core.seen": "it may be used where its type is not known", "Run.left": "'take' changes it",
        "Run.items": "the protocol 'Store' requires it",
      ])
    #expect(adoption.changes.map(\.path) == ["Sources/Core/Core.swift", "Tool/Run.swift", "Package.swift"])
    try adoption.apply()
    let manifest = try #require(directory.read("Package.swift"))
    #expect(manifest.contains(".target(name: \"Core\", dependencies: [\(ManifestTests.product)])"))
    #expect(manifest.contains("dependencies: [.target(name: \"Core\"), \(ManifestTests.product)]"))
    #expect(manifest.contains("dependencies: [.package(path: \"/audit/swift-access-audit\")],"))
    #expect(directory.read("Plugins/Plug/Plug.swift") == before[3])
    let revert = try runTool(["instrument", "--revert", "--write"], in: directory.path)
    #expect(revert.status == 0)
    #expect(names.map { directory.read($0) } == before)
  }

  /// A build that fails by itself leaves every file as it was.
  @Test func aBrokenPackageIsRestored() throws {
    let directory = try package()
    let before = directory.read("Sources/Core/Core.swift")
    var adoption = try PackageAdoption(package: directory.path)
    #expect(throws: AdoptionFailure.self) { try adoption.settle(build: { "Elsewhere.swift:1:1: error: no" }) }
    #expect(directory.read("Sources/Core/Core.swift") == before)
    #expect(adoption.result.leftAlone.count == adoption.result.candidates.count)
  }

  @Test func theCommandEditsTheManifest() throws {
    let directory = try package()
    let run = try runTool(
      ["instrument", "Sources", "Tool", "--all", "--write", "--package", "../swift-access-audit"], in: directory.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(directory.read("Package.swift")?.contains(ManifestTests.product) ?? false)
    #expect(run.errors.contains("'Run.left' keeps its type: 'take' changes it"))
    let without = try package()
    #expect(
      try runTool(["instrument", "Sources", "--all", "--write"], in: without.path).errors.contains(
        "add to Package.swift: a dependency on the package swift-access-audit"))
    #expect(!(without.read("Package.swift")?.contains(ManifestTests.product) ?? true))
  }
}
#endif
