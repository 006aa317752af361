// SPDX-License-Identifier: Apache-2.0
//
// Expressions of a body: access paths are followed to the variable that they access. Calls are in
// BodyWalker+Calls.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  /// Walks an expression and returns the known facts about its value.
  @discardableResult
  func expression(_ node: ExprSyntax, _ usage: Usage = .read) -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth < BodyWalker.maximumDepth else {
      facts.isTooDeep = true
      return .unknown("deep")
    }
    switch node.kind {
    case .tryExpr: return expression(node.cast(TryExprSyntax.self).expression, usage)
    case .awaitExpr:
      let value = expression(node.cast(AwaitExprSyntax.self).expression, usage)
      joinAwaited(node.cast(AwaitExprSyntax.self).expression)
      return value
    case .unsafeExpr: return expression(node.cast(UnsafeExprSyntax.self).expression, usage)
    case .functionCallExpr, .subscriptCallExpr, .memberAccessExpr, .optionalChainingExpr, .forceUnwrapExpr,
      .declReferenceExpr, .superExpr, .genericSpecializationExpr:
      return path(node, usage)
    case .inOutExpr:
      return expression(node.cast(InOutExprSyntax.self).expression, .passInout)
    case .sequenceExpr: return sequence(node.cast(SequenceExprSyntax.self))
    case .infixOperatorExpr:
      let infix = node.cast(InfixOperatorExprSyntax.self)
      expression(infix.rightOperand)
      return expression(infix.leftOperand, infix.operator.is(AssignmentExprSyntax.self) ? .assign : .read)
    case .closureExpr:
      let closure = node.cast(ClosureExprSyntax.self)
      walkClosure(closure, storedMode(closure))
      return Value(type: .function, id: "closure")
    case .ifExpr, .switchExpr:
      walkControl(node)
      return .unknown("branch")
    case .keyPathExpr, .integerLiteralExpr, .floatLiteralExpr, .booleanLiteralExpr, .nilLiteralExpr, .typeExpr,
      .simpleStringLiteralExpr:
      return .unknown("literal")
    case .tupleExpr:
      let tuple = node.cast(TupleExprSyntax.self)
      if tuple.elements.count == 1, let only = tuple.elements.first { return expression(only.expression, usage) }
      // The part of a tuple's value that is assigned to an element has no place of its own.
      assigned = nil
      for element in tuple.elements { expression(element.expression, usage) }
      return Value(type: .tuple, id: "tuple")
    default:
      for child in node.children(viewMode: .sourceAccurate) where !child.is(TokenSyntax.self) { walk(child) }
      return Value(type: resolve(TypeNames.known(node)), id: "expression")
    }
  }

  /// Walks `if` and `switch`; `walk` does not call back here for these.
  private func walkControl(_ node: ExprSyntax) { walk(Syntax(node)) }

  /// Joins the work that was started: awaiting a task's value, or anything after an `async let`,
  /// waits for it.
  private func joinAwaited(_ inner: ExprSyntax) {
    if let member = inner.as(MemberAccessExprSyntax.self),
      ["value", "result"].contains(member.declName.baseName.text)
    {
      join()
      return
    }
    for position in facts.frames.indices
    where facts.frames[position].joined == nil && facts.frames[position].kind == .childTask
      && !context.frames.contains(position) && !isInTaskGroup
    {
      order += 1
      facts.frames[position].joined = order
    }
  }

  private var isInTaskGroup: Bool { taskGroupDepth > 0 }

  /// An unfolded sequence of operands and operators; the target of an assignment is the operand
  /// before it.
  private func sequence(_ node: SequenceExprSyntax) -> Value {
    let elements = Array(node.elements)
    var assignment: Int?
    var usage = Usage.assign
    for (position, element) in elements.enumerated() {
      if element.is(AssignmentExprSyntax.self) {
        assignment = position
        break
      }
      if let binary = element.as(BinaryOperatorExprSyntax.self), isCompoundAssignment(binary.operator.text) {
        assignment = position
        usage = .compound
        break
      }
    }
    guard let assignment, assignment > 0 else {
      var result = Value.unknown("sequence")
      for (position, element) in elements.enumerated() {
        let value = expression(element)
        if position == 0, elements.count > 1, elements[1].is(UnresolvedAsExprSyntax.self) { result.id = value.id }
      }
      if let type = elements.last?.as(TypeExprSyntax.self) { result.type = resolve(TypeNames.known(type.type)) }
      return result
    }
    if elements.count == assignment + 2, let closure = elements[assignment + 1].as(ClosureExprSyntax.self) {
      walkClosure(closure, assignedMode(closure, to: elements[assignment - 1]))
    } else {
      for element in elements[(assignment + 1)...] { expression(element) }
    }
    for element in elements[..<(assignment - 1)] { expression(element) }
    let isRemoval =
      usage == .assign && elements.count == assignment + 2 && elements[assignment + 1].is(NilLiteralExprSyntax.self)
    assignsNil = isRemoval
    assigned = usage == .assign ? assignedRange(elements[(assignment + 1)...]) : nil
    expression(elements[assignment - 1], usage)
    assigned = nil
    assignsNil = false
    return .unknown("assignment")
  }

  private func assignedRange(_ elements: ArraySlice<ExprSyntax>) -> AssignedRange? {
    guard let first = elements.first, let last = elements.last else { return nil }
    let only = elements.count == 1 ? first : nil
    return AssignedRange(
      start: first.positionAfterSkippingLeadingTrivia.utf8Offset,
      end: last.endPositionBeforeTrailingTrivia.utf8Offset,
      isEmpty: only.map { AuditedSpelling.isEmptyLiteral($0) || $0.trimmedDescription == ".init()" } ?? false,
      isControl: only.map(AuditedSpelling.isControl) ?? false)
  }

  private func isCompoundAssignment(_ text: String) -> Bool {
    guard text.count >= 2, text.hasSuffix("=") else { return false }
    return !["==", "!=", "<=", ">=", "===", "!==", "~=", ".==", ".!=", ".<=", ".>="].contains(text)
  }

  /// Reads a shorthand name, as in `if let name`.
  func readName(_ token: TokenSyntax) -> Value {
    var value = named(token.text)
    follow(token.text, isNameKnown(token.text), token.endPositionBeforeTrailingTrivia.utf8Offset)
    if isWatched(value) {
      let start = token.positionAfterSkippingLeadingTrivia.utf8Offset
      nameEnd = start + token.text.utf8.count
      isBareName = true
      defer { isBareName = false }
      record(value, isWrite: false, "value", key: nil, start, start + token.text.utf8.count, isCompound: false)
    }
    value.storage = nil
    return value
  }

  // MARK: Paths

  /// Follows an access path.
  func path(_ node: ExprSyntax, _ usage: Usage) -> Value {
    let path = AccessPath(node)
    let start = node.positionAfterSkippingLeadingTrivia.utf8Offset
    let end = node.endPositionBeforeTrailingTrivia.utf8Offset
    var position = 0
    var value: Value
    switch path.root {
    case .own: value = ownValue()
    case .implicitMember: value = .unknown(".implicit")
    case .other(let inner):
      if inner.is(ClosureExprSyntax.self), case .call? = path.steps.first {
        walkClosure(inner.cast(ClosureExprSyntax.self), .inline(adding: [], isLoop: false))
        value = .unknown("closure")
      } else if inner.kind == .dictionaryExpr || inner.kind == .arrayExpr {
        expression(inner)
        value = Value(type: .unknown, id: "literal")
        if case .call? = path.steps.first { value.type = resolve(TypeNames.known(node)) }
      } else {
        value = inner.id == node.id ? .unknown("expression") : expression(inner)
        value.storage = nil
      }
    case .name(let name):
      if case .call(let call)? = path.steps.first {
        follow(name, true, path.ends[0])
        value = freeCall(name, call, constructs: node)
        position = 1
      } else {
        follow(name, isNameKnown(name), path.ends[0])
        if lookup(name) == nil, let owner = function.owner, index.variable(name, in: owner) != nil {
          let rest: Usage =
            path.steps.isEmpty ? usage : (usage.writes || mutates(path.steps[...]) ? .compound : .read)
          value = member(name, of: ownValue(), rest, start, end)
        } else {
          value = named(name)
        }
      }
    }
    while position < path.steps.count {
      if isWatched(value) {
        followMember(of: path, position)
        return touch(value, Array(path.steps[position...]), usage, start, end, nameEnd: path.ends[position])
      }
      switch path.steps[position] {
      case .unwrap: position += 1
      case .member(let name):
        follow(name, isMemberKnown(name, of: value, path, position), path.ends[position + 1])
        if position + 1 < path.steps.count, case .call(let call) = path.steps[position + 1] {
          value = method(name, of: value, call, start, end)
          position += 2
        } else {
          let isLast = position == path.steps.count - 1
          let rest: Usage =
            isLast ? usage : (usage.writes || mutates(path.steps[(position + 1)...]) ? .compound : .read)
          value = member(name, of: value, rest, start, end)
          position += 1
        }
      case .call(let call):
        arguments(call, mode: { _ in .stored })
        if let handler = value.handler { handlerCall(handler) }
        // `[Int]()` is a collection; the result of any other call is unknown.
        value = Value(type: value.id == "literal" ? value.type : .unknown, id: "\(value.id)()")
        position += 1
      case .subscripted(let list, let trailing):
        value = subscripted(value, list, trailing, usage, isLast: position == path.steps.count - 1, start, end)
        position += 1
      }
    }
    if isWatched(value) { return touch(value, [], usage, start, end, nameEnd: path.ends[position]) }
    nameEnd = path.ends[min(position, path.ends.count - 1)]
    if case .named(let type) = value.type, value.storage != nil, usage.writes, index.holdsCollection(type) {
      record(value, isWrite: true, "=", key: nil, start, end, isCompound: usage == .compound)
    }
    return value
  }

  // MARK: Known names

  /// Notes a name of a collection that this walk has understood.
  private func follow(_ name: String, _ isKnown: Bool, _ end: Int) {
    if isKnown, index.collectionNames.contains(name) { facts.followed.insert(end) }
  }

  /// Notes the member of a collection.
  private func followMember(of path: AccessPath, _ start: Int) {
    for position in start..<path.steps.count {
      switch path.steps[position] {
      case .unwrap: continue
      case .member(let name): return follow(name, true, path.ends[position + 1])
      default: return
      }
    }
  }

  /// True when a bare name is that of a local or of a declaration in reach.
  private func isNameKnown(_ name: String) -> Bool {
    guard index.collectionNames.contains(name) else { return false }
    if lookup(name) != nil { return true }
    var owner = function.owner
    while let current = owner {
      if index.variable(name, in: current) != nil { return true }
      owner = current.lastIndex(of: ".").map { String(current[..<$0]) }
    }
    return index.globalVariable(name) != nil
  }

  /// True when a member is called, or its value's type is known.
  private func isMemberKnown(_ name: String, of value: Value, _ path: AccessPath, _ position: Int) -> Bool {
    if position + 1 < path.steps.count, case .call = path.steps[position + 1] { return true }
    if case .unknown = value.type { return value.isMetatype }
    return true
  }

  private func ownValue() -> Value {
    guard let owner = function.owner else { return lookup("self") ?? .unknown("self") }
    if function.isStatic { return Value(type: .named(owner), id: owner, isMetatype: true) }
    var value = Value(type: .named(owner), id: "self")
    value.isOwn = true
    return value
  }

  /// The value of a bare name at this point.
  func named(_ name: String) -> Value {
    if let local = lookup(name) { return local }
    if name == "Self", let owner = function.owner { return Value(type: .named(owner), id: owner, isMetatype: true) }
    if let owner = function.owner {
      if let variable = index.variable(name, in: owner, isStatic: function.isStatic)
        ?? index.variable(name, in: owner)
      {
        return stored(variable, through: ownValue())
      }
      // Static members of the enclosing types.
      var outer = owner.lastIndex(of: ".").map { String(owner[..<$0]) }
      while let current = outer {
        if let variable = index.variable(name, in: current, isStatic: true) {
          return stored(variable, through: Value(type: .named(current), id: current, isMetatype: true))
        }
        outer = current.lastIndex(of: ".").map { String(current[..<$0]) }
      }
    }
    if let global = index.globalVariable(name) { return stored(global, through: .unknown("")) }
    if let type = index.type(named: name, from: function.scope) {
      return Value(type: .named(type.name), id: type.name, isMetatype: true)
    }
    if let first = name.unicodeScalars.first, first.properties.isUppercase {
      return Value(type: .unknown, id: name, isMetatype: true)
    }
    return .unknown(function.owner.map { "\($0):\(name)" } ?? name)
  }

  /// The value of a declared variable reached through `base`.
  func stored(_ variable: VariableDeclaration, through base: Value) -> Value {
    var value = Value(type: variable.type, id: variable.symbol)
    value.isForeign = !base.isOwn && !base.isMetatype && variable.owner != nil && !variable.isStatic
    value.local = base.local
    value.localOrder = base.localOrder
    value.isHandedToMany = base.isHandedToMany || handedToMany.contains(variable.symbol)
    guard variable.isStored else { return value }
    if value.type == .function { value.handler = variable.id }
    if case .lock = value.type, let type = variable.lockedType.map({ index.resolve($0, variable.scope) }),
      case .collection = type
    {
      value.content = LockContent(variable: variable.id, type: type)
    }
    let isInStruct: Bool = {
      guard let owner = variable.owner, !variable.isStatic, let type = index.type(named: owner) else { return false }
      return type.kind == .structType || type.kind == .enumType || type.kind == .protocolType
    }()
    if isInStruct {
      value.storage = base.storage
      if let root = base.storage, case .declared(let id) = root, variable.isStored {
        value.id = "\(index.variables[id].symbol).\(variable.name)"
      }
    } else if !variable.isLet || variable.isLazy {
      value.storage = .declared(variable.id)
    }
    return value
  }

  /// The value of `value.name`.
  private func member(_ name: String, of value: Value, _ usage: Usage, _ start: Int, _ end: Int) -> Value {
    if value.id == "DispatchQueue" || value.id == "OperationQueue", name == "main" {
      return Value(type: .queue(.main), id: "MainActor")
    }
    guard case .named(let owner) = value.type else {
      return .unknown(value.isOwn ? name : "\(value.id).\(name)")
    }
    if value.isMetatype, let nested = index.type(named: name, from: TypeScope(owner: owner, file: function.file)),
      nested.name.hasSuffix(".\(name)")
    {
      return Value(type: .named(nested.name), id: nested.name, isMetatype: true)
    }
    if name == "self" || name == "init" { return value }
    if let variable = index.variable(name, in: owner, isStatic: value.isMetatype) {
      if !variable.isStored { accessor(name, in: owner, of: value, usage, start) }
      if variable.hasObservers, usage.writes {
        // An assignment calls the observers.
        for observer in index.accessors(name, in: owner) where observer.kind == .observer {
          call(observer, on: value, start)
        }
      }
      var result = stored(variable, through: value)
      if !variable.isStored, isLockedComputed(variable), case .collection = result.type {
        result.storage = .declared(variable.id)
      }
      if variable.isLazy, result.storage != nil, !isWatched(result) {
        // The first read of a lazy variable of any type writes it.
        record(result, isWrite: false, "value", key: nil, start, end, isCompound: false)
        result.storage = nil
      }
      return result
    }
    return .unknown(value.isOwn ? "\(owner):\(name)" : "\(value.id).\(name)")
  }

  /// Registers the use of a computed variable as a call of its accessors.
  func accessor(_ name: String, in owner: String, of value: Value, _ usage: Usage, _ start: Int) {
    for function in index.accessors(name, in: owner) {
      switch (function.kind, usage) {
      case (.getter, .read), (.setter, .assign), (.modify, .compound), (.modify, .passInout), (.getter, .compound),
        (.setter, .compound), (.setter, .passInout), (.getter, .passInout):
        call(function, on: value, start)
      default: break
      }
    }
  }

  private func subscripted(
    _ value: Value, _ list: LabeledExprListSyntax, _ trailing: ClosureExprSyntax?, _ usage: Usage, isLast: Bool,
    _ start: Int, _ end: Int
  ) -> Value {
    for argument in list { expression(argument.expression) }
    if let trailing { walkClosure(trailing, .inline(adding: [], isLoop: false)) }
    switch value.type {
    case .collection(_, let element):
      // A collection without storage: a copy, a parameter, a constant.
      return Value(type: element, id: "\(value.id)[]")
    case .named(let owner):
      accessor("subscript", in: owner, of: value, isLast ? usage : .read, start)
      if value.storage != nil, index.holdsCollection(owner) {
        record(
          value, isWrite: usage.writes, "subscript", key: list.first.map { keyText($0.expression) }, start, end,
          isCompound: usage == .compound)
      }
      return .unknown("\(value.id)[]")
    default: return .unknown("\(value.id)[]")
    }
  }

  private func mutates(_ steps: ArraySlice<PathStep>) -> Bool {
    for step in steps {
      if case .member(let name) = step, ConcurrencyVocabulary.mutators.contains(name) { return true }
    }
    return false
  }
}

#endif
