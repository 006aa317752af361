// SPDX-License-Identifier: Apache-2.0
//
// The effect of an access path on the watched collection that it reaches: operation, read or write,
// and key.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  /// True when the value is a collection inside a variable that can be shared.
  func isWatched(_ value: Value) -> Bool {
    guard value.storage != nil, case .collection = value.type else { return false }
    return true
  }

  /// Records the access of a path that has reached a watched collection, and walks the rest of
  /// the path.
  func touch(
    _ value: Value, _ steps: [PathStep], _ usage: Usage, _ start: Int, _ end: Int, nameEnd reached: Int
  ) -> Value {
    guard case .collection(let kind, let element) = value.type else { return value }
    let assigned = self.assigned
    var result = Value.unknown("\(value.id).element")
    var isWrite = false
    var isCompound = usage == .compound || usage == .passInout
    var operation = usage == .assign ? "=" : (usage == .read ? "value" : "inout")
    var key: String?
    var argumentLabel: String?
    // Keys and arguments are evaluated before the collection is touched; closures run inside the
    // access.
    let meaningful = steps.filter { if case .unwrap = $0 { false } else { true } }
    switch meaningful.first {
    case nil:
      isWrite = usage.writes
      if usage == .read { result = value }
    case .subscripted(let list, _):
      operation = list.first?.expression.is(SequenceExprSyntax.self) ?? false ? "slice" : "subscript"
      key = list.first.map { keyText($0.expression) }
      argumentLabel = list.first?.label?.text
      isWrite = writesElement(element, Array(meaningful.dropFirst()), usage)
      if isWrite, !(usage == .assign && meaningful.count == 1) || list.contains(where: { $0.label != nil }) {
        isCompound = true
      }
      if isWrite, assignsNil { operation = "removal" }
      result.type = element
    case .member(let name):
      operation = name
      if meaningful.count > 1, case .call(let call) = meaningful[1] {
        isWrite =
          index.extensions.effect(name, on: kind).map { $0 == .changes } ?? false
          || ConcurrencyVocabulary.mutators.contains(name)
        isCompound = isCompound || isWrite
        let labelled = call.arguments.first { $0.label?.text == "forKey" || $0.label?.text == "at" }
        key = (labelled ?? call.arguments.first).map { keyText($0.expression) }
        if isWrite, name.hasPrefix("remove") || name.hasPrefix("pop") { operation = name }
      } else {
        isWrite = usage.writes
      }
    case .call, .unwrap: break
    }
    for step in steps {
      switch step {
      case .subscripted(let list, let trailing):
        for argument in list { expression(argument.expression) }
        if let trailing { walkClosure(trailing, .inline(adding: [], isLoop: false)) }
      case .call(let call):
        let isLoop = ConcurrencyVocabulary.loops.contains(operation)
        arguments(call) { _ in .inline(adding: [], isLoop: isLoop) }
      case .member, .unwrap: break
      }
    }
    nameEnd = reached
    self.assigned = meaningful.isEmpty ? assigned : nil
    record(
      value, isWrite: isWrite, operation, key: key, start, end, isCompound: isCompound, argumentLabel: argumentLabel)
    self.assigned = nil
    return result
  }

  /// True when a path through an element changes the collection that holds it.
  private func writesElement(_ element: KnownType, _ rest: [PathStep], _ usage: Usage) -> Bool {
    guard !rest.isEmpty else { return usage.writes }
    if isReference(element) { return false }
    if case .member(let name) = rest[0], rest.count > 1, case .call = rest[1] {
      if case .named(let type) = element {
        let methods = index.functions(name, in: type)
        if !methods.isEmpty { return methods.contains { $0.isMutating } }
      }
      return ConcurrencyVocabulary.mutators.contains(name) && element != .unknown || mutatesNested(name)
    }
    // A property or element of the element: only value types change in place.
    guard usage.writes || rest.contains(where: isMutator) else { return false }
    switch element {
    case .collection, .tuple: return true
    case .named(let name):
      return index.type(named: name).map { $0.kind == .structType || $0.kind == .enumType } ?? false
    case .unknown:
      if case .subscripted = rest[0] { return true }
      return false
    default: return false
    }
  }

  /// Methods whose names classes do not usually offer.
  private func mutatesNested(_ name: String) -> Bool {
    ["append", "updateValue", "formUnion", "merge"].contains(name)
  }

  private func isMutator(_ step: PathStep) -> Bool {
    if case .member(let name) = step { return ConcurrencyVocabulary.mutators.contains(name) }
    return false
  }

  private func isReference(_ type: KnownType) -> Bool {
    guard case .named(let name) = type, let declared = index.type(named: name) else { return false }
    return declared.kind == .classType || declared.kind == .actorType
  }

  /// Records one access.
  func record(
    _ value: Value, isWrite: Bool, _ operation: String, key: String?, _ start: Int, _ end: Int, isCompound: Bool,
    argumentLabel: String? = nil
  ) {
    guard let storage = value.storage else { return }
    let before = context
    if value.isHandedToMany { enterOneOfMany(start) }
    defer { if value.isHandedToMany { leaveOneOfMany(before) } }
    order += 1
    facts.accesses.append(
      AccessRecord(
        variable: storage, isWrite: isWrite, operation: operation, key: key, start: start, end: end,
        function: function.id, order: order, held: context.held, frames: context.frames,
        released: context.released, loops: context.loops, boundTo: isWrite ? nil : context.boundTo,
        isCompound: isCompound, argumentLabel: argumentLabel, nameEnd: nameEnd,
        assigned: isWrite && operation == "=" || operation == "removal" ? assigned : nil, isBareName: isBareName,
        isForeign: value.isForeign, receiver: value.local, isDetachedClosure: context.isDetachedClosure))
  }

  /// True for a computed collection whose getter and setter each take a lock and that has no
  /// in-place accessor.
  func isLockedComputed(_ variable: VariableDeclaration) -> Bool {
    guard let owner = variable.owner, !variable.isStored else { return false }
    return isLockedPair(index.accessors(variable.name, in: owner))
  }

  /// True for a getter and a setter that both lock, without an in-place accessor.
  func isLockedPair(_ accessors: [FunctionDeclaration]) -> Bool {
    guard accessors.contains(where: { $0.kind == .getter }), accessors.contains(where: { $0.kind == .setter }),
      !accessors.contains(where: { $0.kind == .modify })
    else { return false }
    return accessors.allSatisfy { $0.kind == .observer || LockText.takesLock($0) }
  }
}

#endif
