// SPDX-License-Identifier: Apache-2.0
//
// Every member is audited exactly once: each mutating member, overlapping with each member, gives
// exactly one report with the right kind, both operations and both stacks.

import Foundation
import Testing

/// For unoptimised builds only: in an optimised one a row ends with a jump into its member, and
/// many rows share one stack.
@Suite(.enabled(if: isUnoptimizedBuild), .serialized)
struct MatrixTests {
  struct Part: CustomTestStringConvertible, Sendable {
    var type: String
    var part = 0
    var parts = 1
    var testDescription: String { "\(type) \(part + 1) of \(parts)" }
  }

  /// A process distinguishes 4,096 races; the array's matrix has more.
  static let parts =
    [Part(type: "dictionary"), Part(type: "set"), Part(type: "variable"), Part(type: "strings")]
    + (0..<3).map { Part(type: "array", part: $0, parts: 3) }

  @Test(arguments: parts)
  func overlap_ofAnyTwoMembers_isReportedOnce(_ part: Part) throws {
    let outcome = try Program.race.run(
      ["matrix-\(part.type)", "\(part.part)", "\(part.parts)"],
      audit: "on_violation=report wait_ms=20000 max_reports=4096 stack_depth=128 log_path=/dev/null", seconds: 600)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(outcome.signal == nil && outcome.status == 66, outcome.summary)
    let failures = lines.filter { $0.hasPrefix("FAILED") }
    #expect(failures.isEmpty, "\(outcome.command)\n\(failures.joined(separator: "\n"))")
    let pairs = try #require(lines.first { $0.hasPrefix("pairs ") }, outcome.summary)
    // pairs N of WRITERS x MEMBERS
    let numbers = pairs.split(separator: " ").compactMap { Int($0) }
    let writers = (0..<numbers[1]).filter { $0 % part.parts == part.part }.count
    #expect(numbers[0] == writers * numbers[2] && numbers[0] > 10)
    #expect(lines.last == "finished with \(numbers[0]) violations")
  }

  /// Each member of the type's surface has a row.
  @Test(arguments: ["dictionary", "set", "array"])
  func everyMember_hasARow(_ type: String) throws {
    let list = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/API/\(type).txt")
    let kinds = ["swift.method", "swift.property", "swift.subscript", "swift.func.op"]
    let members = try String(contentsOf: list, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
      .filter { $0.count == 4 && kinds.contains($0[1]) }
      .map { $0[2] }
    let outcome = try Program.race.run(["matrix-\(type)", "0", "0"], audit: nil)
    let rows = Set(outcome.output.split(separator: "\n").filter { $0.hasPrefix("member ") }.map { $0.dropFirst(7) })
    #expect(members.count > 70)
    // `index(of:)` is deprecated: a call would warn. It forwards to `firstIndex(of:)`.
    for member in Set(members).subtracting(["index(of:)"]).sorted() {
      #expect(rows.contains(member[...]), "no row for \(type) \(member)")
    }
  }
}

/// True when programs keep every frame in this build.
private var isUnoptimizedBuild: Bool {
  #if DEBUG
  true
  #else
  false
  #endif
}
