// SPDX-License-Identifier: Apache-2.0
//
// Walks one body in the order of execution and records accesses and calls with the guards that
// protect them. Statements are in BodyWalker+Statements, expressions in +Expressions, calls in
// +Calls, closures in +Closures.

#if Scanner

import SwiftSyntax

/// Walks one body. Used once.
final class BodyWalker {
  /// Deeper nesting than this is not walked; the parser itself stops far earlier.
  static let maximumDepth = 900
  /// The limit on walks of named local code at its calls.
  static let maximumInlinings = 64

  let index: ModuleIndex
  let summaries: [Int: FunctionSummary]
  let function: FunctionDeclaration
  /// How the closures in the module's own properties run.
  let handlers: [Int: FunctionSummary.ParameterMode]
  /// Properties of operations that hold an object which many operations were given.
  let handedToMany: Set<String>
  var facts: BodyFacts
  var context = BodyContext()
  var scopes: [[String: LocalBinding]] = [[:]]
  var order = 0
  var nextScope = 1
  var depth = 0
  var inlinings = 0
  var activeFunctions: Set<String> = []
  var deferred: [[CodeBlockSyntax]] = []
  var taskGroupDepth = 0
  /// The end of the variable's name in the path that is being followed.
  var nameEnd = 0
  var isBareName = false
  /// The right side of the assignment being walked.
  var assigned: AssignedRange?
  /// True when the assignment being walked stores `nil`.
  var assignsNil = false
  /// Acquisitions that may have failed.
  var attempts: Set<Int> = []

  /// The value of the next closure's first parameter.
  var firstParameter: Value?

  init(
    index: ModuleIndex, summaries: [Int: FunctionSummary], function: FunctionDeclaration,
    handlers: [Int: FunctionSummary.ParameterMode] = [:], handedToMany: Set<String> = []
  ) {
    self.handedToMany = handedToMany
    self.handlers = handlers
    self.index = index
    self.summaries = summaries
    self.function = function
    facts = BodyFacts(function: function.id)
  }

  /// Walks the body.
  ///
  /// - Complexity: O(*n*) in the size of the body, times a bounded number of walks through local
  ///   functions.
  func run() -> BodyFacts {
    context.held = entryGuards()
    let entry = context.held
    for (position, parameter) in function.parameters.enumerated() {
      var value = Value(type: parameter.type, id: "parameter \(parameter.name)")
      value.isForeign = true
      if parameter.isFunction { value.closure = .parameter(position) }
      bind(parameter.name, value)
    }
    block(function.body, isTopLevel: function.kind == .topLevel)
    flushUnusedCode()
    facts.acquires = context.held.filter { now in now.kind == .lock && !entry.contains { $0.id == now.id } }
    facts.releases = context.released
    return facts
  }

  // MARK: Names

  /// A type that this body spells.
  func resolve(_ type: KnownType) -> KnownType { index.resolve(type, function.scope) }

  func bind(_ name: String, _ value: Value) { scopes[scopes.count - 1][name] = LocalBinding(value: value) }

  func lookup(_ name: String) -> Value? {
    for scope in scopes.reversed() { if let binding = scope[name] { return binding.value } }
    return nil
  }

  func markUsedAsCode(_ name: String) {
    for position in scopes.indices.reversed() where scopes[position][name] != nil {
      scopes[position][name]?.isUsedAsCode = true
      return
    }
  }

  func newLocal(_ name: String, _ type: KnownType, start: Int, end: Int) -> Int {
    let id = facts.locals.count
    order += 1
    facts.locals.append(
      LocalVariable(id: id, name: name, start: start, end: end, order: order, type: type, frames: context.frames))
    return id
  }

  /// Hides outer names behind those that a pattern binds.
  func shadow(_ pattern: PatternSyntax) {
    if let identifier = pattern.as(IdentifierPatternSyntax.self) {
      bind(identifier.identifier.text, .unknown("local \(identifier.identifier.text)"))
      return
    }
    for child in pattern.children(viewMode: .sourceAccurate) { shadowNames(child) }
  }

  private func shadowNames(_ node: Syntax) {
    if let identifier = node.as(IdentifierPatternSyntax.self) {
      bind(identifier.identifier.text, .unknown("local \(identifier.identifier.text)"))
      return
    }
    for child in node.children(viewMode: .sourceAccurate) { shadowNames(child) }
  }

  // MARK: Scopes

  func scoped(_ body: () -> Void) {
    scopes.append([:])
    deferred.append([])
    body()
    for block in (deferred.last ?? []).reversed() {
      deferred[deferred.count - 1].removeLast()
      scopes.append([:])
      for item in block.statements { walk(Syntax(item)) }
      scopes.removeLast()
    }
    deferred.removeLast()
    flushUnusedCode()
    scopes.removeLast()
  }

  /// Walks the local closures and functions that are never called here as stored code.
  private func flushUnusedCode() {
    guard let scope = scopes.last else { return }
    for (name, binding) in scope.sorted(by: { $0.key < $1.key }) where !binding.isUsedAsCode {
      guard let code = binding.value.closure else { continue }
      switch code {
      case .closure(let closure, let kind):
        scopes[scopes.count - 1][name]?.isUsedAsCode = true
        if kind == .workItem {
          walkClosure(
            closure, .elsewhere(.queue, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false))
        } else {
          walkClosure(closure, storedMode(closure))
        }
      case .function(let declaration):
        scopes[scopes.count - 1][name]?.isUsedAsCode = true
        walkLocalFunction(declaration)
      case .parameter: break
      }
    }
  }

  // MARK: Guards

  /// The guards that are held when the body starts.
  private func entryGuards() -> [Guard] {
    var guards: [Guard] = []
    if !function.isNonisolated {
      let fromType = function.owner.flatMap { index.isolation(of: $0) }
      let applies = !(function.isStatic && (fromType?.hasPrefix("actor ") ?? false))
      if let actor = function.globalActor ?? (applies ? fromType : nil) {
        guards.append(Guard(id: actor, kind: .isolation, isExclusive: true, scope: 0))
      }
    }
    if function.name == "urlSession" { guards.append(Agreements.delegateQueue) }
    let promises = LockVocabulary.promisesLock(function.name) || commentPromisesLock()
    if promises { guards.append(Guard(id: "promise", kind: .promise, isExclusive: true, scope: 0)) }
    return guards
  }

  /// True when a comment above the function says that the caller holds a lock.
  private func commentPromisesLock() -> Bool {
    guard function.kind == .function, let declaration = function.body.parent?.parent?.as(FunctionDeclSyntax.self)
    else {
      return false
    }
    for piece in declaration.leadingTrivia {
      switch piece {
      case .lineComment(let text), .blockComment(let text), .docLineComment(let text), .docBlockComment(let text):
        let lowered = text.lowercased()
        guard lowered.contains("lock") || lowered.contains("queue") else { continue }
        for word in [
          "must hold", "be held", "is held", "holding", "held by", "while locked", "lock held", "on the queue",
        ]
        where lowered.contains(word) { return true }
      default: break
      }
    }
    return false
  }

  func acquire(_ id: String, exclusive: Bool, kind: GuardKind = .lock) {
    facts.locked.insert(id)
    context.held.append(Guard(id: id, kind: kind, isExclusive: exclusive, scope: newScope()))
    context.released.removeAll { $0 == id }
  }

  func release(_ id: String) {
    if let position = context.held.lastIndex(where: { $0.id == id }) { context.held.remove(at: position) }
    context.released.append(id)
  }

  func newScope() -> Int {
    nextScope += 1
    return nextScope
  }

  /// Marks the end of all work that this context started.
  func join() {
    order += 1
    for position in facts.frames.indices where facts.frames[position].joined == nil {
      let frame = facts.frames[position]
      // Only frames that the waiting context started, or that those started.
      if frame.id >= 0, !context.frames.contains(frame.id) { facts.frames[position].joined = order }
    }
  }
}

#endif
