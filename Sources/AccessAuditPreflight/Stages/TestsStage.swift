// SPDX-License-Identifier: Apache-2.0
//
// The third stage: the package's own tests under the audit, hunting. The tool runs them as `try`
// or `run` do; what they have found is compared with the known races here.

#if Scanner && canImport(Glibc)

internal import AccessAuditOverlay
internal import AccessAuditReports
internal import AccessReports
internal import Foundation

extension Preflight {
  /// The mode that is configured, or that the manifest asks for.
  var testsMode: PreflightConfiguration.Tests.Mode {
    if let mode = configuration.tests.mode { return mode }
    let manifest = FileManager.default.contents(atPath: "\(root)/Package.swift") ?? Data()
    return String(decoding: manifest, as: UTF8.self).contains("swift-access-audit") ? .run : .trial
  }

  private var testsReports: String { "\(work)/tests.json" }

  /// The command that runs the tests; the one to type has the known races in it, and no file of
  /// this tool's.
  func testsCommand(isReproduction: Bool) -> Command {
    let tests = configuration.tests
    var words = ["access-audit", testsMode.rawValue]
    words += ["--on-violation", tests.onViolation]
    switch testsMode {
    case .trial:
      words += ["--rounds", String(tests.rounds)] + tests.buildArguments.map { "--build-argument=\($0)" }
    case .run:
      words += ["--hunt", String(tests.rounds)]
    }
    if isReproduction {
      if let baseline = tests.baseline { words += ["--baseline", baseline] }
      if let suppressions = tests.suppressions { words += ["--suppressions", suppressions] }
    } else {
      // Races are counted here, and the tests' own status stays theirs.
      if testsMode == .run { words += ["--exitcode", "0"] }
      words += ["--format", "json", "--output", testsReports]
    }
    if testsMode == .run { return Command(words + ["--", "swift", "test"] + tests.buildArguments + tests.arguments) }
    return Command(words + (tests.arguments.isEmpty ? [] : ["--"] + tests.arguments))
  }

  var testsSteps: [String] {
    let tests = configuration.tests
    let known = [tests.suppressions, tests.baseline].compactMap(\.self)
    return ["runs: \(testsCommand(isReproduction: false).text)"]
      + (known.isEmpty ? [] : ["compares the races with \(known.joined(separator: " and "))"])
  }

  func checkTests() throws -> [Check] {
    var tally = TestTally()
    var tail = Tail()
    var lines = LineSplitter()
    let status = try host.run(testsCommand(isReproduction: false)) { bytes in
      tally.read(bytes)
      tail.read(bytes)
      lines.read(bytes) { line in
        if line.hasPrefix("access-audit: ") { host.say(String(line.dropFirst("access-audit: ".count))) }
      }
    }
    guard let data = FileManager.default.contents(atPath: testsReports) else {
      return [
        Check(
          "tests", .failed, "the tests could not be run under the audit (status \(status)):\n\(tail.text)",
          next: command(of: .tests))
      ]
    }
    let outcome: TestsOutcome
    do {
      outcome = try TestsOutcome(data, status: status, tally: tally)
    } catch {
      return [Check("tests", .failed, "\(error)", next: command(of: .tests))]
    }
    let isComplete = configuration.tests.arguments.isEmpty && outcome.check.outcome == .passed
    let races = RaceChecks(
      root: root, baseline: configuration.tests.baseline, suppressions: configuration.tests.suppressions)
    var checks = [outcome.check] + races.checks(of: outcome.races, isComplete: isComplete)
    if !outcome.wasAudited {
      checks.append(
        Check(
          "audited", .failed, "the tests ran, and nothing was audited",
          next: testsMode == .run
            ? "use audited types (access-audit instrument), or let a copy be audited: preflight: tests: mode: try"
            : "see which variables were left alone: \(command(of: .tests))"))
    }
    if outcome.suspects > 0 {
      checks.append(
        Check(
          "suspects", .warning,
          "\(outcome.suspects) pairs of accesses came close to each other and were neither seen to overlap nor found ordered",
          next: "more rounds: preflight: tests: rounds"))
    }
    return checks
  }
}

/// What the tests have left.
struct TestsOutcome {
  var check: Check
  var races: [MergedViolation]
  var wasAudited: Bool
  var suspects: Int

  /// The status that says that nothing was audited.
  private static let notAudited: Int32 = 69

  private struct Trial: Decodable {
    struct Tests: Decodable {
      var count: Int
      var failed: [String]
    }
    struct Suspect: Decodable {}
    struct Content: Decodable {
      var ownStatus: Int32
      var exitStatus: Int32
      var tests: Tests?
      var suspects: [Suspect]?
    }
    var trial: Content?
  }

  /// - Throws: `ReportFileError` for a file that holds no reports.
  init(_ data: Data, status: Int32, tally: TestTally) throws {
    let content = (try? JSONDecoder().decode(Trial.self, from: data))?.trial
    races = try ViolationMerge.merge(ReportFile.reports(in: Array(data), file: "the reports of the tests"))
    wasAudited = (content?.exitStatus ?? status) != Self.notAudited
    suspects = content?.suspects?.count ?? 0
    let failed = content?.tests?.failed ?? tally.failed.sorted()
    let count = content?.tests?.count ?? tally.tests
    let own = content?.ownStatus ?? (status == Self.notAudited ? 0 : status)
    if !failed.isEmpty {
      let shown = failed.prefix(5).joined(separator: ", ") + (failed.count > 5 ? ", …" : "")
      check = Check(
        "tests", .failed, "\(failed.count) of \(count) tests failed: \(shown)",
        next: "swift test --filter \(Command.quoted(failed[0].filter { $0 != "(" && $0 != ")" }))")
    } else if own != 0 {
      check = Check("tests", .failed, "the tests ended with status \(own)", next: "swift test")
    } else if count == 0 {
      check = Check("tests", .failed, "no test was run", next: "correct preflight: tests: arguments")
    } else {
      check = Check("tests", .passed, "\(count) test\(count == 1 ? "" : "s") passed")
    }
  }
}

/// The last lines of what a program prints.
struct Tail {
  private var bytes: [UInt8] = []
  private static let limit = 16_384

  mutating func read(_ more: some Collection<UInt8>) {
    bytes += more
    if bytes.count > 2 * Self.limit { bytes.removeFirst(bytes.count - Self.limit) }
  }

  var text: String {
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    let errors = lines.filter { $0.contains("error: ") }
    return (errors.isEmpty ? lines : errors).suffix(8).joined(separator: "\n")
  }
}

#endif
