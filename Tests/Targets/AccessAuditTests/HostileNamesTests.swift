// SPDX-License-Identifier: Apache-2.0
//
// Hostile names of collections, threads, queues, functions and files: a report stays lines of text,
// valid JSON, and harmless on a terminal.

#if AUDITED && canImport(Glibc)

import AccessRecorder
import CAccessRecorder
import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct HostileNamesTests {
  static let hostile =
    "a\"b\\c'\u{1B}[2J\u{1B}]0;t\u{7}\r\n\u{0}\u{8}\u{9B}31m\u{202E}\u{2066}\u{2028}\u{FEFF}é🦀</script>"

  /// The keys of texts that the audit itself chooses.
  private static let own: Set<String> = ["schema", "kind", "role", "operation", "category", "stackLoss", "time"]

  private func replacingTexts(_ value: Any, key: String = "") -> Any {
    switch value {
    case let object as [String: Any]:
      return Dictionary(uniqueKeysWithValues: object.map { ($0.key, replacingTexts($0.value, key: $0.key)) })
    case let array as [Any]: return array.map { replacingTexts($0, key: key) }
    case is String where !Self.own.contains(key): return Self.hostile
    default: return value
    }
  }

  /// A report in which every text that a program or the system chooses is hostile.
  private func hostileViolation() throws -> Violation {
    var sample = RenderingTests.sample()
    sample.accesses[0].queue = "queue"
    sample.accesses[0].task = Violation.TaskDescription(id: 1, name: "task")
    sample.accesses[0].excerpt = Violation.SourceExcerpt(
      file: "/src/shop/OrderCache.swift", firstLine: 30, line: 31, column: 14, lines: ["one", "two", "three"])
    let object = try JSONSerialization.jsonObject(with: Data(JSONRenderer.render(sample).utf8))
    let data = try JSONSerialization.data(withJSONObject: replacingTexts(object))
    return try JSONDecoder().decode(Violation.self, from: data)
  }

  private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\n" { return true }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .format: return false
    default: return true
    }
  }

  @Test func text_isHarmless() throws {
    let violation = try hostileViolation()
    for style in [TextStyle(), TextStyle(showsHiddenFrames: true)] {
      let text = TextRenderer(style: style).render(violation)
      #expect(text.unicodeScalars.allSatisfy(isHarmless), "\(text)")
      // As many lines as with harmless names: no name breaks out of its line.
      var harmless = RenderingTests.sample()
      harmless.accesses[0].queue = "q"
      harmless.accesses[0].task = violation.accesses[0].task.map { Violation.TaskDescription(id: $0.id, name: "t") }
      harmless.accesses[0].excerpt = violation.accesses[0].excerpt.map {
        Violation.SourceExcerpt(file: "f", firstLine: $0.firstLine, line: $0.line, column: 1, lines: ["a", "b", "c"])
      }
      let lines = TextRenderer(style: style).render(harmless).split(separator: "\n").count
      #expect(text.split(separator: "\n").count == lines, "\(text)")
    }
  }

  @Test func json_comesBack() throws {
    let violation = try hostileViolation()
    let text = JSONRenderer.render(violation)
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
    #expect(try JSONDecoder().decode(Violation.self, from: Data(text.utf8)) == violation)
    #expect(violation.accesses[0].stack[0].symbol == Self.hostile && violation.container.label == Self.hostile)
  }

  /// A thread's name is any bytes: here invalid UTF-8, and an escape sequence.
  @Test func threadName_isMadeText() throws {
    let name = Box()
    let thread = Thread {
      [UInt8]([0xFF, 0x1B, 0x5B, 0x32, 0x4A, 0xC3, 0x41, 0]).withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { audit_name_current_thread($0.baseAddress!) }
      }
      name.text = ProcessNames.thread(audit_thread_id())
      name.isDone.signal()
    }
    thread.start()
    name.isDone.wait()
    #expect(name.text == #"�\u{1b}[2J�A"#)
  }

  private final class Box: @unchecked Sendable {
    var text: String?
    let isDone = DispatchSemaphore(value: 0)
  }
}

#endif
