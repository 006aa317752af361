// SPDX-License-Identifier: Apache-2.0
//
// Calls of the module's own functions: the choice of the overload, and the effects that its summary
// gives.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  /// A call of one of the module's functions.
  func moduleCall(_ candidates: [FunctionDeclaration], on receiver: Value, _ step: CallStep) -> Value {
    let callee = choose(candidates, step)
    let summary = summaries[callee.id].map { specialise($0, callee, receiver, step) }
    let start = step.node.positionAfterSkippingLeadingTrivia.utf8Offset
    arguments(step) { slot in self.mode(of: slot, callee, summary) }
    call(callee, on: receiver, start, arguments: step.arguments.prefix(2).map { keyText($0.expression) })
    if let summary {
      for lock in summary.acquires { acquire(lock.id, exclusive: lock.isExclusive) }
      for lock in summary.releases where context.held.contains(where: { $0.id == lock }) { release(lock) }
    }
    return .unknown("\(receiver.id).\(callee.name)()")
  }

  /// The summary with the callee's own lock and its parameters replaced by the values at this
  /// call.
  private func specialise(
    _ summary: FunctionSummary, _ callee: FunctionDeclaration, _ receiver: Value, _ step: CallStep
  ) -> FunctionSummary {
    func here(_ id: String) -> String {
      if id == FunctionSummary.ownLock { return receiver.id }
      guard id.hasPrefix("parameter ") else { return id }
      let name = id.dropFirst("parameter ".count)
      guard let position = callee.parameters.firstIndex(where: { $0.name == name }) else { return id }
      let arguments = Array(step.arguments)
      return position < arguments.count ? expression(arguments[position].expression).id : id
    }
    func here(_ guards: [Guard]) -> [Guard] {
      guards.map { lock in
        var lock = lock
        lock.id = here(lock.id)
        return lock
      }
    }
    var result = summary
    result.acquires = here(summary.acquires)
    result.releases = summary.releases.map { here($0) }
    result.parameters = summary.parameters.mapValues { mode in
      switch mode {
      case .inline(let guards): .inline(here(guards))
      case .elsewhere(let kind, let guards, let isMain): .elsewhere(kind, here(guards), isMain: isMain)
      case .stored: .stored
      }
    }
    return result
  }

  /// Records a call.
  func call(_ callee: FunctionDeclaration, on receiver: Value, _ start: Int, arguments: [String] = []) {
    let before = context
    if receiver.isHandedToMany { enterOneOfMany(start) }
    defer { if receiver.isHandedToMany { leaveOneOfMany(before) } }
    order += 1
    facts.calls.append(
      CallRecord(
        callee: callee.id, held: context.held, frames: context.frames, order: order, loops: context.loops,
        start: start,
        receiver: receiver.local, receiverID: receiver.id, arguments: arguments))
  }

  /// The overload whose labels the call uses; the first when none fits.
  private func choose(_ candidates: [FunctionDeclaration], _ step: CallStep) -> FunctionDeclaration {
    guard candidates.count > 1 else { return candidates[0] }
    let labels = step.arguments.map { $0.label?.text ?? "_" }
    let closures = (step.trailing == nil ? 0 : 1) + step.additional.count
    let fitting = candidates.filter { candidate in
      let own = candidate.parameters.map(\.label)
      guard labels.count + closures <= own.count else { return false }
      var position = 0
      for label in labels {
        guard let found = own[position...].firstIndex(of: label) else { return false }
        position = found + 1
      }
      return true
    }
    return fitting.min { $0.parameters.count < $1.parameters.count } ?? candidates[0]
  }

  /// How the callee runs the closure in that argument.
  private func mode(
    of slot: ArgumentSlot, _ callee: FunctionDeclaration, _ summary: FunctionSummary?
  ) -> ClosureMode {
    let position: Int?
    switch slot {
    case .labelled(let label, let argument):
      position = callee.parameters.firstIndex { $0.label == (label ?? "_") && $0.isFunction } ?? argument
    case .trailing(nil): position = callee.parameters.lastIndex { $0.isFunction }
    case .trailing(let label?): position = callee.parameters.firstIndex { $0.label == label }
    }
    guard let position, position < callee.parameters.count else { return .stored }
    let parameter = callee.parameters[position]
    switch summary?.parameters[position] {
    case .inline(let guards):
      return .inline(
        adding: guards.map { Guard(id: $0.id, kind: $0.kind, isExclusive: $0.isExclusive, scope: newScope()) },
        isLoop: false)
    case .elsewhere(let kind, let guards, let isMain):
      let fresh = guards.map { Guard(id: $0.id, kind: $0.kind, isExclusive: $0.isExclusive, scope: newScope()) }
      return .elsewhere(
        kind == .queue ? .forwarded : kind, guards: fresh, keepsIsolation: false, isMain: isMain,
        isParallelLoop: kind == .parallelLoop)
    case .stored, nil:
      if parameter.isSendable, parameter.isEscaping {
        return .elsewhere(.sendable, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
      }
      return parameter.isEscaping ? .stored : .inline(adding: [], isLoop: false)
    }
  }

  /// How an unknown function runs a closure: a completion handler elsewhere, anything else in
  /// place.
  func foreignMode(_ slot: ArgumentSlot, of name: String) -> ClosureMode {
    if let label = slot.label, ConcurrencyVocabulary.completionLabels.contains(label) {
      return .elsewhere(
        .completion, guards: completionGuards(), keepsIsolation: true, isMain: isOnMain, isParallelLoop: false)
    }
    if let first = name.unicodeScalars.first, first.properties.isUppercase { return .stored }
    return .inline(adding: [], isLoop: false)
  }

  /// The queue on which completions come back: the object's own, when it gives that queue to
  /// others.
  private func completionGuards() -> [Guard] {
    guard let owner = function.owner, let queue = index.handedQueue(of: owner) else { return [] }
    let isExclusive = queue.type != .queue(.concurrent)
    return [Guard(id: queue.symbol, kind: .queue, isExclusive: isExclusive, scope: newScope())]
  }

  /// How a closure that is no argument runs: elsewhere when it is marked `@Sendable`, otherwise
  /// stored.
  func storedMode(_ closure: ClosureExprSyntax) -> ClosureMode {
    let attributes = closure.signature.map { attributeNames($0.attributes) } ?? []
    if attributes.contains("Sendable") {
      return .elsewhere(.sendable, guards: [], keepsIsolation: false, isMain: false, isParallelLoop: false)
    }
    return .stored
  }
}

#endif
