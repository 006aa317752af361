// SPDX-License-Identifier: Apache-2.0
//
// Builds an adopted package until it compiles, and takes back what the compiler rejects. The caller
// runs the build.

#if Scanner

/// Why an adoption cannot be built.
public enum AdoptionFailure: Error, Sendable, CustomStringConvertible {
  /// A target with adopted files lacks the product.
  case missingProduct
  /// The build fails without the adoption too; the end of its output.
  case failsAlready(String)
  case tooManyRounds(Int)

  public var description: String {
    switch self {
    case .missingProduct:
      "a target with adopted files does not depend on the product AuditedCollections; nothing was changed. With "
        + "several manifests, the dependency belongs in the one in use"
    case .failsAlready(let output): "the build fails without the adoption too; nothing was changed\n\(output)"
    case .tooManyRounds(let count): "the build did not succeed in \(count) rounds; nothing was changed"
    }
  }
}

extension PackageAdoption {
  /// Each round takes a change back, so the rounds end; the limit is for a build that never
  /// succeeds.
  static let maximumRounds = 60

  /// Writes the changes and builds, until the build succeeds. A variable that an error points at
  /// first keeps its type and is watched, then is left alone. At the end the files are those that
  /// the build accepted; after an error they are the original ones.
  ///
  /// - Parameters:
  ///   - build: the output of a build that failed, or `nil`.
  ///   - round: called after each failed build, with its number and the number of errors.
  /// - Throws: `AdoptionFailure`, and what `build` throws.
  public mutating func settle(
    build: () throws -> String?, round: (Int, Int) -> Void = { _, _ in }
  ) throws {
    for number in 1...PackageAdoption.maximumRounds {
      try writeChanges()
      let failed: String?
      do {
        failed = try build()
      } catch {
        try restore()
        throw error
      }
      guard let output = failed else { return }
      try restore()
      if output.contains("no such module 'AuditedCollections'") { throw AdoptionFailure.missingProduct }
      let places = BuildErrors.places(in: output, root: root)
      round(number, places.count)
      var guilty = modules.map { guiltyByLine($0.plan, places) }
      if guilty.allSatisfy(\.isEmpty) { guilty = modules.map { guiltyByName($0.plan, places) } }
      if guilty.allSatisfy(\.isEmpty) {
        guilty = modules.map { module in
          places.reduce(into: Set<Int>()) { $0.formUnion(module.plan.candidates(in: $1.path)) }
        }
      }
      if guilty.allSatisfy(\.isEmpty) {
        // The errors point at no changed file: the build fails by itself, or the connection is not
        // visible.
        guard let module = modules.indices.first(where: { !modules[$0].plan.texts().isEmpty }) else {
          throw AdoptionFailure.failsAlready(String(output.suffix(2000)))
        }
        guilty[module] = Set(modules[module].plan.candidates.indices)
      }
      for (module, numbers) in guilty.enumerated() {
        let active = numbers.filter { modules[module].plan.candidates[$0].form != nil }
        if !active.isEmpty { limit(module, active) }
      }
    }
    throw AdoptionFailure.tooManyRounds(PackageAdoption.maximumRounds)
  }

  /// The candidates with an edit on a line that an error names.
  private func guiltyByLine(_ plan: AdoptionPlan, _ places: [BuildErrors.Place]) -> Set<Int> {
    var lines: [String: [Int: Set<Int>]] = [:]
    for (file, result) in plan.edited() { lines[plan.sources[file].path] = result.candidates }
    return places.reduce(into: []) { $0.formUnion(lines[$1.path]?[$1.line] ?? []) }
  }

  /// The candidates whose name is on a line that an error names.
  private func guiltyByName(_ plan: AdoptionPlan, _ places: [BuildErrors.Place]) -> Set<Int> {
    var texts: [String: SourceText] = [:]
    for source in plan.sources { texts[source.path] = source }
    for (source, text) in plan.texts() { texts[source.path] = SourceText(path: source.path, text: text) }
    var found: Set<Int> = []
    for place in places {
      let words = Set(
        (texts[place.path]?.line(place.line) ?? "").split { !($0.isLetter || $0.isNumber || $0 == "_") })
      for (number, candidate) in plan.candidates.enumerated() where candidate.form != nil {
        if let name = candidate.symbol.split(separator: ".").last, words.contains(name) { found.insert(number) }
      }
    }
    return found
  }
}

#endif
