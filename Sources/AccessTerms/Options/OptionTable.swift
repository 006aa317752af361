// SPDX-License-Identifier: Apache-2.0
//
// The one table of options: name, values, default, sentence, and how a value goes into a
// configuration. The parser, `help=1` and the documentation are made from it.

#if REPORTS && canImport(Glibc)

/// One option of the environment variable.
package struct AuditOption: Sendable {
  package let name: String
  /// What may stand behind the equals sign, as the help shows it.
  package let values: String
  let sentence: String
  /// Puts the text into the configuration; returns why it cannot, or `nil`.
  package let apply: @Sendable (String, inout AuditConfiguration) -> String?
  /// The text that gives the configuration's present value.
  package let show: @Sendable (AuditConfiguration) -> String
}

package enum OptionTable {
  package static let maximumReports = 4_096
  package static var options: [AuditOption] {
    [
      AuditOption(
        name: "on_violation", values: "halt | report | shield",
        sentence: "halt: report, then end the process; report: report, make the second party wait, go on; "
          + "shield: like report; writers also wait for readers, so the process survives",
        apply: { choose($0, ViolationPolicy.self, \.onViolation, &$1) },
        show: { $0.onViolation.rawValue }),
      AuditOption(
        name: "exitcode", values: "0 … 255",
        sentence: "status the process ends with after a violation; unset: SIGABRT under halt, 66 otherwise",
        apply: { number($0, 0...255, \.exitCode, &$1) },
        show: { $0.exitCode.map(String.init) ?? "" }),
      AuditOption(
        name: "log_path", values: "stderr | stdout | PREFIX | FOLDER/",
        sentence: "where reports go; PREFIX: to the files PREFIX.PID.N.txt and .json, with a line on stderr for each; "
          + "FOLDER/: to FOLDER/access-audit.PID.N.txt, and the folder is made",
        apply: { assign($0, \.logPath, &$1) }, show: { $0.logPath }),
      AuditOption(
        name: "log_format", values: "text | json | text+json",
        sentence: "the formats of a report; on a stream a JSON report is one line",
        apply: { formats($0, &$1) },
        show: { $0.logFormat.map(\.rawValue).sorted(by: >).joined(separator: "+") }),
      AuditOption(
        name: "exit_summary", values: "stderr | off | FILE",
        sentence: "where the line at the end of an audited process goes, with what was audited; "
          + "FILE: added to the file, as JSON",
        apply: { assign($0, \.exitSummary, &$1) }, show: { $0.exitSummary }),
      AuditOption(
        name: "stacks", values: "full | caller | off",
        sentence: "how much of each access's stack is recorded: up to stack_depth frames, one address, nothing",
        apply: { choose($0, StackMode.self, \.stacks, &$1) }, show: { $0.stacks.rawValue }),
      AuditOption(
        name: "stack_depth", values: "1 … 128 frames", sentence: "frames kept of each stack",
        apply: { number($0, 1...128, \.stackDepth, &$1) }, show: { String($0.stackDepth) }),
      AuditOption(
        name: "history_size", values: "16 … 1048576 records",
        sentence: "accesses kept for each thread, rounded up to a power of two; 32 bytes each",
        apply: { number($0, 16...1_048_576, \.historySize, &$1) }, show: { String($0.historySize) }),
      AuditOption(
        name: "suppressions", values: "FILE",
        sentence: "file of known races in ThreadSanitizer's grammar, types race, race_top and dictionary",
        apply: { assign($0, \.suppressions, &$1) }, show: { $0.suppressions }),
      AuditOption(
        name: "max_reports", values: "1 … 4096", sentence: "distinct races reported; more are counted",
        apply: { number($0, 1...maximumReports, \.maxReports, &$1) }, show: { String($0.maxReports) }),
      AuditOption(
        name: "wait_ms", values: "0 … 60000 ms",
        sentence: "how long an access is made to wait for another one at most",
        apply: { number($0, 0...60_000, \.waitMilliseconds, &$1) }, show: { String($0.waitMilliseconds) }),
      AuditOption(
        name: "delay_us", values: "0 … 10000 µs",
        sentence: "the longest delay put into one access in eight, so that others run into it; 0: none",
        apply: { number($0, 0...10_000, \.delayMicroseconds, &$1) }, show: { String($0.delayMicroseconds) }),
      AuditOption(
        name: "hunt", values: "auto | off | on | 1 … 90 %",
        sentence: "holds accesses open where another one may run into them, for so much of the time; on: 10 %; "
          + "auto: on in debug builds, off in release builds",
        apply: {
          guard let mode = HuntMode(text: $0) else {
            return "must be auto, off, on or a number from \(HuntMode.range.lowerBound) to \(HuntMode.range.upperBound)"
          }
          $1.hunt = mode
          return nil
        }, show: { $0.hunt.text }),
      AuditOption(
        name: "seed", values: "1 … 18446744073709551615",
        sentence:
          "begins the random numbers of hunt and delay_us; unset: another one in each process, shown in reports",
        apply: {
          guard let seed = UInt64($0), seed != 0 else { return "must be a number from 1 to \(UInt64.max)" }
          $1.seed = seed
          return nil
        }, show: { $0.seed == 0 ? "" : String($0.seed) }),
      AuditOption(
        name: "plan", values: "FILE",
        sentence: "file in which runs keep what hunt has learnt, for the next one",
        apply: { assign($0, \.plan, &$1) }, show: { $0.plan }),
      AuditOption(
        name: "duty", values: "1 … 100 %",
        sentence:
          "audits for so much of the time, in bursts of a second's share each, so that a process in production pays "
          + "a fraction; shield protects it during the bursts only",
        apply: { number($0, 1...100, \.dutyPercent, &$1) }, show: { String($0.dutyPercent) }),
      AuditOption(
        name: "trace", values: "FILE",
        sentence: "records each access to the file, for 'access-audit traffic' and 'access-audit advise'",
        apply: { assign($0, \.trace, &$1) }, show: { $0.trace }),
      AuditOption(
        name: "trace_size", values: "1 … 1048576 MB",
        sentence: "what a recording may take: at half of it FILE becomes FILE.1, in place of the one before",
        apply: { number($0, 1...1_048_576, \.traceMegabytes, &$1) }, show: { String($0.traceMegabytes) }),
      AuditOption(
        name: "trace_sampling", values: "1 … 1000000", sentence: "records one access in so many, at random",
        apply: { number($0, 1...1_000_000, \.traceSampling, &$1) }, show: { String($0.traceSampling) }),
      AuditOption(
        name: "strip_path_prefix", values: "PREFIX", sentence: "removed from the start of file paths in reports",
        apply: { assign($0, \.stripPathPrefix, &$1) }, show: { $0.stripPathPrefix }),
      AuditOption(
        name: "color", values: "auto | always | never", sentence: "colour in text reports; auto: on a terminal",
        apply: { choose($0, ColorMode.self, \.color, &$1) }, show: { $0.color.rawValue }),
      AuditOption(
        name: "verbosity", values: "0 … 2",
        sentence: "1: the Swift backtracer runs after a halt report, and hidden frames are shown; "
          + "2: detector diagnostics",
        apply: { number($0, 0...2, \.verbosity, &$1) }, show: { String($0.verbosity) }),
    ]
  }

  /// The name of the option that prints this table; it is no part of a configuration.
  static var helpName: String { "help" }

  package static var names: [String] { options.map(\.name) + [helpName] }

  private static func choose<Choice: RawRepresentable & CaseIterable>(
    _ text: String, _: Choice.Type, _ path: WritableKeyPath<AuditConfiguration, Choice>,
    _ configuration: inout AuditConfiguration
  ) -> String? where Choice.RawValue == String {
    guard let choice = Choice(rawValue: text) else {
      return "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))"
    }
    configuration[keyPath: path] = choice
    return nil
  }

  private static func number(
    _ text: String, _ range: ClosedRange<Int>, _ path: WritableKeyPath<AuditConfiguration, Int>,
    _ configuration: inout AuditConfiguration
  ) -> String? {
    guard let value = Int(text), range.contains(value) else {
      return "must be a number from \(range.lowerBound) to \(range.upperBound)"
    }
    configuration[keyPath: path] = value
    return nil
  }

  private static func number(
    _ text: String, _ range: ClosedRange<Int>, _ path: WritableKeyPath<AuditConfiguration, Int?>,
    _ configuration: inout AuditConfiguration
  ) -> String? {
    guard let value = Int(text), range.contains(value) else {
      return "must be a number from \(range.lowerBound) to \(range.upperBound)"
    }
    configuration[keyPath: path] = value
    return nil
  }

  private static func assign(
    _ text: String, _ path: WritableKeyPath<AuditConfiguration, String>, _ configuration: inout AuditConfiguration
  ) -> String? {
    configuration[keyPath: path] = text
    return nil
  }

  private static func formats(_ text: String, _ configuration: inout AuditConfiguration) -> String? {
    let parts = text.split(separator: "+", omittingEmptySubsequences: false)
    let formats = parts.compactMap { ReportFormat(rawValue: String($0)) }
    guard !formats.isEmpty, formats.count == parts.count else { return "must be text, json or text+json" }
    configuration.logFormat = Set(formats)
    return nil
  }
}

#endif
