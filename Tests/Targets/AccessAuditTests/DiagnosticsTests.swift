// SPDX-License-Identifier: Apache-2.0
//
// The self-check, and parsers that get mutated text for FUZZ_SECONDS.

#if AUDITED && canImport(Glibc)

import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct DiagnosticsTests {
  @Test func selfCheck_findsTheToolchain() {
    let diagnostics = AccessAudit.diagnostics()
    #expect(diagnostics.isCompiledIn && diagnostics.unwinderWorks && diagnostics.hasFramePointers)
    #expect(diagnostics.detectorIsAlive != false)
    #expect(diagnostics.description.contains("frame pointers: yes, unwinder: yes"))
  }
}

struct FuzzTests {
  /// Seconds per parser: one by default, ten minutes in `Tests/Scripts/fuzz`.
  private var seconds: Double { ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap(Double.init) ?? 1 }

  /// Mutates the seeds again and again: flips, insertions, deletions, splices. The seed of a
  /// failing run is printed.
  private func fuzz(_ seeds: [String], _ body: ([UInt8]) throws -> Void) rethrows {
    let seed = UInt64.random(in: .min ... .max)
    var generator = SplitMix(state: seed)
    print("fuzzing with seed \(seed)")
    var corpus = seeds.map { Array($0.utf8) }
    let deadline = Date().addingTimeInterval(seconds)
    while Date() < deadline {
      for _ in 0..<50 {
        var bytes = corpus.randomElement(using: &generator)!
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
          let position = Int.random(in: 0...bytes.count, using: &generator)
          switch Int.random(in: 0..<4, using: &generator) {
          case 0 where position < bytes.count: bytes[position] = .random(in: 0...255, using: &generator)
          case 1: bytes.insert(.random(in: 0...255, using: &generator), at: position)
          case 2 where position < bytes.count: bytes.remove(at: position)
          default: bytes.insert(contentsOf: corpus.randomElement(using: &generator)!.prefix(40), at: position)
          }
        }
        bytes = Array(bytes.prefix(4096))
        try body(bytes)
        if corpus.count < 500 { corpus.append(bytes) }
      }
    }
  }

  @Test func options_neverTrap() {
    fuzz(["on_violation=report,stack_depth=5:log_path='/a b' help=1", "history_size=16 exitcode=0", "off", "=,=:\"'"]) {
      bytes in
      let parsed = OptionParser.parse(String(decoding: bytes, as: UTF8.self))
      let checked = parsed.configuration.validated().configuration
      #expect((1...128).contains(checked.stackDepth) && (16...1_048_576).contains(checked.historySize))
    }
  }

  @Test func suppressions_neverTrap() {
    let violation = RenderingTests.sample()
    fuzz(["race:foo*bar\nrace_top:^x$\n# c\ndictionary:orders\n", "mutex:x\n:\nrace:\n", "race:****^^$$"]) { bytes in
      let suppressions = Suppressions(text: String(decoding: bytes, as: UTF8.self), path: "f")
      _ = suppressions.rule(matching: violation)
    }
  }

  /// Names of collections and threads pass both renderers unchanged.
  @Test func renderers_neverTrap() throws {
    var violation = RenderingTests.sample()
    try fuzz(["orders", "\u{1B}[0m\"\\\n", "\u{202E}\u{FEFF}é🦀"]) { bytes in
      violation.container.label = String(decoding: bytes, as: UTF8.self)
      let text = TextRenderer().render(violation)
      #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
      let json = JSONRenderer.render(violation)
      let decoded = try JSONDecoder().decode(Violation.self, from: Data(json.utf8))
      #expect(decoded == violation)
    }
  }

  /// The model is read from files that any program may have written.
  @Test func jsonReader_neverTraps() {
    fuzz([JSONRenderer.render(RenderingTests.sample())]) { bytes in
      _ = try? JSONDecoder().decode(Violation.self, from: Data(bytes))
    }
  }
}

/// A generator that can be restarted from its seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

#endif
