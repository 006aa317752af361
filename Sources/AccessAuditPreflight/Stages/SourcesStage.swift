// SPDX-License-Identifier: Apache-2.0
//
// The first stage: the scan of the sources with the project's configuration and baseline, as
// `access-audit scan` makes it.

#if Scanner && canImport(Glibc)

internal import AccessAuditScanner
internal import BaselineTerms
internal import Foundation

extension Preflight {
  var sourcesCommand: [String] {
    ["access-audit", "scan"] + (configurationPath.map { ["--config", $0] } ?? [])
  }

  var sourcesSteps: [String] { ["scans the Swift sources with the configuration's rules and baseline"] }

  /// Scans, and makes a check of each finding that counts.
  func checkSources() throws -> ([Check], ScanReport?) {
    let report: ScanReport
    let configuration: ScanConfiguration
    do {
      (report, configuration) = try scanned()
    } catch let error as ConfigurationError {
      return ([Check("configuration", .failed, error.description, next: "correct the configuration")], nil)
    }
    var result = report
    var checks: [Check] = []
    if let path = configuration.baseline {
      do {
        let baseline = try Baseline(contentsOf: self.path(path))
        let unused = baseline.apply(to: &result)
        checks += Self.checks(baseline, unused: unused, path: path)
      } catch let error as ConfigurationError {
        checks.append(
          Check(
            "baseline", .failed, error.description, next: "access-audit scan --write-baseline \(Command.quoted(path))"))
      }
    }
    return (Self.checks(of: result, failOn: configuration.failOn) + checks, result)
  }

  private func scanned() throws -> (ScanReport, ScanConfiguration) {
    var configuration = ScanConfiguration()
    let file = configurationPath ?? ScanConfiguration.fileName
    if let data = FileManager.default.contents(atPath: path(file)) {
      configuration = try ScanConfiguration(yaml: String(decoding: data, as: UTF8.self), path: file)
    }
    let chosen = configuration.include.isEmpty ? [root] : configuration.include.map(path)
    let files = try SourceFiles(chosen, root: root, configuration: configuration)
    var report = AccessScanner(threads: Parallel.defaultThreads).scan(files)
    configuration.apply(to: &report)
    return (report, configuration)
  }

  /// The checks of a report.
  static func checks(of report: ScanReport, failOn: Severity) -> [Check] {
    var checks: [Check] = []
    for finding in report.active {
      let place = Check.Place(file: finding.place.path, line: finding.place.line)
      let fails = finding.severity >= failOn
      checks.append(
        Check(
          finding.rule, fails ? .failed : .warning,
          "\(finding.place.path):\(finding.place.line): \(finding.message)",
          next: fails ? "access-audit rules \(finding.rule)" : nil, place: place))
    }
    for problem in report.problems {
      let place = Check.Place(file: problem.place.path, line: problem.place.line)
      checks.append(
        Check(
          "scanned", problem.isUnscanned ? .failed : .warning,
          "\(problem.place.path):\(problem.place.line): \(problem.message)",
          next: problem.isUnscanned ? "exclude the file in the configuration, or correct it" : nil, place: place))
    }
    if !checks.contains(where: { $0.outcome == .failed }) {
      let suppressed = report.findings.count - report.active.count
      checks.insert(
        Check(
          "scan", .passed,
          "\(report.lineCount) lines in \(report.sources.count) files, no finding that stops a release"
            + (suppressed > 0 ? ", \(suppressed) suppressed" : "")), at: 0)
    }
    return checks
  }

  static func checks(_ baseline: Baseline, unused: [Baseline.Entry], path: String) -> [Check] {
    var checks = baseline.expired().map { entry in
      Check(
        "baseline", .failed,
        "\(path): the entry for \(entry.rule) \(entry.symbol) in \(entry.path) expired on "
          + "\(entry.expires?.description ?? "?")\(owned(entry.owner))",
        next: "correct the place, or give the entry another date with a reason: access-audit baseline add")
    }
    checks += unused.map { entry in
      Check(
        "baseline", .warning, "\(path): nothing matches the entry for \(entry.rule) \(entry.symbol) in \(entry.path)",
        next: "access-audit baseline prune \(Command.quoted(path))")
    }
    return checks
  }

  static func owned(_ owner: String?) -> String { owner.map { "; its owner is \($0)" } ?? "; it has no owner" }
}

#endif
