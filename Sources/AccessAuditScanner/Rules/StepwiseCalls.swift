// SPDX-License-Identifier: Apache-2.0
//
// The part of `check-then-act` for calls: a locked look-up by one method, a locked store by
// another.

#if Scanner

/// Pairs of calls that should be one step.
struct StepwiseCalls {
  /// The access that a method makes under a lock it takes itself, for a key that is one of its
  /// parameters.
  private struct Effect {
    var variable: Int
    var isWrite: Bool
    var parameter: Int
    var lock: String
  }

  private let context: RuleContext
  private let profiles: [Int: VariableProfile]
  private var effects: [Int: Effect] = [:]

  init(_ context: RuleContext) {
    self.context = context
    profiles = Dictionary(uniqueKeysWithValues: context.profiles.map { ($0.variable.id, $0) })
    for body in context.bodies { effects[body.function] = effect(of: body) }
  }

  /// - Complexity: O(*n*) in the number of calls, squared within one body for calls that lock.
  func findings() -> [Finding] {
    context.bodies.compactMap { body in
      let calls = body.calls.filter { effects[$0.callee] != nil }
      guard calls.count > 1 else { return nil }
      for write in calls {
        guard let stored = effects[write.callee], stored.isWrite else { continue }
        for read in calls where read.order < write.order {
          guard let looked = effects[read.callee], !looked.isWrite, looked.variable == stored.variable,
            looked.lock == stored.lock, sameKey(read, looked, write, stored), read.frames == write.frames,
            read.receiverID == write.receiverID, !isOneStep(read, write, stored.lock, body)
          else { continue }
          return finding(body, read, write, stored)
        }
      }
      return nil
    }
  }

  /// The body's only access to a collection, when it is one look-up or one plain store under a
  /// lock that the body takes.
  private func effect(of body: BodyFacts) -> Effect? {
    let function = context.index.functions[body.function]
    guard function.kind == .function, body.accesses.count == 1, let access = body.accesses.first,
      access.frames.isEmpty,
      case .declared(let variable) = access.variable,
      access.operation == "subscript" || access.operation == "updateValue",
      let lock = access.held.first(where: { $0.scope > 0 && ($0.kind == .lock || $0.kind == .queue) }),
      let key = access.key,
      let parameter = function.parameters.firstIndex(where: { $0.name == key })
    else { return nil }
    if access.isWrite, access.isCompound, access.operation == "subscript" { return nil }
    return Effect(variable: variable, isWrite: access.isWrite, parameter: parameter, lock: lock.id)
  }

  private func sameKey(_ read: CallRecord, _ looked: Effect, _ write: CallRecord, _ stored: Effect) -> Bool {
    guard looked.parameter < read.arguments.count, stored.parameter < write.arguments.count else { return false }
    return read.arguments[looked.parameter] == write.arguments[stored.parameter]
  }

  /// True when the lock, or another guard, is held around both calls.
  private func isOneStep(_ read: CallRecord, _ write: CallRecord, _ lock: String, _ body: BodyFacts) -> Bool {
    if !context.propagation.environments[body.function].held.isEmpty { return true }
    return read.held.contains { mine in
      mine.isExclusive && write.held.contains { $0.id == mine.id && $0.scope == mine.scope }
    }
  }

  private func finding(_ body: BodyFacts, _ read: CallRecord, _ write: CallRecord, _ effect: Effect) -> Finding? {
    guard let profile = profiles[effect.variable] else { return nil }
    let function = context.index.functions[body.function]
    let source = context.sources[function.file]
    let writer = context.index.functions[write.callee].name
    let reader = context.index.functions[read.callee].name
    return Finding(
      rule: CheckThenAct.descriptor.id, severity: CheckThenAct.descriptor.severity,
      message:
        "'\(writer)' stores into '\(profile.variable.symbol)' what was decided after '\(reader)' looked, under two "
        + "holds of '\(context.guardName(effect.lock))'",
      symbol: profile.variable.symbol, function: function.symbol,
      place: source.place(write.start, write.start + writer.utf8.count),
      related: [
        RelatedPlace(place: source.place(read.start, read.start + reader.utf8.count), label: "looked up here"),
        RelatedPlace(place: context.declaration(of: profile.variable), label: "declared here"),
      ], fingerprint: "")
  }
}

#endif
