// SPDX-License-Identifier: Apache-2.0
//
// Forced overlaps: each must be reported once, with both stacks, each naming the function and line
// that made the access.

import AccessAudit
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct OverlapTests {
  /// A scenario and the expected content of its one report.
  struct Case: CustomTestStringConvertible, Sendable {
    var scenario: String
    var kind: ViolationKind
    var detected: AccessOperation
    var conflicting: AccessOperation?
    /// The source file of both locations.
    var file = "OverlapScenarios.swift"
    var testDescription: String { scenario }
  }

  static let cases: [Case] = [
    Case(
      scenario: "write-write-subscript", kind: .concurrentWrites, detected: .subscriptSet, conflicting: .subscriptSet),
    Case(scenario: "write-write-update", kind: .concurrentWrites, detected: .updateValue, conflicting: .subscriptSet),
    Case(scenario: "write-write-remove", kind: .concurrentWrites, detected: .removeValue, conflicting: .subscriptSet),
    Case(scenario: "write-write-remove-all", kind: .concurrentWrites, detected: .removeAll, conflicting: .subscriptSet),
    Case(scenario: "write-write-merge", kind: .concurrentWrites, detected: .merge, conflicting: .subscriptSet),
    Case(
      scenario: "write-write-default", kind: .concurrentWrites, detected: .subscriptDefaultModify,
      conflicting: .subscriptSet),
    Case(
      scenario: "write-write-modify", kind: .concurrentWrites, detected: .subscriptModify, conflicting: .subscriptSet),
    Case(scenario: "write-write-values", kind: .concurrentWrites, detected: .valuesModify, conflicting: .subscriptSet),
    Case(scenario: "captured-variable", kind: .concurrentWrites, detected: .subscriptSet, conflicting: .subscriptSet),
    Case(scenario: "global-variable", kind: .concurrentWrites, detected: .subscriptSet, conflicting: .subscriptSet),
    Case(scenario: "nested-struct", kind: .concurrentWrites, detected: .subscriptSet, conflicting: .subscriptSet),
    Case(scenario: "after-fork", kind: .concurrentWrites, detected: .removeValue, conflicting: .subscriptSet),
    Case(
      scenario: "read-during-write-subscript", kind: .readDuringWrite, detected: .subscriptGet,
      conflicting: .subscriptSet),
    Case(scenario: "read-during-write-count", kind: .readDuringWrite, detected: .count, conflicting: .subscriptSet),
    Case(
      scenario: "read-during-write-iteration", kind: .readDuringWrite, detected: .makeIterator,
      conflicting: .subscriptSet),
    Case(scenario: "read-of-empty", kind: .readDuringWrite, detected: .isEmpty, conflicting: .removeValue),
    Case(scenario: "write-during-read", kind: .writeDuringRead, detected: .subscriptGet, conflicting: .subscriptSet),
    Case(
      scenario: "replaced-during-write", kind: .destroyedDuringAccess, detected: .destroy, conflicting: .subscriptSet),
    Case(
      scenario: "replaced-by-copy-during-write", kind: .replacedDuringWrite, detected: .assign, conflicting: nil),
    Case(
      scenario: "destroyed-during-write", kind: .destroyedDuringAccess, detected: .destroy, conflicting: .subscriptSet),
    Case(
      scenario: "window-optional-chain", kind: .readDuringWrite, detected: .count, conflicting: .subscriptModify,
      file: "WindowScenarios.swift"),
    Case(
      scenario: "window-default-assign", kind: .readDuringWrite, detected: .count, conflicting: .subscriptDefaultModify,
      file: "WindowScenarios.swift"),
    Case(
      scenario: "window-merge-closure", kind: .readDuringWrite, detected: .count, conflicting: .merge,
      file: "WindowScenarios.swift"),
    Case(
      scenario: "window-inout-argument", kind: .readDuringWrite, detected: .count, conflicting: .subscriptDefaultModify,
      file: "WindowScenarios.swift"),
  ]

  @Test(arguments: cases)
  func overlap_isReportedWithBothStacks(_ expected: Case) throws {
    let outcome = try Program.race.run(
      [expected.scenario], audit: "on_violation=report wait_ms=20000", collectingReports: true)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    try #require(outcome.violations.count == 1, outcome.summary)
    let violation = outcome.violations[0]
    #expect(violation.kind == expected.kind)
    #expect(violation.message == expected.kind.message(for: .dictionary))
    #expect(violation.detected.role == .detected && violation.conflicting.role == .conflicting)
    #expect(violation.detected.operation == expected.detected)
    #expect(violation.detected.thread != violation.conflicting.thread)
    try expectLocation(violation.detected, in: expected.file)
    guard let operation = expected.conflicting else {
      #expect(violation.conflicting.operation == nil && violation.conflicting.stack.isEmpty)
      return
    }
    #expect(violation.conflicting.operation == operation)
    #expect(violation.conflicting.writing)
    try expectLocation(violation.conflicting, in: expected.file)
  }

  private func expectLocation(_ access: Violation.Access, in file: String) throws {
    #if !DEBUG
    // Optimised closures have names, but not always lines: the access is then the innermost frame
    // of the program.
    let innermost = try #require(access.stack.first { $0.category == .user }, "\(access.stack)")
    if innermost.line == nil {
      #expect(innermost.symbol?.contains(file.dropLast(6)) == true, "\(access.stack)")
      return
    }
    #endif
    let location = try #require(access.location, "no frame of the program in \(access.stack)")
    #expect(location.file?.hasSuffix("/\(file)") == true, "\(access.stack)")
    #expect((location.line ?? 0) > 0)
    let symbol = try #require(location.symbol)
    // A collection is destroyed in the deinit of the object that holds it.
    #expect(symbol.contains(file.dropLast(6)) || symbol.hasPrefix("Holder."), "\(symbol)")
  }

  /// Under `halt` the second party never enters: the report is complete, then SIGABRT.
  @Test(arguments: ["write-write-subscript", "read-during-write-count", "write-during-read"])
  func overlap_haltsWithACompleteReport(_ scenario: String) throws {
    let outcome = try Program.race.run([scenario], audit: "1")
    #expect(outcome.signal == 6, outcome.summary)
    #expect(outcome.errors.hasPrefix("==================\nfatal error: concurrent dictionary "), outcome.summary)
    #expect(outcome.errors.hasSuffix("==================\n"), outcome.summary)
    #expect(!outcome.output.contains("finished"))
  }
}
