// SPDX-License-Identifier: Apache-2.0
//
// Suppression files from practice: from other systems, with lines of other tools, without a useful
// line.

#if AUDITED && canImport(Glibc)

import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct SuppressionFileTests {
  /// Lines with Windows line endings, whose two characters Swift treats as one.
  @Test(arguments: ["\n", "\r\n"]) func lines_endEitherWay(_ end: String) {
    let lines = ["# known races", "race:OrderCache.update", "", "race_top:^x$  ", "\tdictionary:^orders$", "mutex:m"]
    let suppressions = Suppressions(text: lines.joined(separator: end) + end, path: "f")
    #expect(suppressions.rules.map(\.text) == ["race:OrderCache.update", "race_top:^x$", "dictionary:^orders$"])
    #expect(suppressions.rules.map(\.place) == ["f:2", "f:4", "f:5"])
    #expect(suppressions.warnings == ["f:6: type 'mutex' is not for this tool; skipped"])
    #expect(suppressions.rules[2].pattern.matches("orders") && !suppressions.rules[2].pattern.matches("orders2"))
  }

  @Test func warnings_haveALimit() {
    let text = String(repeating: "nonsense\nthread:x\n", count: 50_000) + "race:y\n"
    let suppressions = Suppressions(text: text, path: "f")
    #expect(suppressions.rules.count == 1)
    #expect(suppressions.warnings.count == Suppressions.warningLimit + 1)
    #expect(suppressions.warnings.last == "f: 99980 more lines are skipped")
  }

  @Test func bytesThatAreNoText_areSkipped() {
    let bytes: [UInt8] = Array("race:a".utf8) + [0xFF, 0x00, 0x0A, 0xC3] + Array("\u{1B}[2J:b\nrace:ok\n".utf8)
    let suppressions = Suppressions(text: String(decoding: bytes, as: UTF8.self), path: "f\u{1B}[2J")
    #expect(suppressions.rules.count == 2 && suppressions.rules[1].text == "race:ok")
    #expect(suppressions.warnings.count == 1)
    #expect(suppressions.warnings.allSatisfy { !$0.unicodeScalars.contains { $0.value < 32 } })
  }
}

#endif
