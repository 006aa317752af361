// SPDX-License-Identifier: Apache-2.0
//
// An overlay with the audit in it, and the rounds of builds after which it compiles. The builds are
// played: each says what a compiler would.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditScanner
import Foundation
import Testing

@Suite struct InstrumentedPackageTests {
  private let package: TemporaryDirectory
  private let copy: TemporaryDirectory
  private let overlay: Overlay
  private let target = PackageTarget(name: "M", kind: .library, sources: ["Sources/M/A.swift", "Sources/M/B.swift"])

  private static let first = """
    import Foundation

    final class Store {
      private var items: [Int] = []
      private var names: [String: Int] = [:]
      lazy var routes: [String: Int] = [
        "/": items.count
      ] // by path
      func add(_ item: Int) { items.append(item); names["\\(item)"] = item }
    }

    """

  init() throws {
    package = try TemporaryDirectory()
    copy = try TemporaryDirectory()
    try package.write(Self.first, "Sources/M/A.swift")
    try package.write("func plain() {}\n", "Sources/M/B.swift")
    overlay = Overlay(original: package.path, root: copy.path + "/p")
  }

  private func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  @Test func theOverlayHasTheAuditAndThePackageDoesNot() throws {
    let instrumented = InstrumentedPackage([.init(overlay, targets: [target], limits: [:])])
    try instrumented.write()
    let text = try #require(copy.read("p/Sources/M/A.swift"))
    #expect(package.read("Sources/M/A.swift") == Self.first)
    #expect(copy.read("p/Sources/M/B.swift") == "func plain() {}\n")
    // Every line is at its number, and a lazy variable has become two.
    #expect(lines(text).dropLast(2).count == lines(Self.first).dropLast().count)
    #expect(lines(text)[3] == #"  private var items: AuditedArray<Int> = AuditedArray(label: "Store.items")"#)
    #expect(
      lines(text)[5].hasPrefix(
        "  @Audited(label: \"Store.routes\") private var audited_routes: Optional<[String: Int]> = nil; var routes:"))
    #expect(
      lines(text)[7].hasPrefix("  ]; audited_routes = made; return made }") && lines(text)[7].hasSuffix("// by path"))
    #expect(text.hasSuffix("import AuditedCollections\n"))
    let variables = try #require(instrumented.record["M"]).variables
    #expect(variables.map(\.symbol) == ["Store.items", "Store.names", "Store.routes"])
    #expect(variables.map(\.form) == [.type, .type, .wrapper] && variables.map(\.line) == [4, 5, 6])
    #expect(instrumented.names == ["M"])
    // Written again, nothing is touched.
    let stamp = FileStamp(overlay.root + "/Sources/M/A.swift")
    try InstrumentedPackage([.init(overlay, targets: [target], limits: [:])]).write()
    #expect(FileStamp(overlay.root + "/Sources/M/A.swift") == stamp)
  }

  /// A type that does not compile becomes a wrapper, and is then left alone; so is a lazy variable.
  @Test func declarationsThatDoNotCompileAreTakenBack() throws {
    var instrumented = InstrumentedPackage([.init(overlay, targets: [target], limits: [:])])
    try instrumented.write()
    var builds = [
      "\(overlay.root)/Sources/M/A.swift:4:3: error: no\n", "\(overlay.root)/Sources/M/A.swift:4:3: error: no\n",
      "\(overlay.root)/Sources/M/A.swift:7:3: error: no\n",
    ]
    var said: [String] = []
    let outcome = try instrumented.settle {
      builds.isEmpty ? nil : builds.removeFirst()
    } say: {
      said.append($0)
    }
    guard case .built = outcome else { throw CancellationError() }
    #expect(said.count == 3 && said[2].hasSuffix("Store.routes"))
    let variables = try #require(instrumented.record["M"]).variables
    #expect(variables[0].symbol == "Store.items" && variables[0].form == .none)
    #expect(instrumented.limits["M"]?["Store.items"] == .leftAlone)
    let text = try #require(copy.read("p/Sources/M/A.swift"))
    #expect(lines(text)[3] == "  private var items: [Int] = []")
    #expect(!text.contains("audited_routes") && text.contains(#"AuditedDictionary(label: "Store.names")"#))
    // The next run begins with what is known.
    try InstrumentedPackage([.init(overlay, targets: [target], limits: instrumented.limits)]).write()
    #expect(copy.read("p/Sources/M/A.swift") == text)
  }

  /// An error in another module's file is found by the name on its line.
  @Test func errorsElsewhereAreFoundByName() throws {
    try copy.write("let one = store.names\n", "p/Tests/T.swift")
    var instrumented = InstrumentedPackage([.init(overlay, targets: [target], limits: [:])])
    try instrumented.write()
    var builds = ["\(overlay.root)/Tests/T.swift:1:11: error: no\n"]
    _ = try instrumented.settle(build: { builds.popLast() }, say: { _ in })
    #expect(instrumented.limits["M"] == ["Store.names": .keepsType])
    #expect(copy.read("p/Sources/M/A.swift")?.contains(#"@Audited(label: "Store.names") private var names"#) ?? false)
  }

  /// A note in the excerpt below an error names the variable; others of the same name stay.
  @Test func notesBelowAnErrorAreRead() throws {
    try package.write("final class Other {\n  private var items: [Int] = []\n}\n", "Sources/M/B.swift")
    try copy.write("x.items = 1\n", "p/Tests/T.swift")
    var instrumented = InstrumentedPackage([.init(overlay, targets: [target], limits: [:])])
    try instrumented.write()
    var builds = [
      """
      \(overlay.root)/Sources/M/A.swift:9:9: error: property 'items' can not be mutated from here
       3 | final class Store {
       4 |   private var items: [Int] = []
         |               `- note: mutation of this property is only permitted within the actor
         :
       8 |   ] // by path
       9 |   func add(_ item: Int) { items.append(item); names["item"] = item }
         |        `- error: property 'items' can not be mutated from here
      10 | }

      """
    ]
    _ = try instrumented.settle(build: { builds.popLast() }, say: { _ in })
    #expect(instrumented.limits["M"]?["Store.items"] == .keepsType)
    #expect(instrumented.limits["M"]?["Other.items"] == nil)
  }

  /// The package's own error ends with everything taken back.
  @Test func aPackageThatDoesNotBuildIsToldApart() throws {
    var instrumented = InstrumentedPackage([.init(overlay, targets: [target], limits: [:])])
    try instrumented.write()
    let outcome = try instrumented.settle(build: { "error: link command failed\n" }, say: { _ in })
    guard case .fails(let output) = outcome else { throw CancellationError() }
    #expect(output.contains("link command failed"))
    #expect(copy.read("p/Sources/M/A.swift") == Self.first)
  }
}
#endif
