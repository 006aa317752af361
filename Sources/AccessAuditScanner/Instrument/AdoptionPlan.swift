// SPDX-License-Identifier: Apache-2.0
//
// Chooses the declarations to audit, and the edits to them and to their uses. Nothing is written
// here.

#if Scanner

import SwiftParser
import SwiftSyntax

/// How a variable is audited.
public enum AdoptionForm: String, Sendable, Codable {
  /// Its type becomes the audited type.
  case type
  /// Its type stays; `@Audited` watches the variable.
  case wrapper
}

/// One variable that is adopted, or the reason why it is not.
public struct AdoptionCandidate: Sendable {
  public let symbol: String
  public let place: SourcePlace
  public let form: AdoptionForm?
  /// Why the variable keeps its type, or stays unaudited.
  public let reason: String?
}

/// The edits that audit a module.
public struct AdoptionPlan: Sendable {
  public private(set) var candidates: [AdoptionCandidate] = []
  private let sources: [SourceText]
  private var edits: [[TextEdit]]

  /// The original files of the module.
  public var allSources: [SourceText] { sources }

  /// Plans the adoption of a module.
  ///
  /// - Parameters:
  ///   - sources: all files of the module.
  ///   - symbols: the symbols to adopt; `nil` for every collection that can be shared.
  ///   - wrapperOnly: the symbols that keep their types and get `@Audited`.
  /// - Complexity: O(*n*) in the size of the sources.
  public init(_ sources: [SourceText], symbols: Set<String>?, wrapperOnly: Set<String> = []) {
    self.sources = sources
    edits = Array(repeating: [], count: sources.count)
    let scan = AccessScanner().facts(sources)
    var accesses: [Int: [(file: Int, access: AccessRecord)]] = [:]
    for body in scan.bodies {
      let file = scan.index.functions[body.function].file
      for access in body.accesses {
        if case .declared(let id) = access.variable { accesses[id, default: []].append((file, access)) }
      }
    }
    for variable in scan.index.variables where symbols?.contains(variable.symbol) ?? canBeShared(variable, scan.index) {
      guard case .collection = variable.type, variable.isStored, !variable.isLet else { continue }
      // A protocol requirement stores nothing.
      if let owner = variable.owner, scan.index.type(named: owner)?.kind == .protocolType { continue }
      guard !isAudited(variable) else { continue }
      add(
        variable, accesses[variable.id] ?? [], keepType: wrapperOnly.contains(variable.symbol),
        isTopLevel: variable.owner == nil && scan.scripts.contains(variable.file))
    }
    addImports()
  }

  /// The new text of each file that changes, without the candidates that are left out.
  ///
  /// - Complexity: O(*n*).
  public func texts(without left: Set<Int> = []) -> [(source: SourceText, text: String)] {
    sources.indices.compactMap { file in
      var chosen = edits[file].filter { $0.candidate.map { !left.contains($0) } ?? true }
      guard chosen.contains(where: { $0.candidate != nil }) else { return nil }
      chosen = chosen.filter { $0.start >= 0 }
      let text = chosen.applied(to: sources[file].text)
      return text == sources[file].text ? nil : (sources[file], text)
    }
  }

  /// The candidates that an edit of that line belongs to.
  public func candidates(at path: String, line: Int, in text: String) -> Set<Int> {
    guard let file = sources.firstIndex(where: { $0.path == path }) else { return [] }
    // The import may have moved the lines by one.
    let shift =
      text.contains("import AuditedCollections") && !sources[file].text.contains("import AuditedCollections")
    let original = shift && line > importLine(file) ? line - 1 : line
    return Set(
      edits[file].compactMap { edit in
        edit.candidate != nil && sources[file].position(of: edit.start).line == original ? edit.candidate : nil
      })
  }

  /// The candidates with edits in a file.
  public func candidates(in path: String) -> Set<Int> {
    guard let file = sources.firstIndex(where: { $0.path == path }) else { return [] }
    return Set(edits[file].compactMap(\.candidate))
  }

  private func importLine(_ file: Int) -> Int {
    edits[file].first { $0.candidate == nil }.map { sources[file].position(of: $0.start).line } ?? 0
  }

  // MARK: Choice

  private func canBeShared(_ variable: VariableDeclaration, _ index: ModuleIndex) -> Bool {
    guard let owner = variable.owner, !variable.isStatic else { return true }
    guard let type = index.type(named: owner) else { return false }
    return type.kind == .classType || type.kind == .actorType
  }

  private func isAudited(_ variable: VariableDeclaration) -> Bool {
    if variable.attributes.contains("Audited") { return true }
    let text = (variable.annotation?.trimmedDescription ?? "") + (variable.initializer?.trimmedDescription ?? "")
    return text.contains("Audited")
  }

  private mutating func add(
    _ variable: VariableDeclaration, _ accesses: [(file: Int, access: AccessRecord)], keepType: Bool, isTopLevel: Bool
  ) {
    let number = candidates.count
    let place = sources[variable.file].place(variable.nameOffset, variable.nameEnd)
    func note(_ form: AdoptionForm?, _ reason: String?) {
      candidates.append(AdoptionCandidate(symbol: variable.symbol, place: place, form: form, reason: reason))
    }
    let refusal = refusal(variable)
    if let refusal, refusal.isFinal { return note(nil, refusal.text) }
    var why = refusal?.text
    if why == nil, keepType { why = "the audited type does not compile here" }
    if why == nil {
      switch typeEdits(variable, accesses, number) {
      case .success(let all):
        for (file, edit) in all { edits[file].append(edit) }
        return note(.type, nil)
      case .failure(let problem): why = problem.text
      }
    }
    if variable.isLazy || !variable.attributes.isEmpty || isTopLevel || variable.isNonisolatedUnsafe {
      return note(nil, "\(why ?? "") and a wrapper cannot be added to it")
    }
    guard let declaration = variable.binding?.parent?.parent?.as(VariableDeclSyntax.self) else {
      return note(nil, why)
    }
    edits[variable.file].append(
      TextEdit(
        start: declaration.positionAfterSkippingLeadingTrivia.utf8Offset,
        end: declaration.positionAfterSkippingLeadingTrivia.utf8Offset, text: "@Audited ", candidate: number))
    note(.wrapper, why)
  }

  private struct Refusal: Error {
    var text: String
    var isFinal = false
  }

  private func refusal(_ variable: VariableDeclaration) -> Refusal? {
    guard let declaration = variable.binding?.parent?.parent?.as(VariableDeclSyntax.self) else {
      return Refusal(text: "its declaration has an unusual form", isFinal: true)
    }
    if declaration.bindings.count != 1 {
      return Refusal(text: "several variables are declared at once", isFinal: true)
    }
    let attributes = Set(variable.attributes)
    if let attribute = attributes.subtracting(["usableFromInline", "MainActor"]).sorted().first {
      return Refusal(text: "it has the attribute @\(attribute)", isFinal: true)
    }
    if attributes.contains("usableFromInline") { return Refusal(text: "inlinable code uses it", isFinal: true) }
    if variable.isPublic { return Refusal(text: "its type is public interface") }
    if variable.annotation?.is(OptionalTypeSyntax.self) ?? false
      || variable.annotation?.is(ImplicitlyUnwrappedOptionalTypeSyntax.self) ?? false
    {
      return Refusal(text: "it is optional")
    }
    return nil
  }

  // MARK: Edits

  /// Members of the collections that mean the same on the audited types.
  private static let direct: Set<String> = [
    "subscript", "count", "isEmpty", "updateValue", "removeValue", "removeAll", "merge", "append", "insert", "remove",
    "removeLast", "removeFirst", "popLast", "popFirst", "contains", "forEach", "reserveCapacity", "firstIndex",
    "index",
    "first", "last", "formUnion", "subtract", "update", "startIndex", "endIndex", "indices", "removal", "sort",
    "map", "flatMap", "compactMap", "reduce", "allSatisfy", "sorted", "min", "max", "keys", "values",
  ]

  private func typeEdits(
    _ variable: VariableDeclaration, _ accesses: [(file: Int, access: AccessRecord)], _ number: Int
  ) -> Result<[(Int, TextEdit)], Refusal> {
    var own: [TextEdit] = []
    let kind: CollectionKind
    if let annotation = variable.annotation {
      guard let spelled = AuditedSpelling.edits(annotation) else {
        return .failure(Refusal(text: "its type is spelled in a form of its own"))
      }
      kind = spelled.kind
      own += spelled.edits
      if let value = variable.initializer, !AuditedSpelling.adapts(value) {
        if let made = AuditedSpelling.edits(value) {
          own += made.edits
        } else {
          own += AuditedSpelling.wrap(
            value.positionAfterSkippingLeadingTrivia.utf8Offset, value.endPositionBeforeTrailingTrivia.utf8Offset,
            kind)
        }
      }
    } else if let value = variable.initializer, let made = AuditedSpelling.edits(value) {
      kind = made.kind
      own += made.edits
    } else if let value = variable.initializer, case .collection(let inferred, _) = variable.type,
      value.is(ArrayExprSyntax.self) || value.is(DictionaryExprSyntax.self)
    {
      kind = inferred
      own += AuditedSpelling.wrap(
        value.positionAfterSkippingLeadingTrivia.utf8Offset, value.endPositionBeforeTrailingTrivia.utf8Offset, kind)
    } else {
      return .failure(Refusal(text: "its type is inferred from an expression"))
    }
    if variable.hasObservers { return .failure(Refusal(text: "observers see its old value")) }
    var all = own.map { (variable.file, $0) }
    for (file, access) in accesses {
      switch useEdits(access, kind) {
      case .success(let edits): all += edits.map { (file, $0) }
      case .failure(let problem): return .failure(problem)
      }
    }
    return .success(
      all.map { file, edit in
        var edit = edit
        edit.candidate = number
        return (file, edit)
      })
  }

  /// The edits at one use.
  private func useEdits(_ access: AccessRecord, _ kind: CollectionKind) -> Result<[TextEdit], Refusal> {
    if access.isBareName { return .failure(Refusal(text: "a capture list or a shorthand binding names it")) }
    switch access.operation {
    case "=":
      guard let assigned = access.assigned else {
        return .failure(Refusal(text: "it is assigned in an unusual form"))
      }
      return .success(assigned.adapts ? [] : AuditedSpelling.wrap(assigned.start, assigned.end, kind))
    case "inout": return .failure(Refusal(text: "it is passed as inout or changed by an operator"))
    case "slice": return .failure(Refusal(text: "slices of it are used"))
    default: break
    }
    if AdoptionPlan.direct.contains(access.operation) { return .success([]) }
    if access.isWrite { return .failure(Refusal(text: "'\(access.operation)' changes it")) }
    return .success([AuditedSpelling.insert(".\(AuditedSpelling.plain(kind))", at: access.nameEnd)])
  }

  // MARK: Imports

  private mutating func addImports() {
    for file in sources.indices where edits[file].contains(where: { $0.candidate != nil }) {
      let tree = Parser.parse(source: sources[file].text)
      let imports = tree.statements.compactMap { $0.item.as(ImportDeclSyntax.self) }
      if imports.contains(where: { $0.path.trimmedDescription == "AuditedCollections" }) { continue }
      if let last = imports.last {
        let end = last.endPositionBeforeTrailingTrivia.utf8Offset
        let offset = endOfLine(file, end)
        edits[file].append(TextEdit(start: offset, end: offset, text: "\(newline(file))import AuditedCollections"))
      } else {
        // Before the first declaration and its comments, after the comments that stand alone at
        // the head of the file.
        let offset = headEnd(tree)
        edits[file].append(
          TextEdit(start: offset, end: offset, text: "import AuditedCollections\(newline(file))\(newline(file))"))
      }
    }
  }

  /// The line ending of the file.
  private func newline(_ file: Int) -> String { sources[file].text.utf8.contains(0x0D) ? "\r\n" : "\n" }

  /// The end of the line of an offset; a comment may follow an import.
  private func endOfLine(_ file: Int, _ offset: Int) -> Int {
    var position = offset
    for byte in sources[file].text.utf8.dropFirst(offset) {
      if byte == 0x0A || byte == 0x0D { break }
      position += 1
    }
    return position
  }

  /// The start of the first declaration's comment: behind the last blank line of the leading
  /// trivia.
  private func headEnd(_ tree: SourceFileSyntax) -> Int {
    guard let first = tree.firstToken(viewMode: .sourceAccurate) else { return 0 }
    var offset = 0
    var position = 0
    for piece in first.leadingTrivia {
      position += piece.sourceLength.utf8Length
      switch piece {
      case .newlines(let count) where count > 1: offset = position
      case .carriageReturnLineFeeds(let count) where count > 1: offset = position
      default: break
      }
    }
    return offset
  }
}

#endif
