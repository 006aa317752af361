// SPDX-License-Identifier: Apache-2.0
//
// Builds the adopted sources and reverts the changes that do not compile. It reads only the
// compiler's errors.

#if Scanner && canImport(Glibc)
import AccessAuditScanner
import Foundation

/// Runs a build command until it succeeds.
struct BuildVerification {
  let command: String
  /// Each round reverts a change, so the rounds end; the limit is for a build that never
  /// succeeds.
  static let maximumRounds = 40

  /// Writes the texts, builds, and reverts the candidates that the errors point at: first the new
  /// type, then the whole change.
  ///
  /// The files are left as the last build saw them.
  func settle(_ choices: [Choice]) throws -> [Choice] {
    var current = choices
    var keepTypes = choices.map { _ in Set<String>() }
    for round in 1...BuildVerification.maximumRounds {
      for choice in current { try write(choice) }
      let output = try build()
      guard let output else { return current }
      if output.contains("no such module 'AuditedCollections'") {
        restore(choices)
        throw ToolError.failure(
          "a target with adopted files does not depend on the product AuditedCollections; nothing was changed. With "
            + "several manifests, add it to the one in use: Package@swift-….swift goes before Package.swift")
      }
      let places = BuildVerification.places(in: output)
      ToolError.say("round \(round): the build fails at \(places.count) places")
      var changed = false
      for position in current.indices {
        let guilty = guilty(current[position], places)
        guard !guilty.isEmpty else { continue }
        changed = true
        takeBack(guilty, in: &current[position], keepTypes: &keepTypes[position])
      }
      if !changed {
        // The errors point at no rewritten line: the build fails by itself, or the connection is
        // not visible.
        guard let position = current.indices.first(where: { !current[$0].texts.isEmpty }) else {
          restore(choices)
          throw ToolError.failure("the build fails without the adoption too: \(command)\n\(output.suffix(2000))")
        }
        restoreModule(current[position])
        current[position].left = Set(current[position].plan.candidates.indices)
      }
    }
    restore(choices)
    throw ToolError.failure("the build did not succeed in \(BuildVerification.maximumRounds) rounds: \(command)")
  }

  private func takeBack(_ guilty: Set<Int>, in choice: inout Choice, keepTypes: inout Set<String>) {
    restoreModule(choice)
    var symbols: Set<String> = []
    for (number, candidate) in choice.plan.candidates.enumerated() {
      if candidate.form != nil, !choice.left.contains(number) { symbols.insert(candidate.symbol) }
    }
    for number in guilty {
      let candidate = choice.plan.candidates[number]
      if candidate.form == .type { keepTypes.insert(candidate.symbol) } else { symbols.remove(candidate.symbol) }
    }
    let sources = choice.plan.allSources
    choice = Choice(plan: AdoptionPlan(sources, symbols: symbols, wrapperOnly: keepTypes))
  }

  /// The candidates that the errors point at: by line, by name on the line, by file.
  private func guilty(_ choice: Choice, _ places: [(path: String, line: Int)]) -> Set<Int> {
    var texts: [String: String] = [:]
    for (source, text) in choice.texts { texts[source.path] = text }
    let active = Set(
      choice.plan.candidates.indices.filter {
        choice.plan.candidates[$0].form != nil && !choice.left.contains($0)
      })
    var found: Set<Int> = []
    for place in places {
      if let text = texts[place.path] {
        found.formUnion(choice.plan.candidates(at: place.path, line: place.line, in: text))
      }
    }
    if found.isEmpty {
      for place in places {
        let path = place.path
        guard let source = choice.plan.allSources.first(where: { $0.path == path }) else { continue }
        let line = (texts[path].map { SourceText(path: path, text: $0) } ?? source).line(place.line)
        for number in active where names(line, choice.plan.candidates[number].symbol) { found.insert(number) }
      }
    }
    if found.isEmpty { for place in places { found.formUnion(choice.plan.candidates(in: place.path)) } }
    return found.intersection(active)
  }

  private func names(_ line: String, _ symbol: String) -> Bool {
    let name = symbol.split(separator: ".").last.map(String.init) ?? symbol
    return line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == name }
  }

  private func write(_ choice: Choice) throws {
    for (source, text) in choice.texts { try ToolError.write(text, to: source.path) }
  }

  private func restoreModule(_ choice: Choice) {
    for (source, _) in choice.texts { try? ToolError.write(source.text, to: source.path) }
  }

  private func restore(_ choices: [Choice]) {
    for choice in choices {
      for source in choice.plan.allSources { try? ToolError.write(source.text, to: source.path) }
    }
  }

  /// The output of a build that failed, or `nil`.
  private func build() throws -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(command) 2>&1"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : String(decoding: data, as: UTF8.self)
  }

  /// The places of errors, and of the notes that belong to them, with paths relative to the
  /// current directory.
  static func places(in output: String) -> [(path: String, line: Int)] {
    var places: [(String, Int)] = []
    var seen: Set<String> = []
    var afterError = false
    let root = FileManager.default.currentDirectoryPath
    for line in output.split(separator: "\n") {
      let isError = line.contains(": error: ")
      if line.contains(": warning: ") { afterError = false }
      guard isError || afterError && line.contains(": note: ") else { continue }
      afterError = true
      let parts = line.split(separator: ":", maxSplits: 3)
      guard parts.count == 4, let number = Int(parts[1]), Int(parts[2]) != nil else { continue }
      var path = String(parts[0])
      if path.hasPrefix(root + "/") { path.removeFirst(root.count + 1) }
      if seen.insert("\(path):\(number)").inserted { places.append((path, number)) }
    }
    return places
  }
}
#endif
