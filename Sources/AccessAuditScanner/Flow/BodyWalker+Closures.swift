// SPDX-License-Identifier: Apache-2.0
//
// Closures of a body: where each runs and which guards are held then. Tasks, threads, and the
// module's own helpers.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  // MARK: Walking

  /// Walks a closure as `mode` says.
  func walkClosure(_ closure: ClosureExprSyntax, _ mode: ClosureMode) {
    let attributes = closure.signature.map { attributeNames($0.attributes) } ?? []
    let actor = globalActor(attributes)
    captures(closure)
    switch mode {
    case .inline(let guards, let isLoop):
      let before = context
      context.held += guards
      if isLoop {
        loop { closureBody(closure) }
      } else {
        closureBody(closure)
      }
      let released = context.released
      context = before
      context.released = released
    case .elsewhere(let kind, let guards, let keepsIsolation, let isMain, let isParallelLoop):
      var all = guards
      if let actor { all.append(Guard(id: actor, kind: .isolation, isExclusive: true, scope: 0)) }
      frame(
        kind, guards: all, keepsIsolation: keepsIsolation && actor == nil, isMain: isMain || actor == "MainActor",
        isParallelLoop: isParallelLoop, at: closure
      ) { closureBody(closure) }
    case .stored:
      let before = context
      context.held = context.held.filter { $0.kind == .isolation || $0.kind == .implicit }
      if let actor { context.held.append(Guard(id: actor, kind: .isolation, isExclusive: true, scope: 0)) }
      context.isDetachedClosure = true
      context.boundTo = nil
      closureBody(closure)
      context = before
    }
  }

  /// Runs `body` as code of another thread.
  func frame(
    _ kind: FrameKind, guards: [Guard], keepsIsolation: Bool, isMain: Bool = false, isParallelLoop: Bool = false,
    at node: some SyntaxProtocol, _ body: () -> Void
  ) {
    let before = context
    let id = facts.frames.count
    order += 1
    facts.frames.append(
      ConcurrentFrame(
        id: id, kind: kind, start: order, end: Int.max, joined: nil, loops: context.loops,
        isParallelLoop: isParallelLoop, offset: node.positionAfterSkippingLeadingTrivia.utf8Offset, isMain: isMain,
        guards: guards.filter { $0.kind == .queue || $0.kind == .lock }.map(\.id)))
    context.held = (keepsIsolation ? context.held.filter { $0.kind == .isolation } : []) + guards
    context.frames.append(id)
    context.released = []
    context.boundTo = nil
    body()
    order += 1
    facts.frames[id].end = order
    context = before
  }

  private func closureBody(_ closure: ClosureExprSyntax) {
    depth += 1
    defer { depth -= 1 }
    guard depth < BodyWalker.maximumDepth else {
      facts.isTooDeep = true
      return
    }
    let given = firstParameter
    firstParameter = nil
    if namesSelf(closure), let owner = function.owner, let actor = index.isolation(of: owner) {
      // `(self) in`: the closure gets the actor itself, and runs on it.
      context.held.append(Guard(id: actor, kind: .isolation, isExclusive: true, scope: 0))
    }
    scoped {
      bindCaptures(closure)
      switch closure.signature?.parameterClause {
      case .simpleInput(let list):
        for (position, parameter) in list.enumerated() {
          let value = position == 0 ? given : nil
          bind(parameter.name.text, value ?? .unknown("local \(parameter.name.text)"))
        }
      case .parameterClause(let clause):
        for (position, parameter) in clause.parameters.enumerated() {
          let name = (parameter.secondName ?? parameter.firstName).text
          var value = Value.unknown("local \(name)")
          if let type = parameter.type { value.type = resolve(TypeNames.known(type)) }
          bind(name, position == 0 ? given ?? value : value)
        }
      case nil: bind("$0", given ?? .unknown("local $0"))
      }
      for item in closure.statements { walk(Syntax(item)) }
    }
  }

  /// True for a closure with a parameter `self`.
  private func namesSelf(_ closure: ClosureExprSyntax) -> Bool {
    switch closure.signature?.parameterClause {
    case .simpleInput(let list): list.first?.name.text == "self"
    case .parameterClause(let clause):
      clause.parameters.first.map { ($0.secondName ?? $0.firstName).text == "self" } ?? false
    case nil: false
    }
  }

  /// Captured values are read where the closure is made.
  private func captures(_ closure: ClosureExprSyntax) {
    for capture in closure.signature?.capture?.items ?? [] where capture.specifier == nil {
      if let initializer = capture.initializer?.value {
        expression(initializer)
      } else if capture.name.text != "self" {
        _ = readName(capture.name)
      }
    }
  }

  /// Inside the closure a captured value is a separate constant; `self` keeps its meaning.
  private func bindCaptures(_ closure: ClosureExprSyntax) {
    for capture in closure.signature?.capture?.items ?? [] where capture.name.text != "self" {
      var value = capture.initializer == nil ? named(capture.name.text) : .unknown("local \(capture.name.text)")
      if let initializer = capture.initializer?.value, initializer.trimmedDescription == "self" {
        value = named("self")
        value.type = function.owner.map { .named($0) } ?? .unknown
        value.isOwn = true
      }
      value.storage = nil
      bind(capture.name.text, value)
    }
  }

  /// Walks the arguments of a call; closures, and names of local code, as `mode` says for their
  /// position.
  func arguments(_ call: CallStep, skippingFirst: Bool = false, mode: (ArgumentSlot) -> ClosureMode) {
    for (position, argument) in call.arguments.enumerated() where !(skippingFirst && position == 0) {
      let slot = ArgumentSlot.labelled(argument.label?.text, position)
      if let closure = argument.expression.as(ClosureExprSyntax.self) {
        walkClosure(closure, mode(slot))
      } else if let name = argument.expression.as(DeclReferenceExprSyntax.self)?.baseName.text,
        let code = lookup(name)?.closure
      {
        markUsedAsCode(name)
        runLocal(code, mode(slot))
      } else {
        expression(argument.expression)
      }
    }
    if let trailing = call.trailing { walkClosure(trailing, mode(.trailing(nil))) }
    for element in call.additional { walkClosure(element.closure, mode(.trailing(element.label.text))) }
  }

  /// Runs a local closure, a local function, or a closure parameter.
  func runLocal(_ code: LocalCode, _ mode: ClosureMode) {
    inlinings += 1
    guard inlinings <= BodyWalker.maximumInlinings else { return }
    switch code {
    case .closure(let closure, _):
      let key = "closure \(closure.position.utf8Offset)"
      guard activeFunctions.insert(key).inserted else { return }
      walkClosure(closure, mode)
      activeFunctions.remove(key)
    case .function(let declaration):
      switch mode {
      case .inline(let guards, _):
        let before = context
        context.held += guards
        walkLocalFunction(declaration)
        context = before
      case .elsewhere(let kind, let guards, let keepsIsolation, let isMain, let isParallelLoop):
        frame(
          kind, guards: guards, keepsIsolation: keepsIsolation, isMain: isMain, isParallelLoop: isParallelLoop,
          at: declaration
        ) { walkLocalFunction(declaration) }
      case .stored: walkLocalFunction(declaration)
      }
    case .parameter(let position): parameterUse(position, mode)
    }
  }

  func walkLocalFunction(_ declaration: FunctionDeclSyntax) {
    let key = "function \(declaration.position.utf8Offset)"
    guard activeFunctions.insert(key).inserted, let body = declaration.body else { return }
    scoped {
      for parameter in declaration.signature.parameterClause.parameters {
        let name = (parameter.secondName ?? parameter.firstName).text
        bind(name, Value(type: resolve(TypeNames.known(parameter.type)), id: "local \(name)"))
      }
      for item in body.statements { walk(Syntax(item)) }
    }
    activeFunctions.remove(key)
  }

  private func parameterUse(_ position: Int, _ mode: ClosureMode) {
    var use = ParameterUse(parameter: position, held: context.held, frameKind: nil, isMain: false)
    if let last = context.frames.last {
      use.frameKind = facts.frames[last].kind
      use.isMain = facts.frames[last].isMain
    }
    switch mode {
    case .inline(let guards, _): use.held += guards
    case .elsewhere(let kind, let guards, _, let isMain, _):
      use.held = guards
      use.frameKind = kind
      use.isMain = isMain
    case .stored: return
    }
    facts.parameterUses.append(use)
  }

  // MARK: Tasks, threads

  /// `Task { }`, `Thread { }` and their like.
  func constructsConcurrency(_ name: String, _ call: CallStep) -> Value? {
    switch name {
    case "Task":
      arguments(call) { _ in
        .elsewhere(.task, guards: [], keepsIsolation: true, isMain: self.isOnMain, isParallelLoop: false)
      }
      return .unknown("Task()")
    case "Thread":
      arguments(call) { _ in
        .elsewhere(.thread, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return .unknown("Thread()")
    case "pthread_create":
      arguments(call) { _ in
        .elsewhere(.thread, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return .unknown(name)
    case "DispatchWorkItem", "BlockOperation":
      if let closure = call.trailing
        ?? call.arguments.lazy.compactMap({ $0.expression.as(ClosureExprSyntax.self) }).first
      {
        for argument in call.arguments where !argument.expression.is(ClosureExprSyntax.self) {
          expression(argument.expression)
        }
        var value = Value(type: .function, id: "\(name)()")
        value.closure = .closure(closure, .workItem)
        return value
      }
      return nil
    default: return nil
    }
  }

  var isOnMain: Bool { context.held.contains { $0.id == "MainActor" } }

  func taskMethod(_ name: String, of value: Value, _ call: CallStep) -> Value? {
    switch (value.id, name) {
    case ("Task", "detached"):
      arguments(call) { _ in
        .elsewhere(.detachedTask, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return .unknown("Task()")
    case ("Task", "immediate"), ("Task", "init"):
      arguments(call) { _ in
        .elsewhere(.task, guards: [], keepsIsolation: true, isMain: self.isOnMain, isParallelLoop: false)
      }
      return .unknown("Task()")
    case ("Thread", "detachNewThread"):
      arguments(call) { _ in
        .elsewhere(.thread, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return .unknown(name)
    default: break
    }
    if ConcurrencyVocabulary.childTasks.contains(name), name != "async", hasClosure(call) {
      arguments(call) { _ in
        .elsewhere(.childTask, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return .unknown(name)
    }
    if ConcurrencyVocabulary.completions.contains(name), hasClosure(call) {
      arguments(call) { _ in
        .elsewhere(
          .completion, guards: [Guard(id: "session \(value.id)", kind: .implicit, isExclusive: true, scope: 0)],
          keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return .unknown(name)
    }
    if let code = value.closure, name == "perform" || name == "start" {
      runLocal(code, .inline(adding: [], isLoop: false))
      return .unknown(name)
    }
    if LockVocabulary.joins.contains(name), !hasClosure(call) {
      arguments(call) { _ in .stored }
      join()
      return .unknown(name)
    }
    return nil
  }

  func taskGroup(_ call: CallStep) -> Value {
    taskGroupDepth += 1
    arguments(call) { _ in .inline(adding: [], isLoop: false) }
    taskGroupDepth -= 1
    join()
    return .unknown("withTaskGroup()")
  }
}

/// Which argument of a call a closure is.
enum ArgumentSlot {
  case labelled(String?, Int)
  case trailing(String?)

  var label: String? {
    switch self {
    case .labelled(let label, _): label
    case .trailing(let label): label
    }
  }
}

#endif
