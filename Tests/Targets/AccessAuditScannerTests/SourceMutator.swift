// SPDX-License-Identifier: Apache-2.0
//
// Makes broken programs from whole ones, the same for the same seed. It scans nothing.

#if Scanner
import TestSupport

/// Mutates sources.
struct SourceMutator {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  static let words = [
    "{", "}", "(", ")", "[", "]", "<", ">", "\"", "\"\"\"", "\\(", "/*", "*/", "#if DEBUG", "#else", "#endif", "@",
    "&",
    "?", "!", "=", ".", ",", ":", "in", "self", "super", "Self", "init", "deinit", "subscript", "extension", "class",
    "actor", "struct", "func", "var", "let", "lazy", "static", "nonisolated(unsafe)", "@unchecked Sendable", "get",
    "set",
    "_modify", "didSet", "defer", "guard", "else", "switch", "case", "default:", "await", "try", "async", "Task {",
    "lock.lock()", "lock.unlock()", "queue.async {", "items[key] = 1", "items.append(1)", "self.items",
    "[String: Int]",
    "Set<Int>", "\u{0}", "\u{FEFF}", "\r\n", "é", "👩‍👩‍👧", "// access-audit:ignore",
    "// access-audit:ignore two-guards x",
  ]

  /// One to eight mutations of a source; half of them change bytes, so that words and characters
  /// break too.
  mutating func mutate(_ source: String, other: String) -> String {
    var bytes = Array(source.utf8)
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      let start = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, start + Int.random(in: 0...80, using: &generator))
      switch Int.random(in: 0..<9, using: &generator) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes.insert(contentsOf: Array(bytes[start..<end]), at: start)
      case 2: bytes = Array(bytes[..<start])
      case 3: bytes.insert(contentsOf: Array(other.utf8.prefix(400)), at: start)
      case 4:
        let count = Int.random(in: 1...300, using: &generator)
        let word = SourceMutator.words.randomElement(using: &generator) ?? "{"
        bytes.insert(contentsOf: Array(String(repeating: word + " ", count: count).utf8), at: start)
      case 5:
        if start < bytes.count { bytes[start] = UInt8.random(in: 0...255, using: &generator) }
      case 6: bytes = Array(bytes[start...]) + Array(bytes[..<start])
      default:
        let word = SourceMutator.words.randomElement(using: &generator) ?? "}"
        bytes.replaceSubrange(start..<min(end, start + 5), with: Array(" \(word) ".utf8))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
#endif
