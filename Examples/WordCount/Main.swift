// SPDX-License-Identifier: Apache-2.0
//
// Counts the words of files with several threads into one dictionary that nothing protects. With
// --fixed each thread counts into a separate dictionary; the results are merged at the end.

import AuditedCollections
import Foundation

@main
enum Main {
  static func main() {
    let arguments: Arguments
    do {
      arguments = try Arguments(CommandLine.arguments.dropFirst())
    } catch {
      FileHandle.standardError.write(Data("word-count: \(error)\n\(Arguments.usage)\n".utf8))
      exit(64)
    }
    if arguments.asksForHelp {
      print(Arguments.usage)
      return
    }
    let files = TextFiles.find(arguments.paths)
    guard !files.isEmpty else {
      FileHandle.standardError.write(
        Data("word-count: no text file in \(arguments.paths.joined(separator: " "))\n".utf8))
      exit(66)
    }
    let words: [String: Int]
    if arguments.isFixed {
      words = FixedCounter().count(files, threads: arguments.threads)
    } else {
      words = RacedCounter().count(files, threads: arguments.threads)
    }
    let total = words.values.reduce(0, +)
    print("\(total) words, \(words.count) distinct, in \(files.count) files")
    for (word, count) in words.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(5) {
      print("  \(count) \(word)")
    }
  }
}

/// The program's arguments.
struct Arguments {
  static let usage = """
    usage: word-count [--threads N] [--fixed] [FILE-OR-DIRECTORY ...]
      --threads N  how many threads count (default 4)
      --fixed      give each thread a dictionary of its own
      Without a path it counts the sources and documents it was built from.
    """

  struct Invalid: Error, CustomStringConvertible { var description: String }

  var threads = 4
  var isFixed = false
  var asksForHelp = false
  var paths: [String] = []

  init(_ arguments: some Sequence<String>) throws {
    var iterator = arguments.makeIterator()
    while let argument = iterator.next() {
      switch argument {
      case "--fixed": isFixed = true
      case "--help", "-h": asksForHelp = true
      case "--threads":
        guard let text = iterator.next(), let number = Int(text), (1...256).contains(number) else {
          throw Invalid(description: "--threads takes a number from 1 to 256")
        }
        threads = number
      case _ where argument.hasPrefix("-"): throw Invalid(description: "unknown option \(argument)")
      default: paths.append(argument)
      }
    }
    if paths.isEmpty {
      let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      paths = ["README.md", "Sources", "Examples"].map { repository.appendingPathComponent($0).path }
    }
  }
}
