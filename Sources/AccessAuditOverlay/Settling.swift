// SPDX-License-Identifier: Apache-2.0
//
// Builds an overlay until it compiles: what the errors point at is taken back, by the line, by the
// names on the line, by the file, by the module. Only files of the overlay are written.

#if Scanner && canImport(Glibc)

package import AccessAuditScanner
import Foundation

/// The modules of an overlay, instrumented.
package struct InstrumentedPackage {
  package enum Outcome: Sendable {
    case built
    /// The build fails, and it is not the audit that makes it fail. The build's output.
    case fails(String)
  }

  /// Each round takes something back, so the rounds end; the limit is for what nobody thought of.
  static let maximumRounds = 60

  private let overlay: Overlay
  private var modules: [ModuleInstrumentation] = []

  /// Chooses what is audited in the targets, with the limits of earlier runs.
  ///
  /// - Complexity: O(*n*) in the size of the sources.
  package init(_ overlay: Overlay, targets: [PackageTarget], limits: [String: [String: AdoptionLimit]]) {
    self.overlay = overlay
    for target in targets {
      var untouchable: Set<String> = []
      let sources = target.sources.map { path -> SourceText in
        let data = FileManager.default.contents(atPath: "\(overlay.original)/\(path)") ?? Data()
        let text = String(data: data, encoding: .utf8)
        if text == nil || overlay.isBehindLink(path) { untouchable.insert(path) }
        return SourceText(path: path, text: text ?? String(decoding: data, as: UTF8.self))
      }
      modules.append(
        ModuleInstrumentation(
          name: target.name, sources: sources, limits: limits[target.name] ?? [:], untouchable: untouchable))
    }
  }

  /// What was done to each module.
  package var record: [String: OverlayState.Module] {
    Dictionary(
      modules.map { ($0.name, OverlayState.Module(variables: $0.variables, rewritten: $0.texts.keys.sorted())) },
      uniquingKeysWith: { first, _ in first })
  }

  package var limits: [String: [String: AdoptionLimit]] {
    Dictionary(modules.map { ($0.name, $0.limits) }, uniquingKeysWith: { first, _ in first })
  }

  /// The modules with an audited variable.
  package var names: [String] { modules.filter { !$0.texts.isEmpty }.map(\.name) }

  /// Writes the texts; the other files of the modules get the package's content.
  package func write() throws {
    for module in modules { try write(module) }
  }

  private func write(_ module: ModuleInstrumentation) throws {
    for source in module.sources where !overlay.isBehindLink(source.path) {
      if let text = module.texts[source.path] {
        try overlay.write(Array(text.utf8), to: source.path)
      } else {
        try overlay.restore(source.path)
      }
    }
  }

  /// Builds until it succeeds.
  ///
  /// - Parameters:
  ///   - build: builds; the output when that failed, `nil` otherwise.
  ///   - say: is told of each round what was taken back.
  package mutating func settle(
    build: () throws -> String?, say: (String) -> Void
  ) throws -> Outcome {
    for _ in 1...Self.maximumRounds {
      guard let output = try build() else { return .built }
      let places = BuildOutput.errors(in: output, root: overlay.root)
      let guilty = guilty(places)
      guard !guilty.isEmpty else {
        // Nothing of ours is left, or the error is of another kind: the package's own.
        guard takeBackOne(places, say) else { return .fails(output) }
        continue
      }
      for (position, numbers) in guilty.sorted(by: { $0.key < $1.key }) {
        let symbols = numbers.map { modules[position].variables[$0].symbol }.sorted()
        say("does not compile as it is instrumented, changed: \(symbols.joined(separator: ", "))")
        modules[position].takeBack(numbers)
        try write(modules[position])
      }
    }
    return .fails("the build did not succeed in \(Self.maximumRounds) rounds")
  }

  /// The variables that the errors point at, by module.
  private func guilty(_ places: [BuildErrors.Place]) -> [Int: Set<Int>] {
    func each(_ find: (ModuleInstrumentation) -> Set<Int>) -> [Int: Set<Int>] {
      var found: [Int: Set<Int>] = [:]
      for position in modules.indices {
        let numbers = find(modules[position])
        if !numbers.isEmpty { found[position] = numbers }
      }
      return found
    }
    let byLine = each { $0.edited(at: places) }
    if !byLine.isEmpty { return byLine }
    let lines = places.map { place in
      let data = FileManager.default.contents(atPath: "\(overlay.root)/\(place.path)") ?? Data()
      return SourceText(path: place.path, text: String(decoding: data, as: UTF8.self)).line(place.line)
    }
    let byName = each { $0.named(in: lines) }
    if !byName.isEmpty { return byName }
    let paths = Set(places.map(\.path))
    return each { $0.edited(in: paths) }
  }

  /// Takes a whole module back: the first one, because the connection is not visible.
  private mutating func takeBackOne(_ places: [BuildErrors.Place], _ say: (String) -> Void) -> Bool {
    guard let position = modules.indices.first(where: { !modules[$0].texts.isEmpty }) else { return false }
    say("the build fails at no instrumented place: the module \(modules[position].name) is left alone")
    modules[position].takeBack(modules[position].all(), wholly: true)
    do { try write(modules[position]) } catch { return false }
    return true
  }
}

#endif
