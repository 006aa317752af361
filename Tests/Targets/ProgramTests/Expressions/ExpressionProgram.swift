// SPDX-License-Identifier: Apache-2.0
//
// One of the two programs of the table of expressions: written, compiled without optimisation, run
// once.

import Foundation

struct ExpressionProgram {
  struct Cell: Hashable {
    var expression: Int
    var context: Int
  }

  /// The table's expressions that do not compile, each with the compiler's message.
  struct CompilationFailed: Error, CustomStringConvertible {
    var prefix: String
    var messages: [String]
    var description: String { "\(prefix.isEmpty ? "Plain" : prefix):\n\(messages.joined(separator: "\n"))" }
  }

  var table: ExpressionTable
  var prefix: String
  var folder: URL

  init(_ table: ExpressionTable, prefix: String, in folder: URL) throws {
    (self.table, self.prefix, self.folder) = (table, prefix, folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let imports = prefix.isEmpty ? [] : ["AuditedCollectionsFoundation"]
    for (name, text) in table.sources(prefix: prefix, imports: imports) {
      try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
  }

  /// What each cell printed: the type and the value, then the subject, with the names of the plain
  /// types.
  func cells() throws -> [Cell: [String]] {
    try compile()
    let outcome = try Program(name: "expressions", folder: folder).run(
      [], audit: nil, environment: ["SWIFT_DETERMINISTIC_HASHING": "1"])
    var cells: [Cell: [String]] = [:]
    for line in outcome.output.split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      let numbers = fields[0].split(separator: " ").compactMap { Int($0) }
      cells[Cell(expression: numbers[0], context: numbers[1]), default: []] += fields.dropFirst().map(Self.plainly)
    }
    guard outcome.status == 0 else {
      throw CompilationFailed(prefix: prefix, messages: ["\(outcome.summary)".suffix(2_000).description])
    }
    return cells
  }

  /// The text with the plain types' names, without what a set's index says of its address.
  private static func plainly(_ text: String) -> String {
    text.replacing("AuditedCollections.Audited", with: "Swift.")
      .replacing(#/\bAudited(Array|Set|Dictionary)\b/#) { $0.1 }.replacing(#/age: -?\d+/#, with: "age")
  }

  private func compile() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let command = ["/usr/bin/env", "swiftc", "-swift-version", "6", "-suppress-warnings", "-j2"]
    let files = names.map { folder.appendingPathComponent($0).path }
    let output = folder.appendingPathComponent("output").path
    let status = try ChildProcess.run(
      command + (prefix.isEmpty ? [] : Self.audit) + files + ["-o", folder.appendingPathComponent("expressions").path],
      environment: ProcessInfo.processInfo.environment, output: output, errors: output, seconds: 900)
    if status.code != 0 || status.signal != nil {
      throw CompilationFailed(prefix: prefix, messages: try messages(String(contentsOfFile: output, encoding: .utf8)))
    }
  }

  /// The compiler's errors in a source that imports the audited collections.
  static func errors(in source: String, folder: URL) throws -> [String] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("main.swift").path
    let output = folder.appendingPathComponent("output").path
    try source.write(toFile: file, atomically: true, encoding: .utf8)
    let status = try ChildProcess.run(
      ["/usr/bin/env", "swiftc", "-swift-version", "6", "-suppress-warnings", "-typecheck", file] + modules,
      environment: ProcessInfo.processInfo.environment, output: output, errors: output, seconds: 900)
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").map(String.init)
    return status.code == 0 && status.signal == nil ? [] : lines
  }

  /// The compiler's errors, each with the expression of its line.
  private func messages(_ output: String) -> [String] {
    let errors = output.matches(of: #/Part(\d+)\.swift:(\d+):\d+: error: (.+)/#).map { match in
      let index = Int(match.1)! * ExpressionTable.partSize + Int(match.2)! - ExpressionTable.linesBefore
      return "\(table.expressions[index].type): \(table.expressions[index].text): \(match.3)"
    }
    return errors.isEmpty ? output.split(separator: "\n").filter { $0.contains("error: ") }.map(String.init) : errors
  }

  /// Where the compiler finds the modules.
  private static var modules: [String] {
    ["-I", Program.products.appendingPathComponent("Modules").path] + ModuleObjects.moduleMaps
  }

  /// What a program that uses the audited collections is compiled and linked with.
  private static var audit: [String] {
    let objects = ModuleObjects.paths(ModuleObjects.audit + ["AuditedCollectionsFoundation"])
    return modules + objects + ["-lunwind-generic", "-lunwind"]
  }
}
