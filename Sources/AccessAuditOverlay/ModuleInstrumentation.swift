// SPDX-License-Identifier: Apache-2.0
//
// One module of an overlay with the audit in it: the new texts, the variables, and which of them an
// error points at. The scanner's library chooses the edits.

#if Scanner && canImport(Glibc)

import AccessAuditScanner

/// A module's sources and what is done to them.
struct ModuleInstrumentation {
  let name: String
  let sources: [SourceText]
  private(set) var limits: [String: AdoptionLimit]
  private(set) var plan: AdoptionPlan
  private(set) var variables: [InstrumentedVariable] = []
  /// The new text of each file that changes.
  private(set) var texts: [String: String] = [:]
  private var left: Set<Int> = []
  /// The lazy variables of each file, and what the plan reads.
  private var lazies: [(path: String, variable: LazyVariables.Variable)] = []
  private var planned: [SourceText] = []
  /// Files that are written only as they are.
  private let untouchable: Set<String>

  init(name: String, sources: [SourceText], limits: [String: AdoptionLimit], untouchable: Set<String>) {
    self.name = name
    self.sources = sources
    self.limits = limits
    self.untouchable = untouchable
    plan = AdoptionPlan([], symbols: [])
    make()
  }

  /// Sets what a build has said, and chooses again.
  mutating func limit(_ symbols: [String: AdoptionLimit]) {
    limits.merge(symbols) { _, new in new }
    make()
  }

  private mutating func make() {
    rewriteLazies()
    plan = AdoptionPlan(planned, symbols: nil)
    var placed: [SourcePlace: AdoptionLimit] = [:]
    for candidate in plan.candidates {
      placed[candidate.place] = untouchable.contains(candidate.place.path) ? .leftAlone : limits[candidate.symbol]
    }
    if !placed.isEmpty { plan = AdoptionPlan(planned, symbols: nil, limits: placed) }
    // A file whose lines cannot be kept is left alone with all that is edited there.
    while let lost = render() {
      for number in plan.candidates(in: lost) { placed[plan.candidates[number].place] = .leftAlone }
      plan = AdoptionPlan(planned, symbols: nil, limits: placed)
    }
    left = Set(plan.candidates.indices.filter { placed[plan.candidates[$0].place] == .leftAlone })
    variables = plan.candidates.indices.map { number in
      let candidate = plan.candidates[number]
      let form: InstrumentedVariable.Form =
        left.contains(number) ? .none : candidate.form.map { $0 == .type ? .type : .wrapper } ?? .none
      return InstrumentedVariable(
        symbol: candidate.symbol, path: candidate.place.path, line: candidate.place.line, form: form,
        reason: reason(number))
    }
    variables += lazies.map { path, lazy in
      InstrumentedVariable(
        symbol: lazy.symbol, path: path, line: lazy.nameLine, form: .wrapper,
        reason: "it is lazy: its accesses go through a temporary")
    }
  }

  private mutating func rewriteLazies() {
    let left = Set(limits.keys.filter { $0.hasPrefix(Self.lazy) }.map { String($0.dropFirst(Self.lazy.count)) })
    lazies = []
    planned = sources.map { source in
      guard !untouchable.contains(source.path) else { return source }
      let rewritten = LazyVariables(source, without: left)
      lazies += rewritten.variables.map { (source.path, $0) }
      return rewritten.variables.isEmpty ? source : SourceText(path: source.path, text: rewritten.text)
    }
  }

  /// Before the symbol of a lazy variable in the limits: without its own form it may have another.
  private static let lazy = "lazy "

  private func reason(_ number: Int) -> String? {
    let candidate = plan.candidates[number]
    if untouchable.contains(candidate.place.path) { return "its file is behind a symbolic link, or is not UTF-8" }
    if limits[candidate.symbol] == .leftAlone { return "it does not compile in either form" }
    if left.contains(number) { return "the lines of its file would move" }
    return candidate.reason
  }

  /// Makes the texts, or names a file whose lines would move.
  private mutating func render() -> String? {
    texts = [:]
    for (source, text) in plan.texts() {
      guard let kept = LineKeeper.keepLines(of: source.text, in: text) else { return source.path }
      texts[source.path] = kept
    }
    for path in Set(lazies.map(\.path)) where texts[path] == nil {
      guard let source = planned.first(where: { $0.path == path }) else { continue }
      texts[path] = LineKeeper.importing(source.text)
    }
    return nil
  }

  /// The variables that are audited.
  private var active: Set<Int> { Set(variables.indices.filter { variables[$0].form != .none }) }

  /// The variables with an edit in one of the lines.
  func edited(at places: [BuildErrors.Place]) -> Set<Int> {
    var found: Set<Int> = []
    for place in places {
      // The lines are the original's, which is what the plan counts by.
      found.formUnion(plan.candidates(at: place.path, line: place.line))
      for (number, lazy) in lazies.enumerated() where lazy.path == place.path {
        if lazy.variable.lines.contains(place.line) { found.insert(plan.candidates.count + number) }
      }
    }
    return found.intersection(active)
  }

  /// The variables whose names are in one of the texts.
  func named(in lines: [String]) -> Set<Int> {
    let words = Set(lines.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") } })
    return active.filter { number in
      variables[number].symbol.split(separator: ".").last.map(words.contains) ?? false
    }
  }

  /// The variables with an edit in one of the files.
  func edited(in paths: Set<String>) -> Set<Int> {
    let lazy = lazies.indices.filter { paths.contains(lazies[$0].path) }.map { plan.candidates.count + $0 }
    return Set(paths.flatMap { plan.candidates(in: $0) } + lazy).intersection(active)
  }

  /// Every audited variable.
  func all() -> Set<Int> { active }

  /// Takes audited variables back by one step: the type first, then the wrapper; everything at
  /// once where the error could not be told apart.
  mutating func takeBack(_ numbers: Set<Int>, wholly: Bool = false) {
    var symbols: [String: AdoptionLimit] = [:]
    for number in numbers {
      let variable = variables[number]
      let isLazy = number >= plan.candidates.count
      symbols[(isLazy ? Self.lazy : "") + variable.symbol] = variable.form == .type && !wholly ? .keepsType : .leftAlone
      if wholly { symbols[variable.symbol] = .leftAlone }
    }
    limit(symbols)
  }
}

#endif
