// SPDX-License-Identifier: Apache-2.0
//
// Propagates guards and threads across the calls of a module: the guards that every caller holds,
// and the threads a body can run on.

#if Scanner

/// A thread of execution that a body can run on.
enum Origin: Hashable, Sendable {
  /// Callers outside the module, and the main thread.
  case outside
  /// A closure that runs elsewhere: body and number of the frame.
  case frame(Int, Int)
}

/// The facts about a body that follow from its callers.
struct BodyEnvironment: Sendable {
  /// The guards that every caller holds.
  var held: [Guard] = []
  var origins: Set<Origin> = []
  /// True when only initialisers of its type call it.
  var isInitializerOnly = false
}

/// The environments of all bodies of a module.
struct Propagation {
  private(set) var environments: [BodyEnvironment]
  private let index: ModuleIndex
  private let bodies: [BodyFacts]
  private var sites: [[Site]]

  private struct Site {
    var caller: Int
    var call: CallRecord
  }

  /// Propagates to a fixed point, in a bounded number of rounds.
  ///
  /// - Complexity: O(*n*) in the number of calls, times at most 12 rounds.
  init(index: ModuleIndex, bodies: [BodyFacts]) {
    self.index = index
    self.bodies = bodies
    environments = Array(repeating: BodyEnvironment(), count: index.functions.count)
    sites = Array(repeating: [], count: index.functions.count)
    for body in bodies {
      for call in body.calls { sites[call.callee].append(Site(caller: body.function, call: call)) }
    }
    propagateHeld()
    propagateOrigins()
  }

  private func isEntryPoint(_ function: FunctionDeclaration) -> Bool {
    if function.isPublic || function.isOverride || sites[function.id].isEmpty { return true }
    switch function.kind {
    case .initializer, .deinitializer, .topLevel: return true
    default: return false
    }
  }

  private func isConstruction(_ site: Site, of callee: FunctionDeclaration) -> Bool {
    let caller = index.functions[site.caller]
    return caller.kind == .initializer && caller.owner == callee.owner && site.call.frames.isEmpty
  }

  private mutating func propagateHeld() {
    // `nil` stands for "every guard": no call without one is known yet.
    var held: [[Guard]?] = Array(repeating: nil, count: index.functions.count)
    for function in index.functions {
      if isEntryPoint(function) { held[function.id] = [] }
      let relevant = sites[function.id].filter { !isConstruction($0, of: function) }
      if relevant.isEmpty, !sites[function.id].isEmpty, !function.isPublic {
        environments[function.id].isInitializerOnly = true
      }
    }
    for _ in 0..<8 {
      var changed = false
      for function in index.functions where !isEntryPoint(function) {
        var result: [Guard]?
        for site in sites[function.id] where !isConstruction(site, of: function) {
          guard let callers = held[site.caller] else { continue }
          var here = site.call.held
          if site.call.frames.isEmpty { here += callers }
          result = result.map { $0.intersection(here) } ?? here
        }
        guard let result else { continue }
        if held[function.id].map({ $0 != result }) ?? true {
          held[function.id] = result
          changed = true
        }
      }
      if !changed { break }
    }
    for position in held.indices { environments[position].held = held[position] ?? [] }
  }

  private mutating func propagateOrigins() {
    for function in index.functions where isEntryPoint(function) { environments[function.id].origins = [.outside] }
    for _ in 0..<12 {
      var changed = false
      for function in index.functions {
        var origins = environments[function.id].origins
        let before = origins.count
        for site in sites[function.id] where !isConstruction(site, of: function) {
          origins.formUnion(self.origins(of: site))
        }
        if origins.count != before {
          environments[function.id].origins = origins
          changed = true
        }
      }
      if !changed { break }
    }
  }

  /// The threads that a call site runs on, for the object that is called.
  private func origins(of site: Site) -> Set<Origin> {
    origins(
      body: bodies[site.caller], frames: site.call.frames, receiver: site.call.receiver, order: site.call.order,
      loops: site.call.loops)
  }

  /// The threads that an access runs on, for the object that holds the variable.
  func origins(of access: AccessRecord) -> Set<Origin> {
    origins(
      body: bodies[access.function], frames: access.frames, receiver: access.receiver, order: access.order,
      loops: access.loops)
  }

  private func origins(body: BodyFacts, frames: [Int], receiver: Int?, order: Int, loops: [Int]) -> Set<Origin> {
    guard let last = frames.last else { return environments[body.function].origins }
    if body.frames[last].isMain { return [.outside] }
    if let receiver, receiver < body.locals.count, !isShared(receiver, in: body) { return [.outside] }
    return [.frame(body.function, last)]
  }

  /// True when two threads use a local object at once.
  private func isShared(_ local: Int, in body: BodyFacts) -> Bool {
    let declared = body.locals[local]
    let timing = BodyTiming(body)
    var uses: [Moment] = body.calls.filter { $0.receiver == local }.map { Moment(order: $0.order, frames: $0.frames) }
    uses += body.accesses.filter { $0.receiver == local }.map { Moment(order: $0.order, frames: $0.frames) }
    for (position, first) in uses.enumerated() {
      for second in uses[position...]
      where timing.mayOverlap(first, second, declaredAt: declared.order, in: declared.frames) {
        return true
      }
    }
    return false
  }
}

#endif
