// SPDX-License-Identifier: Apache-2.0
//
// Calls of a body: locks, queues, tasks and the module's own functions. The names are in the folder
// Protection.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  /// A call through a bare name: a local closure, a function, an initialiser.
  func freeCall(_ name: String, _ call: CallStep, constructs node: ExprSyntax) -> Value {
    if let local = lookup(name) {
      if let code = local.closure {
        arguments(call) { _ in .stored }
        markUsedAsCode(name)
        runLocal(code, .inline(adding: [], isLoop: false))
        return .unknown("\(name)()")
      }
      if let handler = local.handler { handlerCall(handler) }
    }
    if let action = LockVocabulary.functions[name], let first = call.arguments.first {
      let target: ExprSyntax
      if let address = first.expression.as(InOutExprSyntax.self) {
        target = address.expression
      } else {
        target = first.expression
      }
      let value = expression(target)
      apply(action, to: value.id, call)
      return .unknown(name)
    }
    if let value = constructsConcurrency(name, call) { return value }
    agree(name)
    if ["assert", "precondition", "dispatchPrecondition"].contains(name) {
      arguments(call) { _ in .inline(adding: [], isLoop: false) }
      promises(call)
      return .unknown(name)
    }
    if ConcurrencyVocabulary.taskGroups.contains(name) { return taskGroup(call) }
    if LockVocabulary.joins.contains(name), name != "wait" {
      arguments(call) { _ in .stored }
      join()
      return .unknown(name)
    }
    // The module's own functions and methods, then its types.
    if let owner = function.owner {
      let methods = index.functions(name, in: owner)
      if !methods.isEmpty {
        return moduleCall(methods, on: ownReceiver(), call)
      }
      if let variable = index.variable(name, in: owner), variable.type == .function { handlerCall(variable.id) }
    }
    let globals = index.globalFunctions(name)
    if !globals.isEmpty { return moduleCall(globals, on: .unknown(""), call) }
    if let action = LockVocabulary.methods[name], LockVocabulary.unmistakable.contains(name), function.owner != nil,
      index.type(named: name, from: function.scope) == nil
    {
      apply(action, to: FunctionSummary.ownLock, call)
      return .unknown(name)
    }
    if name == "synchronized", let first = call.arguments.first {
      let value = expression(first.expression)
      let lock = Guard(id: value.id, kind: .lock, isExclusive: true, scope: newScope())
      arguments(call, skippingFirst: true) { _ in .inline(adding: [lock], isLoop: false) }
      return .unknown(name)
    }
    if let type = index.type(named: name, from: function.scope) {
      handsOver(to: type, call)
      arguments(call) { self.foreignMode($0, of: name) }
      for initializer in index.functions("init", in: type.name).prefix(1) {
        self.call(initializer, on: .unknown(""), 0)
      }
      return Value(type: .named(type.name), id: "\(type.name)()")
    }
    arguments(call) { self.foreignMode($0, of: name) }
    return Value(type: resolve(TypeNames.known(ExprSyntax(call.node))), id: "\(name)()")
  }

  private func ownReceiver() -> Value {
    var value = Value(type: .named(function.owner ?? ""), id: "self", isMetatype: function.isStatic)
    value.isOwn = true
    return value
  }

  /// A call `value.name(…)`.
  func method(_ name: String, of value: Value, _ call: CallStep, _ start: Int, _ end: Int) -> Value {
    agree(name)
    if let result = lockMethod(name, of: value, call) { return result }
    if value.id == "DispatchSource", name.hasPrefix("make") { return dispatchSource(name, call) }
    if let result = queueMethod(name, of: value, call) { return result }
    if let result = extensionMethod(name, of: value, call) { return result }
    if let result = taskMethod(name, of: value, call) { return result }
    if case .named(let owner) = value.type {
      if name == "init" {
        arguments(call) { self.foreignMode($0, of: name) }
        return Value(type: value.type, id: "\(owner)()")
      }
      if value.isMetatype, let nested = index.type(named: "\(owner).\(name)") {
        arguments(call) { self.foreignMode($0, of: name) }
        return Value(type: .named(nested.name), id: "\(nested.name)()")
      }
      let methods = index.functions(name, in: owner)
      if !methods.isEmpty {
        touchValue(value, methods, name, call, start, end)
        return moduleCall(methods, on: value, call)
      }
      if let variable = index.variable(name, in: owner), variable.type == .function {
        arguments(call) { _ in .stored }
        handlerCall(variable.id)
        return .unknown("\(value.id).\(name)()")
      }
    }
    if value.id == "MainActor" || value.id.hasSuffix("Actor"), name == "run" || name == "assumeIsolated" {
      let main = Guard(id: value.id, kind: .isolation, isExclusive: true, scope: 0)
      arguments(call) { _ in .inline(adding: [main], isLoop: false) }
      return .unknown(name)
    }
    if name == "assumeIsolated" || name == "assertIsolated" || name == "preconditionIsolated" {
      let own = Guard(id: "actor \(value.id)", kind: .isolation, isExclusive: true, scope: 0)
      arguments(call) { _ in .inline(adding: [own], isLoop: false) }
      if name != "assumeIsolated" { context.held.append(own) }
      return .unknown(name)
    }
    if name.lowercased().contains("ineventloop") {
      context.held.append(Guard(id: "eventloop", kind: .implicit, isExclusive: true, scope: 0))
      return .unknown(name)
    }
    let isLoop = ConcurrencyVocabulary.loops.contains(name)
    arguments(call) { isLoop ? .inline(adding: [], isLoop: true) : self.foreignMode($0, of: name) }
    var result = Value.unknown("\(value.id).\(name)()")
    if value.isMetatype, value.type == .unknown {
      result.type = resolve(TypeNames.known(ExprSyntax(call.node)))
    }
    return result
  }

  /// A method of a struct that is stored in a watched variable reads or writes that variable.
  private func touchValue(
    _ value: Value, _ methods: [FunctionDeclaration], _ name: String, _ call: CallStep, _ start: Int, _ end: Int
  ) {
    guard case .named(let type) = value.type, value.storage != nil, index.holdsCollection(type) else { return }
    let isWrite = methods.contains { $0.isMutating }
    record(
      value, isWrite: isWrite, name, key: call.arguments.first.map { keyText($0.expression) }, start, end,
      isCompound: isWrite)
  }

  /// A method that the module adds to a lock or queue type of the system.
  private func extensionMethod(_ name: String, of value: Value, _ call: CallStep) -> Value? {
    let owners: Set<String>
    switch value.type {
    case .lock:
      owners = TypeNames.exclusiveLocks.union(TypeNames.readWriteLocks).union(["NSLocking", "DispatchSemaphore"])
    case .queue: owners = ["DispatchQueue"]
    case .operationQueue: owners = ["OperationQueue"]
    default: return nil
    }
    let methods = index.extensionFunctions(name, of: owners)
    return methods.isEmpty ? nil : moduleCall(methods, on: value, call)
  }

  // MARK: Locks

  private func lockMethod(_ name: String, of value: Value, _ call: CallStep) -> Value? {
    if case .lock(.semaphore(let permits)) = value.type {
      switch name {
      case "wait":
        arguments(call) { _ in .stored }
        if permits == 0 { join() } else { acquire(value.id, exclusive: permits == 1) }
        return .unknown("wait")
      case "signal":
        release(value.id)
        return .unknown("signal")
      default: return nil
      }
    }
    guard let action = LockVocabulary.action(name) else { return nil }
    if case .lock = value.type {
    } else {
      guard LockVocabulary.isUnmistakable(name), !value.isMetatype else { return nil }
      // The module's own method of that name takes precedence over the vocabulary.
      if case .named(let owner) = value.type, !index.functions(name, in: owner).isEmpty {
        guard index.type(named: owner)?.kind != .protocolType else { return nil }
        // The `lock` and `unlock` of a lock class of the module are those of the vocabulary.
        if case .scoped = action {
        } else {
          apply(action, to: value.id, call)
          return .unknown(name)
        }
      }
    }
    apply(action, to: value.id, call, content: value.content)
    return .unknown(name)
  }

  func apply(_ action: LockAction, to id: String, _ call: CallStep, content: LockContent? = nil) {
    switch action {
    case .acquire(let exclusive): acquire(id, exclusive: exclusive)
    case .release: release(id)
    case .attempt(let exclusive):
      acquire(id, exclusive: exclusive)
      if let scope = context.held.last?.scope { attempts.insert(scope) }
    case .scoped(let exclusive):
      let lock = Guard(id: id, kind: .lock, isExclusive: exclusive, scope: newScope())
      arguments(call) { _ in
        if let content {
          var value = Value(type: content.type, id: id)
          value.storage = .declared(content.variable)
          self.firstParameter = value
        }
        return .inline(adding: [lock], isLoop: false)
      }
      firstParameter = nil
    }
  }

  // MARK: Queues

  private func queueMethod(_ name: String, of value: Value, _ call: CallStep) -> Value? {
    if value.id == "DispatchQueue" {
      switch name {
      case "global":
        arguments(call) { _ in .stored }
        return Value(type: .queue(.global), id: "DispatchQueue.global")
      case "concurrentPerform":
        arguments(call) { _ in
          .elsewhere(.parallelLoop, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: true)
        }
        join()
        return .unknown(name)
      default: break
      }
    }
    if ConcurrencyVocabulary.sourceHandlers.contains(name) { return sourceHandler(value, call) }
    let isAsync = ConcurrencyVocabulary.asynchronous.contains(name)
    let isSync = ConcurrencyVocabulary.synchronous.contains(name)
    if Agreements.isSerial(value.id), ConcurrencyVocabulary.serializers.contains(name), hasClosure(call) {
      let serial = Guard(id: value.id, kind: .queue, isExclusive: true, scope: newScope())
      arguments(call) { _ in
        .elsewhere(.queue, guards: [serial], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return .unknown(name)
    }
    guard
      isAsync || isSync || ["notify", "addObserver"].contains(name) || ConcurrencyVocabulary.operations.contains(name)
    else {
      return eventLoopMethod(name, of: value, call)
    }
    if name == "notify" { return notify(call) }
    if name == "addObserver" { return observer(call) }
    if ConcurrencyVocabulary.operations.contains(name) { return operation(name, of: value, call) }
    var kind = QueueKind.unknown
    if case .queue(let known) = value.type {
      kind = known
    } else if case .named(let owner) = value.type, !index.functions(name, in: owner).isEmpty {
      return nil
    } else if !hasClosure(call) {
      return nil
    }
    let isBarrier = call.arguments.contains {
      $0.label?.text == "flags" && $0.expression.trimmedDescription.contains("barrier")
    }
    var guards: [Guard] = []
    switch kind {
    case .serial, .unknown: guards = [Guard(id: value.id, kind: .queue, isExclusive: true, scope: newScope())]
    case .concurrent: guards = [Guard(id: value.id, kind: .queue, isExclusive: isBarrier, scope: newScope())]
    case .main: guards = [Guard(id: "MainActor", kind: .isolation, isExclusive: true, scope: 0)]
    case .global: break
    }
    if isSync {
      arguments(call) { _ in .inline(adding: guards, isLoop: false) }
      // Earlier work of the queue has ended.
      if kind == .serial || isBarrier { join() }
      return .unknown(name)
    }
    arguments(call) { _ in
      .elsewhere(.queue, guards: guards, keepsIsolation: false, isMain: kind == .main, isParallelLoop: false)
    }
    return .unknown(name)
  }

  /// A group's closure runs when all work of the group has ended.
  private func notify(_ call: CallStep) -> Value {
    join()
    let text = call.arguments.first { $0.label?.text == "queue" }?.expression.trimmedDescription ?? ""
    let isMain = text.hasSuffix("main")
    let main = Guard(id: "MainActor", kind: .isolation, isExclusive: true, scope: 0)
    arguments(call) { _ in
      .elsewhere(.queue, guards: isMain ? [main] : [], keepsIsolation: false, isMain: isMain, isParallelLoop: false)
    }
    return .unknown("notify")
  }

  /// A dispatch source that is made with a queue.
  private func dispatchSource(_ name: String, _ call: CallStep) -> Value {
    arguments(call) { _ in .stored }
    var result = Value.unknown("DispatchSource.\(name)()")
    guard let queue = call.arguments.first(where: { $0.label?.text == "queue" })?.expression else { return result }
    let value = expression(queue)
    let text = queue.trimmedDescription
    if value.type == .queue(.main) || text == ".main" {
      result.sourceQueue = QueueWork(
        guards: [Guard(id: "MainActor", kind: .isolation, isExclusive: true, scope: 0)], isMain: true)
    } else if value.type == .queue(.global) || text.hasPrefix(".global") {
      result.sourceQueue = QueueWork(guards: [], isMain: false)
    } else if case .queue(let kind) = value.type {
      let isExclusive = kind != .concurrent
      result.sourceQueue = QueueWork(
        guards: [Guard(id: value.id, kind: .queue, isExclusive: isExclusive, scope: newScope())], isMain: false)
    }
    return result
  }

  /// The handler of a dispatch source runs on the source's queue, which its creation names.
  private func sourceHandler(_ source: Value, _ call: CallStep) -> Value {
    if let work = source.sourceQueue {
      arguments(call) { _ in
        .elsewhere(.queue, guards: work.guards, keepsIsolation: false, isMain: work.isMain, isParallelLoop: false)
      }
      return .unknown("handler")
    }
    let parts = source.id.split(separator: ".")
    var creation = ""
    if parts.count >= 2,
      let variable = index.variable(String(parts.last ?? ""), in: parts.dropLast().joined(separator: "."))
    {
      creation = variable.initializer?.trimmedDescription ?? ""
    }
    if creation.contains(".global(") {
      arguments(call) { _ in
        .elsewhere(.queue, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
    } else {
      arguments(call) { _ in .stored }
    }
    return .unknown("handler")
  }

  private func eventLoopMethod(_ name: String, of value: Value, _ call: CallStep) -> Value? {
    guard ConcurrencyVocabulary.eventLoop.contains(name), hasClosure(call) else { return nil }
    let lowered = value.id.lowercased()
    guard lowered.contains("loop") else { return nil }
    let loop = Guard(id: "eventloop", kind: .implicit, isExclusive: true, scope: 0)
    arguments(call) { _ in .inline(adding: [loop], isLoop: false) }
    return .unknown(name)
  }

  private func operation(_ name: String, of value: Value, _ call: CallStep) -> Value? {
    guard hasClosure(call) else { return nil }
    var guards = operationGuards(value)
    let isMain = value.id == "MainActor"
    if name == "addBarrierBlock" {
      guards = [Guard(id: value.id, kind: .queue, isExclusive: true, scope: newScope())]
    }
    arguments(call) { _ in
      .elsewhere(
        .operation, guards: guards, keepsIsolation: false, isMain: isMain, isParallelLoop: name == "addExecutionBlock"
      )
    }
    return .unknown(name)
  }

  /// The guards of work on an operation queue: the main thread, or the queue itself when it runs
  /// one operation at a time.
  private func operationGuards(_ queue: Value) -> [Guard] {
    // A session's delegate methods run on its delegate queue, one at a time.
    if queue.id.hasSuffix(".delegateQueue") { return [Agreements.delegateQueue] }
    if queue.id == "MainActor" { return [Guard(id: "MainActor", kind: .isolation, isExclusive: true, scope: 0)] }
    let simple = queue.id.split(separator: ".").last.map { $0.split(separator: "#")[0] }.map(String.init) ?? ""
    guard index.serialOperationQueues.contains(simple.replacingPrefix("local ", with: "")) else { return [] }
    return [Guard(id: queue.id, kind: .queue, isExclusive: true, scope: newScope())]
  }

  /// A notification block runs on the named queue or, without one, on the posting thread. A block
  /// on the main queue is assumed to be registered there too.
  private func observer(_ call: CallStep) -> Value? {
    guard let queue = call.arguments.first(where: { $0.label?.text == "queue" })?.expression, hasClosure(call) else {
      return nil
    }
    let text = queue.trimmedDescription
    if text != "nil", text != ".main" {
      let value = expression(queue)
      if value.id != "MainActor" {
        let guards = operationGuards(value)
        arguments(call) { _ in
          .elsewhere(.operation, guards: guards, keepsIsolation: false, isMain: false, isParallelLoop: false)
        }
        return .unknown("observer")
      }
    }
    arguments(call) { _ in .stored }
    return .unknown("observer")
  }

  func hasClosure(_ call: CallStep) -> Bool {
    if call.trailing != nil { return true }
    return call.arguments.contains { argument in
      if argument.expression.is(ClosureExprSyntax.self) { return true }
      if ["execute", "block", "body"].contains(argument.label?.text ?? "") { return true }
      guard let name = argument.expression.as(DeclReferenceExprSyntax.self)?.baseName.text else { return false }
      return lookup(name)?.closure != nil
    }
  }

  /// A call that checks the thread by its name.
  private func agree(_ name: String) {
    if Agreements.checksMainThread(name) {
      context.held.append(Guard(id: "MainActor", kind: .isolation, isExclusive: true, scope: 0))
    } else if Agreements.checksQueue(name) {
      context.held.append(Guard(id: "promise", kind: .promise, isExclusive: true, scope: 0))
    }
  }

  /// Preconditions that name the queue or thread they run on.
  private func promises(_ call: CallStep) {
    for argument in call.arguments {
      let text = argument.expression.trimmedDescription
      if text.contains("isMainThread") {
        context.held.append(Guard(id: "MainActor", kind: .isolation, isExclusive: true, scope: 0))
      } else if text.contains("inEventLoop") {
        context.held.append(Guard(id: "eventloop", kind: .implicit, isExclusive: true, scope: 0))
      } else if text.hasPrefix(".onQueue"), let inner = argument.expression.as(FunctionCallExprSyntax.self),
        let queue = inner.arguments.first
      {
        let value = expression(queue.expression)
        let id = value.type == .queue(.main) ? "MainActor" : value.id
        context.held.append(Guard(id: id, kind: .queue, isExclusive: true, scope: newScope()))
      }
    }
  }
}

extension String {
  /// The string with a leading `prefix` replaced by `other`.
  func replacingPrefix(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}

#endif
