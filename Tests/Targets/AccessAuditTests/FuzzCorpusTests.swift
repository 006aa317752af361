// SPDX-License-Identifier: Apache-2.0
//
// Runs the parsers on the inputs that the fuzzers found, which are kept under
// Tests/Fixtures/Fuzz/Corpus.

#if AUDITED && canImport(Glibc)

import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct FuzzCorpusTests {
  private func corpus(_ name: String) throws -> [(file: String, text: String)] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/Fuzz/Corpus/\(name)")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).map {
      ($0.lastPathComponent, String(decoding: try Data(contentsOf: $0), as: UTF8.self))
    }
  }

  private func isPrintable(_ text: String) -> Bool {
    !text.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || (0x7F...0x9F).contains($0.value) }
  }

  @Test func options_areParsedAndExplained() throws {
    let inputs = try corpus("options")
    #expect(inputs.count > 4)
    for (file, text) in inputs {
      let outcome = EnvironmentSwitch.read(text)
      #expect(outcome.configuration.validated().warnings.isEmpty, "\(file)")
      #expect(isPrintable(outcome.warnings.joined(separator: "\n") + (outcome.help ?? "")), "\(file)")
    }
  }

  @Test func suppressions_areParsedAndExplained() throws {
    let inputs = try corpus("suppressions")
    #expect(inputs.count > 1)
    for (file, text) in inputs {
      let suppressions = Suppressions(text: text, path: file)
      #expect(isPrintable(suppressions.warnings.joined(separator: "\n")), "\(file)")
      for rule in suppressions.rules { _ = rule.pattern.matches("OrderCache.update(_:)") }
    }
  }
}

#endif
