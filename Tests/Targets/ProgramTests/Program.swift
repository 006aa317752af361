// SPDX-License-Identifier: Apache-2.0
//
// Runs a program as a child process and collects its status, output and reports. Every run is
// bounded.

import AccessAudit
import Foundation
import Testing

/// A program beside the test bundle, and the outcome of its runs.
struct Program {
  struct Outcome {
    var status: Int32
    /// The signal that ended it; `nil` when it exited.
    var signal: Int32?
    var output: String
    /// Standard error, but for the line that ends it.
    var errors: String
    /// The line at the end of an audited process: what was audited.
    var exitSummary: String?
    /// The JSON reports that it wrote, in their order.
    var violations: [Violation]
    var reportFiles: [URL]
    var command: String

    /// How the process ended, for a failed expectation.
    var summary: Comment {
      "\(command)\nstatus \(status) signal \(signal.map(String.init) ?? "none")\n--- output\n\(output)\n--- errors\n\(errors)"
    }
  }

  var name: String
  /// Its folder, by default that of the test bundle.
  var folder = Program.products

  static let race = Program(name: "race-programs")
  static let wordCount = Program(name: "word-count")

  /// The folder that the products are built to.
  static let products: URL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// A launcher that stops a program's threads at random instructions, for about the number of
  /// milliseconds in its argument.
  static var threadStopper: String { products.appendingPathComponent("thread-stopper").path }
  /// Where it stops threads: anywhere; where a read has loaded the collection's address and not yet
  /// published itself.
  #if arch(x86_64)
  static let stops = [[], ["--at", "audit_open_read"]]
  #else
  static let stops: [[String]] = [[]]
  #endif
  /// True when the kernel lets it trace its own child; some containers forbid that.
  static let canStopThreads =
    (try? Program(name: "true", folder: URL(fileURLWithPath: "/bin"))
    .run([], audit: nil, launcher: [threadStopper, "1"]))?.status == 0

  /// Runs the program with `ACCESS_AUDIT` set to `audit`, or unset. With `collectingReports`,
  /// reports go to files as JSON and are decoded.
  func run(
    _ arguments: [String], audit: String?, collectingReports: Bool = false, seconds: Double = 120,
    environment extra: [String: String] = [:], launcher: [String] = []
  ) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("access-audit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var audit = audit
    if collectingReports {
      audit = "\(audit ?? "") log_path='\(folder.path)/report' log_format=text+json"
    }
    let program = self.folder.appendingPathComponent(name).path
    let output = folder.appendingPathComponent("output")
    let errors = folder.appendingPathComponent("errors")
    let status = try ChildProcess.run(
      launcher + [program] + arguments, environment: Self.environment(audit).merging(extra) { $1 }, output: output.path,
      errors: errors.path, seconds: seconds)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent.hasPrefix("report") }.sorted { $0.path < $1.path }
    let violations = try files.filter { $0.pathExtension == "json" }
      .map { try JSONDecoder().decode(Violation.self, from: Data(contentsOf: $0)) }
    let (text, summary) = Self.split(try Self.text(errors))
    return Outcome(
      status: status.signal ?? status.code, signal: status.signal,
      output: try Self.text(output), errors: text, exitSummary: summary, violations: violations, reportFiles: files,
      command: "ACCESS_AUDIT='\(audit ?? "")' \(name) \(arguments.joined(separator: " "))")
  }

  /// This process's environment, without variables that would change the child's behaviour.
  private static func environment(_ audit: String?) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    for name in ["ACCESS_AUDIT", "TSAN_OPTIONS", "ASAN_OPTIONS", "SWIFT_BACKTRACE"] { environment[name] = nil }
    if let audit { environment["ACCESS_AUDIT"] = audit }
    // The toolchain's handler takes a tenth of a second to print a crash that these tests only
    // count.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    return environment
  }

  /// Parts the line at exit from the rest: every audited program has it, and few tests are about
  /// it.
  private static func split(_ errors: String) -> (rest: String, summary: String?) {
    let line = /(?m)^AccessAudit: [\d,]+ violations? in (at least )?[\d,]+ access(es)? to [^\n]+\n/
    guard let match = errors.firstMatch(of: line) else { return (errors, nil) }
    return (errors.replacing(line, with: ""), String(match.0.dropLast()))
  }

  private static func text(_ file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}

/// True when programs are audited in this build.
var isAuditedBuild: Bool {
  #if AUDITED && canImport(Glibc)
  true
  #else
  false
  #endif
}
