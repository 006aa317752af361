// SPDX-License-Identifier: Apache-2.0
//
// The subcommands `traffic` and `advise`: recorded traffic in numbers, and what fits in a
// collection's place. The library reads, adds up and decides.

#if ReportTools && canImport(Glibc)
import AccessTraffic
import ArgumentParser
import Foundation

/// `access-audit traffic`.
struct TrafficCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "traffic", abstract: "Shows the traffic of collections that a program has recorded.",
    discussion: """
      Reads the file that the option 'trace' writes, and before it FILE.1 where rotation has left that. Of each \
      collection: read share, rate, sizes, threads, places, durations, distinct and hot keys, the time from a key's \
      insertion to its removal, and accesses of different threads close in time.

      What is damaged in a file is said and passed over. Forms: text; json; csv (a row for each declaration); html (one \
      page with charts that needs no network).

      Exit status: 0; 64 when the usage is wrong or nothing can be read; 70 when the output cannot be written.

      Examples:
        ACCESS_AUDIT=trace=orders.traffic .build/debug/shop
        access-audit traffic orders.traffic
        access-audit traffic orders.traffic --format html --output orders.html
      """)

  @Argument(help: "A recording.", completion: .file())
  var file: String

  @Option(help: "The form: text, json, csv, html.")
  var format: TrafficForm = .text

  @Option(help: "Write to this file.", completion: .file())
  var output: String?

  enum TrafficForm: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case csv
    case html
  }

  func run() throws {
    let report = try TrafficProgress.report(of: file)
    if format != .text { report.problems.forEach { ToolError.say("warning: \($0)") } }
    let text =
      switch format {
      case .text: report.text
      case .json: report.json
      case .csv: report.csv
      case .html: report.html
      }
    if let output { return try ToolError.write(text, to: output) }
    print(text, terminator: "")
  }
}

/// `access-audit advise`.
struct AdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise", abstract: "Says what fits in the place of each collection of recorded traffic.",
    discussion: """
      Decides by the times of an operation that were measured with each dictionary of ConcurrentCollections; the answer \
      names the machine on which. Says what decided, what it costs, when it would be wrong, what comes next, and the line \
      of code to change.

      Exit status: 0; 64 when the usage is wrong or nothing can be read; 70 when the output cannot be written.

      Example: access-audit advise orders.traffic
      """)

  @Argument(help: "A recording.", completion: .file())
  var file: String

  @Option(help: "The form: text, json.")
  var format: AdviceForm = .text

  @Option(help: "Write to this file.", completion: .file())
  var output: String?

  enum AdviceForm: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  func run() throws {
    let report = try TrafficProgress.report(of: file)
    report.problems.forEach { ToolError.say("warning: \($0)") }
    let answer = AdviceReport(report)
    let text = format == .json ? answer.json : answer.text
    if let output { return try ToolError.write(text, to: output) }
    print(text, terminator: "")
  }
}

/// The reading of a file, with progress on stderr where it takes more than a second.
enum TrafficProgress {
  static func report(of path: String) throws -> TrafficReport {
    let begin = Date()
    var said = begin
    var hasSaid = false
    defer { if hasSaid { FileHandle.standardError.write(Data("\n".utf8)) } }
    return try ToolError.usage {
      try TrafficSummary.report(of: path) { share in
        let now = Date()
        guard now.timeIntervalSince(begin) > 1, now.timeIntervalSince(said) > 0.5, share > 0 else { return }
        said = now
        hasSaid = true
        let left = Int(now.timeIntervalSince(begin) * (1 - share) / share)
        FileHandle.standardError.write(
          Data("\raccess-audit: \(Int(share * 100)) % read, \(left) s left ".utf8))
      }
    }
  }
}
#endif
