// SPDX-License-Identifier: Apache-2.0
//
// Chooses the declarations of a module to audit, and the edits to them and to their uses. Nothing
// is written here.

#if Scanner

import SwiftSyntax

/// The edits that audit a module.
public struct AdoptionPlan: Sendable {
  public private(set) var candidates: [AdoptionCandidate] = []
  let sources: [SourceText]
  let facts: ModuleFacts
  let package: PackageFacts
  var edits: [[TextEdit]]
  /// The accesses of each variable, with their files.
  private var accesses: [Int: [PlacedAccess]] = [:]
  /// The names that are used where the walk of the bodies does not follow, by file.
  private var unfollowed: [[NameUses.Use]] = []

  /// One access and the file it is in.
  struct PlacedAccess: Sendable {
    var file: Int
    var access: AccessRecord
  }

  /// The original files of the module.
  public var allSources: [SourceText] { sources }

  /// Plans the adoption of a module.
  ///
  /// - Parameters:
  ///   - sources: all files of the module.
  ///   - symbols: the symbols to adopt; `nil` for every collection that can be shared.
  ///   - package: the declarations of the package's other modules.
  ///   - testers: files of other modules that see the module's internal names.
  ///   - limits: what an earlier build said, by place of declaration.
  /// - Complexity: O(*n*) in the size of the sources.
  public init(
    _ sources: [SourceText], symbols: Set<String>?, package: PackageFacts = PackageFacts(),
    testers: [SourceText] = [], limits: [SourcePlace: AdoptionLimit] = [:]
  ) {
    self.sources = sources
    self.package = package
    edits = Array(repeating: [], count: sources.count)
    facts = AccessScanner().facts(sources, package: package)
    for body in facts.bodies {
      let file = facts.index.functions[body.function].file
      for access in body.accesses {
        if case .declared(let id) = access.variable {
          accesses[id, default: []].append(PlacedAccess(file: file, access: access))
        }
      }
    }
    let chosen = facts.index.variables.filter { isCandidate($0, symbols) }
    let names = Set(chosen.map(\.name))
    findUnfollowed(names, testers)
    for variable in chosen { add(variable, limits) }
    addImports()
  }

  /// The new text of each file that changes.
  ///
  /// - Complexity: O(*n*).
  public func texts() -> [(source: SourceText, text: String)] {
    edited().map { (sources[$0.file], $0.result.text) }
  }

  /// The files that change, with the lines of each candidate.
  func edited() -> [(file: Int, result: EditedText)] {
    sources.indices.compactMap { file in
      guard edits[file].contains(where: { $0.candidate != nil }) else { return nil }
      let result = edits[file].edited(sources[file].text)
      return result.text == sources[file].text ? nil : (file, result)
    }
  }

  /// The candidates with an edit that begins on a line of the original file.
  package func candidates(at path: String, line: Int) -> Set<Int> {
    guard let file = sources.firstIndex(where: { $0.path == path }) else { return [] }
    return Set(edits[file].filter { sources[file].position(of: $0.start).line == line }.compactMap(\.candidate))
  }

  /// The candidates with edits in a file.
  package func candidates(in path: String) -> Set<Int> {
    guard let file = sources.firstIndex(where: { $0.path == path }) else { return [] }
    return Set(edits[file].compactMap(\.candidate))
  }

  // MARK: Choice

  private func isCandidate(_ variable: VariableDeclaration, _ symbols: Set<String>?) -> Bool {
    guard symbols?.contains(variable.symbol) ?? canBeShared(variable), case .collection = variable.type,
      variable.isStored, !variable.isLet, !isAudited(variable)
    else { return false }
    // A protocol requirement stores nothing.
    return variable.owner.flatMap { facts.index.type(named: $0) }?.kind != .protocolType
  }

  private func canBeShared(_ variable: VariableDeclaration) -> Bool {
    guard let owner = variable.owner, !variable.isStatic else { return true }
    guard let type = facts.index.type(named: owner) else { return false }
    return type.kind == .classType || type.kind == .actorType
  }

  private func isAudited(_ variable: VariableDeclaration) -> Bool {
    if variable.attributes.contains("Audited") { return true }
    let text = (variable.annotation?.trimmedDescription ?? "") + (variable.initializer?.trimmedDescription ?? "")
    return text.contains("Audited")
  }

  /// Compares the uses of the names with those that the walk has understood.
  private mutating func findUnfollowed(_ names: Set<String>, _ testers: [SourceText]) {
    var followed: [Set<Int>] = Array(repeating: [], count: sources.count)
    for body in facts.bodies { followed[facts.index.functions[body.function].file].formUnion(body.followed) }
    let files = facts.files
    let understood = followed
    unfollowed = Parallel.map(files.count, threads: Parallel.defaultThreads) { file in
      files[file].tree.map { NameUses($0, names).uses.filter { !understood[file].contains($0.end) } } ?? []
    }
    // Other modules reach what is not private through `@testable`.
    unfollowed += Parallel.map(testers.count, threads: Parallel.defaultThreads) { file in
      FileScan(testers[file], file: file).tree.map { NameUses($0, names).uses } ?? []
    }
  }

  /// True when the name is used somewhere that the walk has not followed and that can see the
  /// variable.
  func isUsedElsewhere(_ variable: VariableDeclaration) -> Bool {
    unfollowed.indices.contains { file in
      guard !variable.isPrivate || file == variable.file else { return false }
      return unfollowed[file].contains { use in
        use.name == variable.name && (variable.isStatic || !use.isImplicitMember)
      }
    }
  }

  private mutating func add(_ variable: VariableDeclaration, _ limits: [SourcePlace: AdoptionLimit]) {
    let number = candidates.count
    let place = sources[variable.file].place(variable.nameOffset, variable.nameEnd)
    let uses = accesses[variable.id] ?? []
    func note(_ form: AdoptionForm?, _ reason: String?) {
      candidates.append(AdoptionCandidate(symbol: variable.symbol, place: place, form: form, reason: reason))
    }
    if limits[place] == .leftAlone { return note(nil, "it does not compile in either form") }
    let refusal = typeRefusal(variable)
    if let refusal, refusal.isFinal { return note(nil, refusal.text) }
    var why = refusal?.text
    if why == nil, limits[place] == .keepsType { why = "the audited type does not compile here" }
    if why == nil {
      switch typeEdits(variable, uses, number) {
      case .success(let all):
        for (file, edit) in all { edits[file].append(edit) }
        return note(.type, nil)
      case .failure(let problem): why = problem.text
      }
    }
    let reason = why ?? ""
    switch wrapperEdits(variable, uses.filter { $0.file == variable.file }) {
    case .success(let all):
      for edit in all {
        var edit = edit
        edit.candidate = number
        edits[variable.file].append(edit)
      }
      note(.wrapper, reason)
    case .failure(let problem): note(nil, "\(reason), and \(problem.text)")
    }
  }
}

#endif
