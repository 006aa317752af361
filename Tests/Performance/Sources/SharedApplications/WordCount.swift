// SPDX-License-Identifier: Apache-2.0
//
// Counts the words of text files: reading, decoding, lower case, splitting, and one
// `d[word, default: 0] += 1` per word.

import Foundation
import LoopInterface

/// Counts the words of files.
public final class WordCount: Application {
  private let files: [URL]
  private var counts: Subject<String, Int> = [:]

  public override var name: String { "word count" }

  public init(files: [URL]) {
    self.files = files
    super.init()
  }

  @inline(never)
  public override func run() -> Int {
    counts = [:]
    for file in files { count(file) }
    return counts.reduce(counts.count) { $0 &+ $1.value &* $1.key.utf8.count }
  }

  private func count(_ file: URL) {
    guard let data = try? Data(contentsOf: file) else { return }
    let text = String(decoding: data, as: UTF8.self).lowercased()
    for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      counts[String(word), default: 0] += 1
    }
  }
}
