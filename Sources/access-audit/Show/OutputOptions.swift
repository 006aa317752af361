// SPDX-License-Identifier: Apache-2.0
//
// The options that `run`, `show` and `diff` share: the format of the output, its destination, and
// the baseline.

#if ReportTools && canImport(Glibc)
import AccessReports
import BaselineTerms
import AccessAuditReports
import ArgumentParser
import Foundation

extension ReportForm: ExpressibleByArgument {}

/// The options for showing violations.
struct OutputOptions: ParsableArguments {
  @Option(help: "The form: \(ReportForm.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: ReportForm = .text

  @Option(help: "Write to this file.", completion: .file())
  var output: String?

  @Option(help: "Violations in this file are known: they are not shown and do not count.", completion: .file())
  var baseline: String?

  @Option(help: "Write the violations of now to this file, to be a baseline.", completion: .file())
  var writeBaseline: String?

  @Option(help: "The folder that paths in sarif and github are relative to.", completion: .directory)
  var sourceRoot: String = FileManager.default.currentDirectoryPath

  @Option(help: "Removed from the start of file paths in text and html; without it only file names are shown.")
  var stripPathPrefix: String = ""

  @Flag(help: "Show the frames that are hidden otherwise: the audit's own, and the compiler's.")
  var allFrames = false

  @Option(help: "Colour in text: auto (on a terminal), always, never.")
  var color: ColorChoice = .auto

  enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case always
    case never
  }

  private func settings(_ descriptor: Int32) -> RenderSettings {
    let usesColor =
      switch color {
      case .always: true
      case .never: false
      case .auto: output == nil && isatty(descriptor) == 1
      }
    return RenderSettings(
      sourceRoot: URL(fileURLWithPath: sourceRoot).standardizedFileURL.path,
      style: TextStyle(
        usesColor: usesColor, stripPathPrefix: stripPathPrefix, showsHiddenFrames: allFrames))
  }

  /// The style of text that goes to a file of the tool's own.
  var plainStyle: TextStyle {
    TextStyle(usesColor: false, stripPathPrefix: stripPathPrefix, showsHiddenFrames: allFrames)
  }

  /// The baseline, when one is given.
  func loadBaseline() throws -> ViolationBaseline? {
    try baseline.map { path in try ToolError.loadBaseline(path) }
  }

  /// Writes the violations to the file, or to a standard stream.
  func write(_ violations: [MergedViolation], known: [MergedViolation], toStandardError: Bool = false) throws {
    let descriptor = toStandardError ? STDERR_FILENO : STDOUT_FILENO
    try put(format.render(violations, known: known, settings: settings(descriptor)), to: descriptor)
  }

  /// Writes text to the file, or to the descriptor.
  func put(_ text: String, to descriptor: Int32 = STDOUT_FILENO) throws {
    if let output { return try ToolError.write(text, to: output) }
    do {
      try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
    } catch {
      throw ToolStatus.internalError
    }
  }

  func writeBaseline(_ violations: [MergedViolation]) throws {
    guard let writeBaseline else { return }
    let earlier =
      FileManager.default.fileExists(atPath: writeBaseline) ? try? ViolationBaseline(contentsOf: writeBaseline) : nil
    try ToolError.write(ViolationBaseline(of: violations, keeping: earlier).text, to: writeBaseline)
    ToolError.say("wrote \(violations.count) violation\(violations.count == 1 ? "" : "s") to \(writeBaseline)")
  }
}

extension ToolError {
  /// Runs `body`; its errors count as internal errors.
  static func internalError<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      say("error: \(error)")
      throw ToolStatus.internalError
    }
  }

  /// A baseline; tells of its entries that have expired.
  static func loadBaseline(_ path: String) throws -> ViolationBaseline {
    let baseline = try usage { try ViolationBaseline(contentsOf: path) }
    for entry in baseline.expired() {
      say("the baseline's entry expired on \(entry.expires?.description ?? "?") and does not count: \(entry.summary)")
    }
    return baseline
  }

  /// The reports of a file or folder, or of the lines in standard input for '-'; says where there
  /// are none that were expected.
  private static func read(_ path: String, expecting: Bool) throws -> [LoadedReport] {
    let reports = try path == "-" ? readStream() : ReportFile.load(path)
    if reports.isEmpty, expecting {
      let texts = path == "-" ? 0 : ReportFile.textReports(in: path)
      let reason = texts > 0 ? ": \(texts) of text, which is not read back; log_format=text+json writes both" : ""
      say("no reports in \(path == "-" ? "standard input" : path)\(reason)")
    }
    return reports
  }

  /// The reports in the lines of standard input.
  private static func readStream() throws -> [LoadedReport] {
    var merge = FleetMerge()
    try merge.read(descriptor: STDIN_FILENO)
    merge.notes.forEach { say("standard input: \($0)") }
    return merge.loaded
  }

  /// The violations of files and folders, and of lines in standard input for '-', merged; with
  /// names from files that have symbols.
  static func loadReports(
    _ paths: [String], symbols: [String] = [], expecting: Bool = true
  ) throws -> [MergedViolation] {
    var reports = try usage { try paths.flatMap { try read($0, expecting: expecting) } }
    if !symbols.isEmpty {
      for path in symbols where !FileManager.default.fileExists(atPath: path) {
        throw failure("\(path): no such file or folder")
      }
      let files = ReportSymbols(symbols)
      for index in reports.indices { reports[index].violation = files.resolve(reports[index].violation) }
      files.notes.forEach { say("note: \($0)") }
    }
    return ViolationMerge.merge(reports)
  }
}
#endif
