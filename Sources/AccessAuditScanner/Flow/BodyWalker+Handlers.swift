// SPDX-License-Identifier: Apache-2.0
//
// Closures that are stored in properties: where they are called, and how they run. The names are in
// the folder Protection.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  /// Records a call of the closure that a property of the module stores.
  func handlerCall(_ variable: Int) {
    facts.handlerCalls.append(HandlerCall(variable: variable, held: context.held, frames: context.frames))
  }

  /// How a closure that is assigned to `target` runs. A handler of the system runs elsewhere, a
  /// handler of the module as the module calls it; for an unknown type, the name decides.
  func assignedMode(_ closure: ClosureExprSyntax, to target: ExprSyntax) -> ClosureMode {
    guard let member = target.as(MemberAccessExprSyntax.self), let base = member.base else {
      return storedMode(closure)
    }
    let name = member.declName.baseName.text
    let owner = owner(of: base)
    if let owner, let variable = index.variable(name, in: owner) {
      facts.storedHandlers.insert(variable.id)
      guard case .elsewhere(let kind, let guards, let isMain)? = handlers[variable.id] else {
        return storedMode(closure)
      }
      return .elsewhere(
        kind == .queue ? .forwarded : kind,
        guards: guards.map { Guard(id: $0.id, kind: $0.kind, isExclusive: $0.isExclusive, scope: newScope()) },
        keepsIsolation: false, isMain: isMain, isParallelLoop: false)
    }
    if ConcurrencyVocabulary.systemHandlers.contains(name) {
      return .elsewhere(.completion, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
    }
    return storedMode(closure)
  }

  /// The module's type of the expression's value, when the expression is a plain path of names.
  private func owner(of base: ExprSyntax) -> String? {
    var value: Value
    let path = AccessPath(base)
    switch path.root {
    case .own: value = named("self")
    case .name(let name): value = named(name)
    case .implicitMember, .other: return nil
    }
    if case .own = path.root, let owner = function.owner { value.type = .named(owner) }
    for step in path.steps {
      switch step {
      case .unwrap: continue
      case .member(let name):
        guard case .named(let owner) = value.type, let variable = index.variable(name, in: owner) else { return nil }
        value.type = variable.type
      case .call, .subscripted: return nil
      }
    }
    guard case .named(let owner) = value.type, index.type(named: owner) != nil else { return nil }
    return owner
  }
}

/// How the module calls the closures in its properties, derived from all calls of all bodies.
enum HandlerModes {
  /// The properties whose closures are called on another thread, with the guards that are held at
  /// every such call.
  ///
  /// - Complexity: O(*n*) in the number of calls.
  static func modes(_ bodies: [BodyFacts], _ propagation: Propagation) -> [Int: FunctionSummary.ParameterMode] {
    var modes: [Int: FunctionSummary.ParameterMode] = [:]
    for body in bodies {
      for call in body.handlerCalls {
        guard let kind = kind(of: call, body, bodies, propagation) else { continue }
        var held = call.held.filter { $0.kind == .lock || $0.kind == .queue }
        if case .elsewhere(_, let others, _)? = modes[call.variable] { held = others.intersection(held) }
        modes[call.variable] = .elsewhere(kind, held, isMain: false)
      }
    }
    return modes
  }

  /// The kind of frame that runs the call on another thread. `nil` for a call on the thread of
  /// the body's callers, on the main thread, and in work that its starter waits for.
  private static func kind(
    of call: HandlerCall, _ body: BodyFacts, _ bodies: [BodyFacts], _ propagation: Propagation
  ) -> FrameKind? {
    if call.held.contains(where: { $0.kind == .isolation || $0.kind == .promise || $0.kind == .implicit }) {
      return nil
    }
    func kind(_ frame: ConcurrentFrame) -> FrameKind? { frame.isMain || frame.joined != nil ? nil : frame.kind }
    if let last = call.frames.last { return kind(body.frames[last]) }
    for case .frame(let other, let frame) in propagation.environments[body.function].origins.sorted() {
      if let found = kind(bodies[other].frames[frame]) { return found }
    }
    return nil
  }
}

extension Set<Origin> {
  /// The origins in a fixed order, so that two scans of the same sources give the same result.
  fileprivate func sorted() -> [Origin] {
    sorted { left, right in
      switch (left, right) {
      case (.frame(let body, let frame), .frame(let otherBody, let otherFrame)):
        (body, frame) < (otherBody, otherFrame)
      case (.outside, .frame): true
      default: false
      }
    }
  }
}

#endif
