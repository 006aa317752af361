// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `try`: its options and its stages, from the package's folder to the page. Each
// stage has a file of its own.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import ArgumentParser
import Foundation

/// `access-audit try`.
struct TryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try", abstract: "Audits a package as it is: its tests or a product, without an edit.",
    discussion: """
      Copies the package, as git sees it, to .build/access-audit, puts the audit into the copy (as 'instrument --all \
      --verify' does), builds it with a scratch folder of its own, and runs the tests or a product up to --rounds times, \
      hunting, until nothing is open. Nothing of the package is changed; every path that is shown is the package's. The \
      next run copies, instruments and builds only what has changed.

      Arguments after '--' go to 'swift test', or to the product.

      Exit status: 66 when there was a race that the baseline does not know; else the status of the tests or the product; \
      69 when nothing was audited; 64 when the usage is wrong, 70 when the copy or the reports cannot be written.

      Examples:
        access-audit try
        access-audit try --tests -- --filter CacheTests
        access-audit try --product shop -- --self-test
        access-audit try --include-dependency swift-nio
        access-audit try --format sarif --output races.sarif --baseline known-races.json
      """)

  @Flag(help: "Run the tests; this is what is done when no product is named.")
  var tests = false

  @Option(help: "Run this product instead of the tests.")
  var product: String?

  @Option(help: "The package.", completion: .directory)
  var packagePath = "."

  @Option(help: "Audit this dependency too, which is copied as the package is; can be given again.")
  var includeDependency: [String] = []

  @Option(help: "Run up to so many times, each run with what the ones before learnt, until nothing is open.")
  var rounds = 3

  @Option(help: "report or shield: what a race does to the program.")
  var onViolation = "shield"

  @Option(help: "A file of known races that are not reported.", completion: .file())
  var suppressions: String?

  @Option(
    help: "An argument for 'swift build' and 'swift test', such as --build-argument=--traits=A; can be given again.")
  var buildArgument: [String] = []

  @Flag(help: "Keep the reports, the plan and the build's log of this run also when another run follows.")
  var keep = false

  @Flag(help: "Make the copy anew and build all of it.")
  var fresh = false

  @Option(help: "The folder for the copy and what is built of it; without it, .build/access-audit of the package.")
  var workPath: String?

  @Option(help: "A checkout of this tool's package; without it, the one that the tool was built of.")
  var library: String?

  @Option(help: "The folder that keeps the audited types built; without it, access-audit of the user's cache.")
  var cachePath: String?

  @OptionGroup var output: OutputOptions

  @Argument(parsing: .postTerminator, help: "Arguments for 'swift test' or the product, after '--'.")
  var arguments: [String] = []

  func validate() throws {
    if tests, product != nil { throw ValidationError("--tests and --product exclude each other.") }
    guard (1...100).contains(rounds) else { throw ValidationError("--rounds must be between 1 and 100.") }
    guard ["report", "shield"].contains(onViolation) else {
      throw ValidationError("--on-violation must be report or shield: after a halt nothing more is found.")
    }
    if let suppressions, access(suppressions, R_OK) != 0 {
      throw ValidationError("--suppressions: '\(suppressions)' cannot be read.")
    }
  }

  func run() throws {
    let package = URL(fileURLWithPath: packagePath).resolvingSymlinksInPath().path
    guard FileStamp("\(package)/Package.swift") != nil else {
      throw ToolError.failure("\(package) is no package: it has no Package.swift")
    }
    let known = try output.loadBaseline()
    let log = StageLog()
    Interruption.prepare()
    let folder = try TrialFolder(
      package: package, work: workPath.map { URL(fileURLWithPath: $0).standardizedFileURL.path })
    let library = try LibraryPackage(library, work: folder.work)
    if fresh { try folder.clean() }
    try folder.beginRun()
    let goal = product.map { ["--product", $0] } ?? ["--build-tests"]
    var build = TrialBuild(
      folder, library: library, cache: LibraryCache(cachePath), arguments: goal + buildArgument, log: log)
    try build.make(including: includeDependency)
    if product == nil, !build.targets.contains(where: { $0.kind == .test }) {
      throw ToolError.failure("the package has no tests; name a product to run: --product NAME")
    }
    let rounds = try self.rounds(folder, build, log)
    var result = try rounds.run()
    let races = try log.measure("reports") { try rounds.violations() }
    try output.writeBaseline(races)
    let split = known?.split(races)
    result.races = split?.new ?? races
    result.known = split?.known ?? []
    result.variables = build.variables
    result.stages = log.stages
    result.seconds = log.total
    try show(result, folder)
    throw ExitCode(result.exitStatus)
  }

  private func rounds(_ folder: TrialFolder, _ build: TrialBuild, _ log: StageLog) throws -> TrialRounds {
    let command: [String]
    if let product {
      command = ["\(folder.scratch)/debug/\(product)"] + arguments
      guard access(command[0], X_OK) == 0 else { throw ToolError.failure("the product '\(product)' is no program") }
    } else {
      command =
        ["swift", "test", "--skip-build", "--package-path", folder.sources, "--scratch-path", folder.scratch]
        + buildArgument + build.pathArguments + arguments
    }
    let place = product == nil ? folder.sources : FileManager.default.currentDirectoryPath
    return TrialRounds(
      folder: folder, paths: build.paths, limit: rounds, onViolation: onViolation,
      suppressions: suppressions.map { URL(fileURLWithPath: $0).standardizedFileURL.path }, command: command,
      place: place, isTests: product == nil, log: log)
  }

  /// Shows the page, and writes the reports in full.
  private func show(_ result: TrialResult, _ folder: TrialFolder) throws {
    var output = output
    if output.sourceRoot == FileManager.default.currentDirectoryPath { output.sourceRoot = folder.package }
    if output.stripPathPrefix.isEmpty { output.stripPathPrefix = folder.package + "/" }
    var places: [String] = []
    if !result.races.isEmpty {
      let text = ReportForm.text.render(
        result.races, settings: RenderSettings(sourceRoot: folder.package, style: output.plainStyle))
      try ToolError.write(text, to: "\(folder.run)/races.txt")
      places.append("\(folder.run)/races.txt")
    }
    if keep { places.append(try folder.keepRun()) }
    let page = TrialPage(result: result, package: folder.package, places: places).text
    switch output.format {
    case .text: try output.put(page)
    case .json: try output.put(TrialJSON.text(result))
    case .html, .trace, .sarif, .github: try output.write(result.races, known: result.known)
    }
    if output.format != .text || output.output != nil { FileHandle.standardError.write(Data(page.utf8)) }
  }
}
#endif
