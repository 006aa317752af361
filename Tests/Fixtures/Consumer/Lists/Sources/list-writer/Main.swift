// SPDX-License-Identifier: Apache-2.0
//
// Writes the source of a file of words: list-writer WORDS OUTPUT.

import Foundation
import WordLists

@main
enum Main {
  static func main() throws {
    let (words, output) = (CommandLine.arguments[1], CommandLine.arguments[2])
    try source(of: String(contentsOfFile: words, encoding: .utf8)).write(
      toFile: output, atomically: true, encoding: .utf8)
  }
}
