// SPDX-License-Identifier: Apache-2.0
//
// Builds an overlay until it compiles: what the errors point at is taken back, by the line, by the
// names on the line, by the file, by the module. Only files of the overlay are written.

#if Scanner && canImport(Glibc)

package import AccessAuditScanner
import Foundation

/// The modules of one or several packages' overlays, instrumented and built as one.
package struct InstrumentedPackage {
  /// A package's copy, and what is audited in it.
  package struct Part {
    package var overlay: Overlay
    package var targets: [PackageTarget]
    package var limits: [String: [String: AdoptionLimit]]

    package init(_ overlay: Overlay, targets: [PackageTarget], limits: [String: [String: AdoptionLimit]]) {
      (self.overlay, self.targets, self.limits) = (overlay, targets, limits)
    }
  }

  package enum Outcome: Sendable {
    case built
    /// The build fails, and it is not the audit that makes it fail. The build's output.
    case fails(String)
  }

  /// Each round takes something back, so the rounds end; the limit is for what nobody thought of.
  static let maximumRounds = 60

  private var modules: [ModuleInstrumentation] = []
  /// The copy that each module is in.
  private var overlays: [Overlay] = []

  /// Chooses what is audited in the targets, with the limits of earlier runs.
  ///
  /// - Complexity: O(*n*) in the size of the sources.
  package init(_ parts: [Part]) {
    for part in parts {
      for target in part.targets {
        modules.append(Self.module(target, part))
        overlays.append(part.overlay)
      }
    }
  }

  private static func module(_ target: PackageTarget, _ part: Part) -> ModuleInstrumentation {
    var untouchable: Set<String> = []
    let sources = target.sources.map { path -> SourceText in
      let data = FileManager.default.contents(atPath: "\(part.overlay.original)/\(path)") ?? Data()
      let text = String(data: data, encoding: .utf8)
      if text == nil || part.overlay.isBehindLink(path) { untouchable.insert(path) }
      return SourceText(path: path, text: text ?? String(decoding: data, as: UTF8.self))
    }
    return ModuleInstrumentation(
      name: target.name, sources: sources, limits: part.limits[target.name] ?? [:], untouchable: untouchable)
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
    for position in modules.indices { try write(position) }
  }

  private func write(_ position: Int) throws {
    let (module, overlay) = (modules[position], overlays[position])
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
      let guilty = guilty(output)
      guard !guilty.isEmpty else {
        // Nothing of ours is left, or the error is of another kind: the package's own.
        guard takeBackOne(say) else { return .fails(output) }
        continue
      }
      for (position, numbers) in guilty.sorted(by: { $0.key < $1.key }) {
        let symbols = numbers.map { modules[position].variables[$0].symbol }.sorted()
        say("does not compile as it is instrumented, changed: \(symbols.joined(separator: ", "))")
        modules[position].takeBack(numbers)
        try write(position)
      }
    }
    return .fails("the build did not succeed in \(Self.maximumRounds) rounds")
  }

  /// The variables that the errors point at, by module.
  private func guilty(_ output: String) -> [Int: Set<Int>] {
    let roots = Set(overlays.map(\.root))
    let places = Dictionary(uniqueKeysWithValues: roots.map { ($0, BuildOutput.errors(in: output, root: $0)) })
    func each(_ find: (ModuleInstrumentation, _ places: [BuildErrors.Place]) -> Set<Int>) -> [Int: Set<Int>] {
      var found: [Int: Set<Int>] = [:]
      for position in modules.indices {
        let numbers = find(modules[position], places[overlays[position].root] ?? [])
        if !numbers.isEmpty { found[position] = numbers }
      }
      return found
    }
    let byLine = each { $0.edited(at: $1) }
    if !byLine.isEmpty { return byLine }
    let lines = places.flatMap { root, places in
      places.map { place in
        let data = FileManager.default.contents(atPath: "\(root)/\(place.path)") ?? Data()
        return SourceText(path: place.path, text: String(decoding: data, as: UTF8.self)).line(place.line)
      }
    }
    let byName = each { module, _ in module.named(in: lines) }
    if !byName.isEmpty { return byName }
    return each { $0.edited(in: Set($1.map(\.path))) }
  }

  /// Takes a whole module back: the first one, because the connection is not visible.
  private mutating func takeBackOne(_ say: (String) -> Void) -> Bool {
    guard let position = modules.indices.first(where: { !modules[$0].texts.isEmpty }) else { return false }
    say("the build fails at no instrumented place: the module \(modules[position].name) is left alone")
    modules[position].takeBack(modules[position].all(), wholly: true)
    do { try write(position) } catch { return false }
    return true
  }
}

#endif
