// SPDX-License-Identifier: Apache-2.0
//
// All accesses of one shared variable and the protection that they show. The rules read it; it
// makes no findings.

#if Scanner

import SwiftSyntax

/// One access with the guards, threads and function around it.
struct SharedAccess: Sendable {
  var record: AccessRecord
  var function: FunctionDeclaration
  /// The guards that are held in the body and by all its callers.
  var held: [Guard]
  var origins: Set<Origin>
  /// The innermost closure that runs on another thread than the main thread, if any.
  var frame: ConcurrentFrame?

  func holds(_ id: String) -> Bool { held.contains { $0.id == id || $0.kind == .promise } }
}

/// Two accesses that can overlap with at least one write.
struct Conflict: Sendable {
  var first: SharedAccess
  var second: SharedAccess
}

/// The degree of a variable's protection.
enum Protection: Sendable {
  /// The variable is not shared, or every two accesses exclude each other.
  case sufficient
  /// One guard is held at every access.
  case full(String)
  /// One guard is held at most accesses, or at all writes.
  case partial(String)
  /// No guard stands out.
  case none
}

/// A declared variable, its accesses after construction, and their protection.
struct VariableProfile: Sendable {
  let variable: VariableDeclaration
  let owner: TypeDeclaration?
  /// The actor that isolates the variable by its declaration.
  let isolation: String?
  let accesses: [SharedAccess]
  let protection: Protection
  /// Pairs that can overlap, unprotected; the first one is the one to show.
  let conflict: Conflict?
  /// The property wrapper around the collection, if any.
  let wrapper: String?
  /// A lock that is held around a global or static collection, though every object has a separate
  /// lock.
  let instanceGuard: String?

  var writes: [SharedAccess] { accesses.filter { $0.record.isWrite } }

  /// True for globals and static members.
  var isGlobal: Bool { variable.owner == nil || variable.isStatic }
}

/// Makes the profiles of a module.
struct ProfileBuilder {
  let index: ModuleIndex
  let bodies: [BodyFacts]
  let propagation: Propagation
  /// Types with an object in a global or static member.
  private let sharedTypes: Set<String>

  init(index: ModuleIndex, bodies: [BodyFacts], propagation: Propagation) {
    self.index = index
    self.bodies = bodies
    self.propagation = propagation
    sharedTypes = Set(
      index.variables.lazy.filter { $0.isStatic || $0.owner == nil }.compactMap {
        if case .named(let name) = $0.type { name } else { nil }
      })
  }

  /// - Complexity: O(*n* log *n*) in the number of accesses, and at most 40,000 pairs per
  ///   variable.
  func profiles() -> [VariableProfile] {
    var grouped: [Int: [SharedAccess]] = [:]
    for body in bodies {
      let function = index.functions[body.function]
      let environment = propagation.environments[body.function]
      for record in body.accesses {
        guard case .declared(let id) = record.variable else { continue }
        if isConstruction(record, function, environment, index.variables[id]) { continue }
        grouped[id, default: []].append(shared(record, body, function, environment))
      }
    }
    return grouped.keys.sorted().map { profile(index.variables[$0], grouped[$0] ?? []) }
  }

  private func shared(
    _ record: AccessRecord, _ body: BodyFacts, _ function: FunctionDeclaration, _ environment: BodyEnvironment
  ) -> SharedAccess {
    var held = record.held
    if record.frames.isEmpty {
      held += environment.held.filter { inherited in
        !held.contains { $0.id == inherited.id } && (!record.isDetachedClosure || inherited.kind == .isolation)
      }
    }
    let frame = record.frames.last.map { body.frames[$0] }.flatMap { $0.isMain ? nil : $0 }
    return SharedAccess(
      record: record, function: function, held: held, origins: propagation.origins(of: record), frame: frame)
  }

  /// True for an access that no other thread can overlap: in an initialiser of the object, or in
  /// its deinitialiser.
  private func isConstruction(
    _ record: AccessRecord, _ function: FunctionDeclaration, _ environment: BodyEnvironment,
    _ variable: VariableDeclaration
  ) -> Bool {
    guard record.frames.isEmpty, !record.isDetachedClosure, !variable.isStatic, variable.owner != nil else {
      return false
    }
    if environment.isInitializerOnly, !record.isForeign { return true }
    return (function.kind == .initializer || function.kind == .deinitializer) && !record.isForeign
  }

  private func profile(_ variable: VariableDeclaration, _ accesses: [SharedAccess]) -> VariableProfile {
    let owner = variable.owner.flatMap { index.type(named: $0) }
    var isolation = variable.globalActor
    if isolation == nil, !variable.isNonisolated, let name = variable.owner, let found = index.isolation(of: name),
      !(variable.isStatic && found.hasPrefix("actor "))
    {
      isolation = found
    }
    // The lock protects its state, regardless of the isolation of the lock itself.
    if case .lock = variable.type { isolation = nil }
    let known: Set<String> = ["Published", "MainActor", "Audited", "GuardedBy", "objc", "usableFromInline"]
    let wrapper = variable.attributes.first {
      ($0.unicodeScalars.first?.properties.isUppercase ?? false) && !known.contains($0) && !$0.hasSuffix("Actor")
    }
    guard variable.isStored else {
      // The accesses of a computed variable are those of its accessors, which are judged for
      // themselves.
      return VariableProfile(
        variable: variable, owner: owner, isolation: isolation, accesses: accesses, protection: .sufficient,
        conflict: nil, wrapper: wrapper, instanceGuard: nil)
    }
    let conflict = conflict(accesses.filter { !isInside($0, variable) })
    return VariableProfile(
      variable: variable, owner: owner, isolation: isolation, accesses: accesses,
      protection: protection(variable, accesses, isolation), conflict: conflict, wrapper: wrapper,
      instanceGuard: accesses.lazy.flatMap(\.held).first { isOfEachInstance($0, variable) }?.id)
  }

  /// True for an access on a queue that is the lazy variable itself: the variable exists.
  private func isInside(_ access: SharedAccess, _ variable: VariableDeclaration) -> Bool {
    guard variable.isLazy, case .queue = variable.type else { return false }
    return access.held.contains { $0.id == variable.symbol }
  }

  // MARK: Protection

  private func protection(
    _ variable: VariableDeclaration, _ accesses: [SharedAccess], _ isolation: String?
  ) -> Protection {
    let writes = accesses.filter { $0.record.isWrite }
    guard !writes.isEmpty || variable.isLazy else { return .sufficient }
    if let isolation {
      let outside = accesses.filter { !$0.holds(isolation) && !$0.record.isForeign }
      return outside.isEmpty ? .full(isolation) : .partial(isolation)
    }
    var counts: [String: (all: Int, writes: Int)] = [:]
    for access in accesses {
      var seen: Set<String> = []
      for lock in access.held where lock.kind == .lock || lock.kind == .queue {
        if isOfEachInstance(lock, variable) { continue }
        guard seen.insert(lock.id).inserted else { continue }
        counts[lock.id, default: (0, 0)].all += 1
        if access.record.isWrite { counts[lock.id]?.writes += 1 }
      }
    }
    if isLeftOnMain(accesses) { return .partial("MainActor") }
    // A variable is confined to an event loop when most of its accesses assert that they run on
    // one.
    let onLoop = accesses.filter { $0.held.contains { $0.kind == .implicit && $0.id == "eventloop" } }.count
    if onLoop * 2 >= accesses.count { return .sufficient }
    let promised = accesses.filter { $0.held.contains { $0.kind == .promise } }.count
    let order: ((key: String, value: (all: Int, writes: Int))) -> (Int, Int) = { ($0.value.all, $0.value.writes) }
    guard
      let best = counts.max(by: { left, right in
        order(left) == order(right) ? left.key > right.key : order(left) < order(right)
      })
    else {
      if promised == accesses.count { return .sufficient }
      return commonOther(accesses).map { .full($0) } ?? .none
    }
    if accesses.allSatisfy({ $0.holds(best.key) }) { return .full(best.key) }
    if let other = commonOther(accesses) { return .full(other) }
    if (best.value.all + promised) * 2 >= accesses.count { return .partial(best.key) }
    if !writes.isEmpty, writes.allSatisfy({ $0.holds(best.key) }) { return .partial(best.key) }
    return .none
  }

  /// True for a lock that every object makes for itself, around a collection that all objects
  /// share.
  private func isOfEachInstance(_ lock: Guard, _ variable: VariableDeclaration) -> Bool {
    guard variable.isStatic || variable.owner == nil, lock.kind == .lock || lock.kind == .queue,
      let dot = lock.id.lastIndex(of: "."), let owner = index.type(named: String(lock.id[..<dot])),
      owner.kind == .classType, !sharedTypes.contains(owner.name),
      let found = index.variable(String(lock.id[lock.id.index(after: dot)...]), in: owner.name)
    else { return false }
    return !found.isStatic && found.initializer?.is(FunctionCallExprSyntax.self) ?? false
  }

  /// True when three or more functions do nothing but go to the main queue for the collection,
  /// and few accesses are elsewhere. Fewer prove nothing: a function that is always called on the
  /// main thread looks the same.
  private func isLeftOnMain(_ accesses: [SharedAccess]) -> Bool {
    let outside = accesses.filter { !$0.holds("MainActor") }
    guard !outside.isEmpty, outside.count * 3 <= accesses.count,
      outside.allSatisfy({ $0.held.isEmpty && $0.frame == nil })
    else { return false }
    let goers = Set(accesses.lazy.filter { $0.holds("MainActor") && goesToMain($0.function) }.map(\.record.function))
    return goers.count >= 3
  }

  private func goesToMain(_ function: FunctionDeclaration) -> Bool {
    guard function.body.count == 1, let only = function.body.first else { return false }
    return only.trimmedDescription.hasPrefix("DispatchQueue.main.async")
  }

  /// An isolation or an unnamed serial context that all accesses share.
  private func commonOther(_ accesses: [SharedAccess]) -> String? {
    guard let first = accesses.first else { return nil }
    for lock in first.held where lock.kind == .isolation || lock.kind == .implicit {
      if accesses.allSatisfy({ $0.holds(lock.id) }) { return lock.id }
    }
    return nil
  }

  // MARK: Conflicts

  private func conflict(_ accesses: [SharedAccess]) -> Conflict? {
    let limited = accesses.prefix(200)
    var best: (rank: Int, conflict: Conflict)?
    for (position, first) in limited.enumerated() {
      for second in limited[position...] {
        guard first.record.isWrite || second.record.isWrite || mutatesByReading(first) else { continue }
        guard !first.held.excludes(second.held, bothRead: false), mayOverlap(first, second) else { continue }
        // Preferred for display: the access in a closure first, a write before a read, two
        // different places.
        let (shown, other) = rank(first) >= rank(second) ? (first, second) : (second, first)
        let rank =
          rank(shown) * 4 + (other.record.start != shown.record.start ? 2 : 0) + (other.record.isWrite ? 1 : 0)
        if best.map({ $0.rank < rank }) ?? true { best = (rank, Conflict(first: shown, second: other)) }
      }
    }
    return best?.conflict
  }

  /// Reading a lazy variable may write it.
  private func mutatesByReading(_ access: SharedAccess) -> Bool {
    guard case .declared(let id) = access.record.variable else { return false }
    return index.variables[id].isLazy
  }

  private func rank(_ access: SharedAccess) -> Int { (access.record.isWrite ? 2 : 0) + (access.frame != nil ? 1 : 0) }

  private func mayOverlap(_ first: SharedAccess, _ second: SharedAccess) -> Bool {
    if first.record.function == second.record.function {
      let timing = BodyTiming(bodies[first.record.function])
      let left = Moment(order: first.record.order, frames: first.record.frames)
      let right = Moment(order: second.record.order, frames: second.record.frames)
      if !confined(first), timing.mayOverlap(left, right, declaredAt: 0, in: []) { return true }
    }
    for mine in first.origins {
      for theirs in second.origins where originsOverlap(mine, theirs, first, second) { return true }
    }
    return false
  }

  /// True for an access through a local object that only one thread uses.
  private func confined(_ access: SharedAccess) -> Bool {
    access.record.receiver != nil && access.origins == [.outside]
  }

  private func originsOverlap(_ mine: Origin, _ theirs: Origin, _ first: SharedAccess, _ second: SharedAccess) -> Bool {
    switch (mine, theirs) {
    case (.outside, .outside): return false
    case (.frame(let body, let frame), .outside):
      return outlives(body, frame, second) && !isGuardedByOwner(first, body, frame)
    case (.outside, .frame(let body, let frame)):
      return outlives(body, frame, first) && !isGuardedByOwner(second, body, frame)
    case (.frame(let body, let frame), .frame(let otherBody, let otherFrame)):
      if body == otherBody {
        let timing = BodyTiming(bodies[body])
        if frame == otherFrame { return timing.isRepeated(frame, 0) }
        let left = bodies[body].frames[frame]
        let right = bodies[body].frames[otherFrame]
        return timing.mayOverlap(
          Moment(order: left.start, frames: [frame]), Moment(order: right.start, frames: [otherFrame]), declaredAt: 0,
          in: [])
      }
      return bodies[body].frames[frame].joined == nil || bodies[otherBody].frames[otherFrame].joined == nil
    }
  }

  /// True when the access is reached by a call from work under a queue or lock of another type.
  /// That type guards the whole object, and this analysis cannot see the accesses that its users
  /// make.
  private func isGuardedByOwner(_ access: SharedAccess, _ body: Int, _ frame: Int) -> Bool {
    guard access.record.function != body, case .declared(let id) = access.record.variable else { return false }
    let owner = (index.variables[id].owner ?? "") + "."
    return bodies[body].frames[frame].guards.contains { !$0.hasPrefix(owner) }
  }

  /// True when a frame can still run while code outside its body accesses the variable.
  private func outlives(_ body: Int, _ frame: Int, _ other: SharedAccess) -> Bool {
    guard other.record.function != body else {
      // Same body: `BodyTiming` has compared the order of fork and join already, unless the body
      // runs twice.
      return other.record.order > bodies[body].frames[frame].end && bodies[body].frames[frame].joined == nil
    }
    return bodies[body].frames[frame].joined == nil
  }
}

#endif
