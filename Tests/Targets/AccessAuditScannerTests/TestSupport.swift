// SPDX-License-Identifier: Apache-2.0
//
// The helpers of the scanner's tests: scanning a text, and running the built tool. No expectation
// is stated here.

#if Scanner
import AccessAuditScanner
import Foundation

/// Scans one text as a module.
func scan(_ text: String, path: String = "Example.swift") -> ScanReport {
  AccessScanner(threads: 1).scan([SourceText(path: path, text: text)])
}

/// The rule and symbol of each finding that counts.
func found(_ text: String) -> [String] { scan(text).active.map { "\($0.rule) \($0.symbol)" } }

/// A directory that is removed with its object.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "access-audit-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// The result of a run of the tool.
struct ToolRun {
  let status: Int32
  let output: String
  let errors: String
}

/// Runs the tool that was built with the tests.
func runTool(
  _ arguments: [String], in directory: String, environment: [String: String] = [:], input: String? = nil
) throws -> ToolRun {
  try run(try toolURL().path, arguments, in: directory, environment: environment, input: input)
}

/// Runs a program.
func run(
  _ program: String, _ arguments: [String], in directory: String, environment added: [String: String] = [:],
  input: String? = nil
) throws -> ToolRun {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.currentDirectoryURL = URL(fileURLWithPath: directory)
  var environment = ProcessInfo.processInfo.environment
  environment["ACCESS_AUDIT"] = nil
  environment["TSAN_OPTIONS"] = nil
  environment["GITHUB_ACTIONS"] = nil
  process.environment = environment.merging(added) { _, new in new }
  let inputFile = directory + "/.stdin-\(UUID().uuidString)"
  if let input {
    try Data(input.utf8).write(to: URL(fileURLWithPath: inputFile))
    process.standardInput = FileHandle(forReadingAtPath: inputFile)
  }
  defer { if input != nil { try? FileManager.default.removeItem(atPath: inputFile) } }
  let output = Pipe()
  let errorFile = directory + "/.stderr-\(UUID().uuidString)"
  _ = FileManager.default.createFile(atPath: errorFile, contents: nil)
  process.standardOutput = output
  process.standardError = FileHandle(forWritingAtPath: errorFile)
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  let errors = FileManager.default.contents(atPath: errorFile) ?? Data()
  try FileManager.default.removeItem(atPath: errorFile)
  return ToolRun(
    status: process.terminationStatus, output: String(decoding: data, as: UTF8.self),
    errors: String(decoding: errors, as: UTF8.self))
}

/// The tool stands beside the test bundle.
func toolURL() throws -> URL {
  var directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  for _ in 0..<4 {
    let tool = directory.appendingPathComponent("access-audit")
    if FileManager.default.isExecutableFile(atPath: tool.path) { return tool }
    directory.deleteLastPathComponent()
  }
  throw CocoaError(.fileNoSuchFile)
}

/// A file of the repository, by its path from the root.
func repositoryFile(_ path: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/" + path
}
#endif
