// SPDX-License-Identifier: Apache-2.0
//
// The signature by which two members count as the same when a program changes from one collection
// type to the other. Compares normalised text; looks nothing up.

/// A collection type and its audited counterpart.
struct CollectionType {
  var name: String
  /// The spellings of the type itself in declarations.
  var spellings: [String]

  static let all = [
    CollectionType(name: "Dictionary", spellings: ["Dictionary<Key, Value>", "[Key : Value]"]),
    CollectionType(name: "Set", spellings: ["Set<Element>"]),
    CollectionType(name: "Array", spellings: ["Array<Element>", "[Element]"]),
  ]

  var auditedName: String { "Audited\(name)" }

  /// A declaration in which all names of the type, and all names of equal types, have one spelling.
  func normalized(_ declaration: String) -> String {
    var text = declaration
    let indices = name == "Array" ? "Range<Int>" : "DefaultIndices<C>"
    let replacements =
      [("Self.Element", "Element"), ("(key: Key, value: Value)", "Element"), ("\(auditedName)<", "\(name)<")]
      + spellings.map { ($0, "C") } + [("Self", "C"), ("C.Element", "Element"), ("C.Index", "Int")]
      + [("ArraySlice<Element>", "C.SubSequence"), ("Slice<C>", "C.SubSequence"), (indices, "C.Indices")]
      + [("IndexingIterator<C>", "C.Iterator"), ("Array<C.SubSequence>", "[C.SubSequence]"), ("-> ()", "-> Void")]
    for (old, new) in replacements { text = text.replacing(old, with: new) }
    return text
  }
}

/// A member as its callers use it: two members with equal signatures are interchangeable.
struct MemberSignature: Hashable {
  var name: String
  var isStatic: Bool
  var isMutating: Bool
  var mayThrow: Bool
  var isDiscardable: Bool
  var isSettable: Bool
  var genericParameters: Int
  var result: String

  init(_ symbol: SymbolGraph.Symbol, of type: CollectionType) {
    let text = type.normalized(symbol.declaration)
    let words = text.split(separator: " ")
    name = symbol.pathComponents[1]
    isStatic = words.contains("static")
    isMutating = words.contains("mutating")
    mayThrow = words.contains("rethrows") || words.contains("throws") || text.contains(") throws(")
    isDiscardable = words.contains("@discardableResult")
    isSettable = text.hasSuffix("set }")
    let head = text.prefix { $0 != "(" }
    if let open = head.firstIndex(of: "<"), head.hasSuffix(">") {
      genericParameters = head[open...].count { $0 == "," } + 1
    } else {
      genericParameters = 0
    }
    let accessors = text.range(of: " { ")?.lowerBound ?? text.endIndex
    let constraints = text.range(of: " where ")?.lowerBound ?? text.endIndex
    let end = min(accessors, constraints)
    if let arrow = text[..<end].ranges(of: "-> ").last, !text[arrow.upperBound..<end].contains(")) ") {
      result = String(text[arrow.upperBound..<end])
    } else if symbol.kind.identifier.hasSuffix("property"), let colon = text.firstIndex(of: ":") {
      result = String(text[text.index(colon, offsetBy: 2)..<end])
    } else {
      result = ""
    }
  }
}
