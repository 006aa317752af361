// SPDX-License-Identifier: Apache-2.0
//
// Renderers, suppression patterns, names: pure functions of the model.

#if AUDITED && canImport(Glibc)

import Foundation
import Runtime
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct RenderingTests {
  static func sample() -> Violation {
    func frame(_ symbol: String?, _ line: Int?, _ category: Violation.Frame.Category = .user) -> Violation.Frame {
      Violation.Frame(
        symbol: symbol, file: line.map { _ in "/src/shop/OrderCache.swift" }, line: line, column: line.map { _ in 14 },
        image: "shop", address: "0x1000", inlined: false, category: category)
    }
    let first = Violation.ThreadDescription(id: 4171, name: "worker-2")
    let second = Violation.ThreadDescription(id: 4170, name: "worker-1")
    return Violation(
      schema: Violation.schemaName, kind: .concurrentWrites, message: "concurrent dictionary writes",
      container: .init(
        id: 7, kind: .dictionary, type: "AuditedDictionary<String, Order>", label: "orders", count: 1024,
        created: .init(thread: second, stack: [frame("OrderCache.init()", 12)])),
      accesses: [
        .init(
          role: .detected, thread: first, writing: true, operation: .subscriptSet, inProgress: true,
          stack: [frame("AuditedDictionary.subscript.setter", 3, .audit), frame("OrderCache.update(_:)", 31)]),
        .init(role: .conflicting, thread: nil, writing: true, operation: nil, inProgress: true, stack: []),
      ],
      history: [
        .init(thread: second, operation: .count, writing: false, ageMilliseconds: 20, frame: frame("report()", 9))
      ],
      losses: .init(records: 1234567, stacks: 0, unrecorded: 0, violations: 0, waits: 0),
      process: .init(pid: 4169, executable: "/bin/shop", time: "2026-01-01T00:00:00.000Z"), timesSeen: 1)
  }

  @Test func text_isAsDesigned() {
    let expected = """
      ==================
      fatal error: concurrent dictionary writes
      AccessAudit: write by thread 4171 'worker-2' while an unknown thread is writing (pid=4169)

        Write (subscript.set) by thread 4171 'worker-2':
          #0 OrderCache.update(_:) OrderCache.swift:31:14 (shop)

        Write in progress by an unknown thread:
          unknown: its record was lost or is not there yet

        Dictionary AuditedDictionary<String, Order> 'orders', 1,024 elements, created by thread 4170 'worker-1' at:
          #0 OrderCache.init() OrderCache.swift:12:14 (shop)

        Recent accesses, newest first:
          read  count by thread 4170 'worker-1', 20 ms ago, report() OrderCache.swift:9:14

        Lost: 1,234,567 records
        Next: Neither stack shows a lock: put one around every access to the dictionary, or a dictionary that is safe to \
      share in its place; `LockedDictionary` takes its place with the fewest changes. See 'Choosing a dictionary' of \
      ConcurrentCollections.
        Source: /src/shop/OrderCache.swift:31:14
      SUMMARY: AccessAudit: concurrent dictionary writes OrderCache.swift:31:14 in OrderCache.update(_:)
      ==================

      """
    #expect(TextRenderer().render(Self.sample()) == expected)
    let stripped = TextRenderer(style: TextStyle(stripPathPrefix: "/src/")).render(Self.sample())
    #expect(stripped.contains("OrderCache.update(_:) shop/OrderCache.swift:31:14"))
    let all = TextRenderer(style: TextStyle(showsHiddenFrames: true)).render(Self.sample())
    #expect(all.contains("#0 AuditedDictionary.subscript.setter"))
    #expect(TextRenderer(style: TextStyle(usesColor: true)).render(Self.sample()).contains("\u{1B}[1;31mfatal error"))
  }

  @Test func json_isReadBackByFoundation() throws {
    var violation = Self.sample()
    violation.container.label = "quote \" backslash \\ control \u{1}\u{7F}\u{9F} line \u{2028} emoji 🦀 null \0"
    let text = JSONRenderer.render(violation)
    #expect(try JSONDecoder().decode(Violation.self, from: Data(text.utf8)) == violation)
    #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["schema"] as? String == "access-audit/1")
    #expect(
      Set(object.keys).isSuperset(of: ["kind", "message", "container", "accesses", "history", "losses", "process"]))
  }

  @Test(arguments: [
    ("foo", "a foo b", true), ("foo", "fo", false), ("^foo", "foobar", true), ("^foo", "a foo", false),
    ("bar$", "foobar", true), ("bar$", "barfoo", false), ("^foo$", "foo", true), ("^foo$", "foofoo", false),
    ("f*r", "a foobar b", true), ("^f*r$", "foobar", true), ("^f*r$", "foobars", false), ("*", "", true),
    ("a*b*c", "xaxbxcx", true), ("a*c*b", "xaxbxcx", false), ("", "anything", true), ("^$", "", true),
    ("^$", "x", false),
    ("aab$", "aaab", true), ("^a*a$", "a", false), ("^ab*ab$", "ab", false),
  ])
  func pattern(_ pattern: String, _ text: String, _ matches: Bool) {
    #expect(SuppressionPattern(pattern).matches(text) == matches)
  }

  @Test func compactBacktrace_isWhatTheRuntimeReads() throws {
    #expect(CompactBacktrace.base64(Array("Man".utf8)) == "TWFu")
    #expect(CompactBacktrace.base64(Array("Ma".utf8)) == "TWE=")
    #expect(CompactBacktrace.base64(Array("M".utf8)) == "TQ==")
    #expect(CompactBacktrace.base64([]) == "")
    for count in [0, 1, 5, 200] {
      let addresses = (0..<count).map { UInt64($0) &* 0x1000 &+ 0x5555_0000_0000 }
      let backtrace = try #require(CompactBacktrace.backtrace(of: addresses))
      #expect(backtrace.frames.map { UInt64($0.originalProgramCounter) } == addresses)
    }
  }

  @Test func longNames_areCutInTheMiddle() {
    let name = String(repeating: "A<", count: 200) + "end"
    #expect(SymbolNames.short(name).count <= SymbolNames.lengthLimit + 3)
    #expect(SymbolNames.short(name).hasSuffix("end") && SymbolNames.short("short") == "short")
  }
}

#endif
