// SPDX-License-Identifier: Apache-2.0
//
// A libFuzzer target: the suppression parser, and its patterns matched against arbitrary names.

@testable import AccessReports
@testable import AccessTerms

/// Names as in reports; the last ones consist of pattern characters.
private let names = [
  "OrderCache.update(_:)", "closure #1 in static Workers.run(_:named:_:)", "/src/shop/OrderCache.swift", "orders", "",
  "^$*", "****", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "é\u{301}🦀\u{202E}",
]

private func frame(_ name: String) -> Violation.Frame {
  Violation.Frame(
    symbol: name, file: "/src/\(name).swift", line: 1, column: 1, image: name, address: "0x1000", inlined: false,
    category: .user)
}

private let violation: Violation = {
  let thread = Violation.ThreadDescription(id: 1, name: nil)
  return Violation(
    schema: Violation.schemaName, kind: .concurrentWrites, message: "m",
    container: .init(
      id: 7, kind: .dictionary, type: "T", label: "orders", count: nil, created: .init(thread: thread, stack: [])),
    accesses: [Violation.Role.detected, .conflicting].map { role in
      .init(
        role: role, thread: thread, writing: true, operation: .subscriptSet, inProgress: true, stack: names.map(frame))
    },
    history: [], losses: .init(records: 0, stacks: 0, unrecorded: 0, violations: 0, waits: 0),
    process: .init(pid: 1, executable: "/bin/shop", time: "2026-01-01T00:00:00.000Z"), timesSeen: 1)
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSuppressions(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let buffer = UnsafeBufferPointer(start: bytes, count: count)
  let text = String(decoding: buffer, as: UTF8.self)
  let suppressions = Suppressions(text: text, path: "f\u{1B}")
  precondition(suppressions.rules.count + suppressions.warnings.count <= count + 1)
  for warning in suppressions.warnings {
    precondition(!warning.unicodeScalars.contains { $0.value < 32 || (0x7F...0x9F).contains($0.value) }, "unprintable")
  }
  // Not through `matches(_:)` alone, which counts hits with one entry for each rule that ever
  // existed.
  for rule in suppressions.rules.prefix(64) { for name in names { _ = rule.pattern.matches(name) } }
  // A pattern of a name between anchors matches that name, if the name has no character with a
  // meaning in patterns.
  if !text.contains(where: { "^$*".contains($0) }) {
    precondition(SuppressionPattern("^\(text)$").matches(text), "a text does not match itself")
    precondition(SuppressionPattern("^\(text)*").matches(text + "x") && SuppressionPattern(text).matches("x\(text)x"))
  }
  return 0
}
