// SPDX-License-Identifier: Apache-2.0
//
// Statements and local declarations of a body, in the order of execution. Expressions are handled
// elsewhere.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  /// Walks a list of statements in a new scope.
  func block(_ items: CodeBlockItemListSyntax, isTopLevel: Bool = false) {
    scoped {
      for item in items {
        guard isTopLevel, case .decl(let declaration) = item.item else {
          walk(Syntax(item))
          continue
        }
        // Top-level variables are globals of the index; only their initial values are code here.
        if let variables = declaration.as(VariableDeclSyntax.self) {
          for binding in variables.bindings {
            if let value = binding.initializer?.value { expression(value) }
          }
        }
      }
    }
  }

  /// Walks any node.
  func walk(_ node: Syntax) {
    depth += 1
    defer { depth -= 1 }
    guard depth < BodyWalker.maximumDepth else {
      facts.isTooDeep = true
      return
    }
    switch node.kind {
    case .codeBlockItemList: block(node.cast(CodeBlockItemListSyntax.self))
    case .codeBlock: block(node.cast(CodeBlockSyntax.self).statements)
    case .variableDecl: variables(node.cast(VariableDeclSyntax.self))
    case .functionDecl:
      let declaration = node.cast(FunctionDeclSyntax.self)
      var value = Value.unknown("local \(declaration.name.text)")
      value.closure = .function(declaration)
      bind(declaration.name.text, value)
    case .classDecl, .structDecl, .enumDecl, .actorDecl, .protocolDecl, .extensionDecl, .typeAliasDecl, .importDecl:
      break
    case .ifExpr: ifExpression(node.cast(IfExprSyntax.self))
    case .guardStmt: guardStatement(node.cast(GuardStmtSyntax.self))
    case .whileStmt:
      let statement = node.cast(WhileStmtSyntax.self)
      loop {
        scoped {
          conditions(statement.conditions)
          block(statement.body.statements)
        }
      }
    case .repeatStmt:
      let statement = node.cast(RepeatStmtSyntax.self)
      loop {
        block(statement.body.statements)
        expression(statement.condition)
      }
    case .forStmt: forStatement(node.cast(ForStmtSyntax.self))
    case .switchExpr: switchExpression(node.cast(SwitchExprSyntax.self))
    case .doStmt: doStatement(node.cast(DoStmtSyntax.self))
    case .deferStmt:
      if deferred.isEmpty { deferred.append([]) }
      deferred[deferred.count - 1].append(node.cast(DeferStmtSyntax.self).body)
    case .ifConfigDecl:
      // The branches exclude each other; each is walked from the same state.
      let before = context
      for clause in node.cast(IfConfigDeclSyntax.self).clauses {
        context = before
        // Not a scope: its locks and `defer` statements belong to the enclosing block.
        if case .statements(let items) = clause.elements {
          for item in items { walk(Syntax(item)) }
        } else if let elements = clause.elements {
          walk(Syntax(elements))
        }
      }
    default:
      if let inner = node.as(ExprSyntax.self) {
        expression(inner)
      } else {
        for child in node.children(viewMode: .sourceAccurate) where !child.is(TokenSyntax.self) { walk(child) }
      }
    }
  }

  /// `let` and `var` inside a body.
  private func variables(_ node: VariableDeclSyntax) {
    let isVariable = node.bindingSpecifier.text == "var"
    let isAsyncLet = node.modifiers.contains { $0.name.text == "async" }
    for binding in node.bindings {
      let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier
      var value = Value.unknown("local")
      if let initializer = binding.initializer?.value {
        let saved = context.boundTo
        context.boundTo = name?.text ?? saved
        if let closure = initializer.as(ClosureExprSyntax.self) {
          // Walked where it is called or passed on.
          value = Value(type: .function, id: "closure")
          value.closure = .closure(closure, .plain)
        } else if isAsyncLet {
          frame(.childTask, guards: [], keepsIsolation: false, at: initializer) { _ = expression(initializer) }
        } else {
          value = expression(initializer)
        }
        context.boundTo = saved
      }
      guard let name else {
        shadow(binding.pattern)
        continue
      }
      bindLocal(name, value, binding, isVariable: isVariable)
      if node.modifiers.contains(where: { $0.name.text == "nonisolated" }) {
        facts.locals[facts.locals.count - 1].isUnsafe = true
      }
      if let accessors = binding.accessorBlock { walk(Syntax(accessors)) }
    }
  }

  private func bindLocal(_ name: TokenSyntax, _ value: Value, _ binding: PatternBindingSyntax, isVariable: Bool) {
    var local = value
    if let annotation = binding.typeAnnotation?.type {
      let known = resolve(TypeNames.known(annotation))
      // The initial value of a queue or semaphore says more than its annotation.
      switch (known, value.type) {
      case (.queue, .queue), (.lock, .lock): break
      default: local.type = known
      }
    }
    let isObject = if case .named = local.type { true } else { false }
    let start = name.positionAfterSkippingLeadingTrivia.utf8Offset
    let id = newLocal(name.text, local.type, start: start, end: start + name.text.utf8.count)
    if local.isOwn || local.storage == nil && local.id.contains(".") && !isVariable && local.local == nil {
      // Another name for self, or for a lock, queue or object that has a name already.
      if !local.isOwn, isObject { local.local = nil }
    } else {
      local.id = "local \(name.text)#\(id)"
      local.local = id
      local.localOrder = order
      local.isForeign = false
    }
    local.storage = nil
    if isVariable {
      switch local.type {
      case .collection: local.storage = .local(id)
      case .named(let type) where index.holdsCollection(type): local.storage = .local(id)
      default: break
      }
    }
    bind(name.text, local)
  }

  private func ifExpression(_ node: IfExprSyntax) {
    var current: IfExprSyntax? = node
    var ends: [BodyContext] = []
    var hasElse = false
    let boundTo = context.boundTo
    // A chain of else-ifs is a loop here, so that a long one cannot exhaust the stack.
    while let branch = current {
      current = nil
      var afterConditions = context
      scoped {
        conditions(branch.conditions)
        afterConditions = context
        // A failed attempt at a lock does not hold it.
        afterConditions.held = afterConditions.held.filter {
          $0.kind != .lock || $0.scope <= 0 || !attempts.contains($0.scope)
        }
        block(branch.body.statements)
      }
      if !terminates(branch.body.statements) { ends.append(context) }
      context = afterConditions
      switch branch.elseBody {
      case .ifExpr(let next): current = next
      case .codeBlock(let last):
        hasElse = true
        block(last.statements)
        if !terminates(last.statements) { ends.append(context) }
      case nil: break
      }
    }
    if !hasElse { ends.append(context) }
    merge(ends)
    context.boundTo = boundTo
  }

  private func guardStatement(_ node: GuardStmtSyntax) {
    conditions(node.conditions)
    let after = context
    context.held.removeAll { attempts.contains($0.scope) }
    block(node.body.statements)
    context = after
  }

  private func forStatement(_ node: ForStmtSyntax) {
    expression(node.sequence)
    loop {
      scoped {
        shadow(node.pattern)
        if let condition = node.whereClause?.condition { expression(condition) }
        block(node.body.statements)
      }
    }
    // `for await` over a group or stream has waited for the work that it reads from.
    if node.awaitKeyword != nil { join() }
  }

  private func switchExpression(_ node: SwitchExprSyntax) {
    expression(node.subject)
    let before = context
    var ends: [BodyContext] = []
    for element in node.cases {
      guard case .switchCase(let branch) = element else {
        walk(Syntax(element))
        continue
      }
      context = before
      scoped {
        if case .case(let label) = branch.label {
          for item in label.caseItems {
            walk(Syntax(item.pattern))
            shadow(item.pattern)
            if let condition = item.whereClause?.condition { expression(condition) }
          }
        }
        for item in branch.statements { walk(Syntax(item)) }
      }
      if !terminates(branch.statements) { ends.append(context) }
    }
    context = before
    merge(ends)
  }

  private func doStatement(_ node: DoStmtSyntax) {
    let before = context
    block(node.body.statements)
    let after = context
    var ends = terminates(node.body.statements) ? [] : [after]
    for clause in node.catchClauses {
      context = before
      scoped {
        for item in clause.catchItems { if let pattern = item.pattern { shadow(pattern) } }
        block(clause.body.statements)
      }
      if !terminates(clause.body.statements) { ends.append(context) }
    }
    context = after
    merge(ends)
  }

  /// The conditions of `if`, `guard` and `while`.
  private func conditions(_ list: ConditionElementListSyntax) {
    for element in list {
      switch element.condition {
      case .expression(let inner): expression(inner)
      case .optionalBinding(let binding):
        let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier
        let saved = context.boundTo
        context.boundTo = name?.text ?? saved
        var value = Value.unknown("local")
        if let initializer = binding.initializer?.value {
          value = expression(initializer)
        } else if let name {
          // `if let x` reads `x`.
          value = readName(name)
        }
        context.boundTo = saved
        guard let name else {
          shadow(binding.pattern)
          continue
        }
        value.storage = nil
        bind(name.text, value)
      case .matchingPattern(let matching):
        expression(matching.initializer.value)
        shadow(matching.pattern)
      case .availability: break
      }
    }
  }

  func loop(_ body: () -> Void) {
    let id = facts.loops.count
    order += 1
    facts.loops.append(LoopSpan(id: id, start: order, end: Int.max))
    let before = context
    context.loops.append(id)
    body()
    order += 1
    facts.loops[id].end = order
    let after = context.held
    context = before
    // A guard that the loop releases may be free after it.
    context.held = context.held.intersection(after)
  }

  /// Merges branches: a guard is held, or released, when every branch that continues holds, or
  /// released, it.
  private func merge(_ ends: [BodyContext]) {
    guard let first = ends.first else { return }
    var merged = first
    for other in ends.dropFirst() {
      merged.held = merged.held.intersection(other.held)
      merged.released = merged.released.filter { other.released.contains($0) }
    }
    merged.frames = context.frames
    merged.loops = context.loops
    context = merged
  }

  /// True when a list of statements never reaches its end.
  private func terminates(_ items: CodeBlockItemListSyntax) -> Bool {
    guard let last = items.last else { return false }
    switch last.item {
    case .stmt(let statement):
      switch statement.kind {
      case .returnStmt, .throwStmt, .breakStmt, .continueStmt: return true
      case .expressionStmt: return false
      default: return false
      }
    case .expr(let inner):
      guard let call = inner.as(FunctionCallExprSyntax.self) else { return false }
      let name = call.calledExpression.trimmedDescription
      return name == "fatalError" || name == "preconditionFailure" || name == "exit" || name == "abort"
    case .decl: return false
    }
  }
}

#endif
