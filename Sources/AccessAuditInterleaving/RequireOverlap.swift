// SPDX-License-Identifier: Apache-2.0
//
// Searching for an overlap in the tester's own code: again and again, until one is seen or the budget is spent.

public import AccessAudit
internal import CAccessRecorder
internal import Synchronization

/// Runs `body` until two accesses of it overlap and one of them writes, or the budget is spent.
///
/// Auditing is on meanwhile, with delays inside sampled accesses. What is found of the given kinds is returned and is no
/// issue of the test; other kinds are the test's, as everywhere.
///
/// - Parameters:
///   - kinds: What to search for; none given: anything.
///   - budget: When to give up.
///   - seed: Decides every random number of the search; without one, another each time.
///   - delayMicroseconds: The longest delay put into sampled accesses; 0 for none.
///   - body: One attempt. It should make its own collection, start its threads with ``withThreads(count:_:)``, and give them
///     different phases with ``OverlapAttempt/jitter(thread:atMost:)``.
/// - Throws: What `body` throws.
/// - Blocking: as long as the attempts, beyond the budget by one at most.
public func repeatUntilOverlap(
  of kinds: ViolationKind..., budget: OverlapBudget = OverlapBudget(), seed: UInt64? = nil,
  delayMicroseconds: Int = 100, _ body: (OverlapAttempt) throws -> Void
) rethrows -> OverlapOutcome {
  var search = OverlapSearch(Set(kinds), budget, seed, delayMicroseconds)
  defer { search.end() }
  while let attempt = search.next() { try AuditScopes.carrying(search.scope.id) { try body(attempt) } }
  return search.outcome
}

/// Runs `body` until two accesses of it overlap and one of them writes; an error when that does not happen.
///
/// The form for a test that must show a race, or that a tool finds it. See
/// ``repeatUntilOverlap(of:budget:seed:delayMicroseconds:_:)`` for the parameters.
///
/// - Returns: The violations of the attempt that found any.
/// - Throws: ``OverlapMissing`` with the seed when the budget is spent; what `body` throws.
/// - Blocking: as long as the attempts.
@discardableResult
public func requireOverlap(
  of kinds: ViolationKind..., budget: OverlapBudget = OverlapBudget(), seed: UInt64? = nil,
  delayMicroseconds: Int = 100, _ body: (OverlapAttempt) throws -> Void
) throws -> [Violation] {
  var search = OverlapSearch(Set(kinds), budget, seed, delayMicroseconds)
  defer { search.end() }
  while let attempt = search.next() { try AuditScopes.carrying(search.scope.id) { try body(attempt) } }
  return try search.required()
}

/// The form of ``requireOverlap(of:budget:seed:delayMicroseconds:_:)-(_,_,_,_,(OverlapAttempt)->Void)`` for code that awaits.
@discardableResult
public func requireOverlap(
  of kinds: ViolationKind..., budget: OverlapBudget = OverlapBudget(), seed: UInt64? = nil,
  delayMicroseconds: Int = 100, isolation: isolated (any Actor)? = #isolation,
  _ body: (OverlapAttempt) async throws -> Void
) async throws -> [Violation] {
  var search = OverlapSearch(Set(kinds), budget, seed, delayMicroseconds)
  defer { search.end() }
  while let attempt = search.next() {
    try await AuditScopes.carrying(search.scope.id, isolation: isolation) { try await body(attempt) }
  }
  return try search.required()
}

/// Runs `first` on one thread, and `second` on another while the first is held inside an access.
///
/// `first` is given a trap: use it in a ``GatedKey``, or spring it in a closure that the collection calls. The access is
/// held until `second` has ended, or was seen to overlap with it.
///
/// - Throws: What the bodies throw, the first one's before the second's.
/// - Blocking: as long as the bodies; the access is held for `limit` at most.
public func withAccessHeld(
  atMost limit: Duration = .seconds(10), first: @escaping @Sendable (AccessTrap) throws -> Void,
  second: @escaping @Sendable () throws -> Void
) throws {
  let trap = AccessTrap()
  let inside = StartGate()
  let ended = StartGate()
  let second = SecondParty(second)
  trap.arm {
    inside.open()
    _ = BoundedWait.until(limit) { ended.isOpen || second.hasSeenViolation }
  }
  try withThreads(count: 2) { thread in
    if thread == 0 {
      // Without an access nothing holds: the second goes on when the first has ended.
      defer { inside.open() }
      try first(trap)
    } else {
      defer { ended.open() }
      inside.wait(atMost: limit)
      try second.run()
    }
  }
}

/// The body that runs into the held access, and its thread.
private final class SecondParty: Sendable {
  private let body: @Sendable () throws -> Void
  private let threadID = Atomic<Int32>(0)

  init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

  func run() throws {
    threadID.store(audit_thread_id(), ordering: .releasing)
    try body()
  }

  /// Other threads' violations, in tests that run in parallel, do not count.
  var hasSeenViolation: Bool {
    let id = threadID.load(ordering: .acquiring)
    return id != 0 && AuditScopes.sightings(ofThread: id) > 0
  }
}

/// A search that is going on.
private struct OverlapSearch {
  let scope: AuditScope
  private let kinds: Set<ViolationKind>
  private let budget: OverlapBudget
  private let seed: UInt64
  private let parent: UInt32
  private let begin = ContinuousClock().now
  private var attempts = 0
  private var sightings = AuditScopes.sightings
  private var found: [Violation] = []
  private var finished: Duration?

  init(_ kinds: Set<ViolationKind>, _ budget: OverlapBudget, _ seed: UInt64?, _ delayMicroseconds: Int) {
    self.kinds = kinds
    self.budget = budget
    self.seed = seed ?? UInt64.random(in: 0 ... .max)
    parent = AuditScopes.context
    scope = AuditScopes.open(options: ScopeOptions(delayMicroseconds: delayMicroseconds))
  }

  /// The next attempt; `nil` when an overlap was found or the budget is spent.
  mutating func next() -> OverlapAttempt? {
    look()
    let elapsed = ContinuousClock().now - begin
    guard found.isEmpty, attempts < budget.attempts, attempts == 0 || elapsed < budget.time else {
      finished = elapsed
      return nil
    }
    defer { attempts += 1 }
    return OverlapAttempt(number: attempts, seed: seed)
  }

  private mutating func look() {
    let now = AuditScopes.sightings
    guard now != sightings else { return }
    sightings = now
    AccessAudit.flush()
    found = AuditScopes.found(in: scope).map(\.violation).filter(isWanted)
  }

  private func isWanted(_ violation: Violation) -> Bool { kinds.isEmpty || kinds.contains(violation.kind) }

  var outcome: OverlapOutcome {
    OverlapOutcome(
      violations: found, attempts: attempts, elapsed: finished ?? ContinuousClock().now - begin, seed: seed)
  }

  func required() throws -> [Violation] {
    guard found.isEmpty else { return found }
    throw OverlapMissing(kinds: kinds, attempts: attempts, elapsed: outcome.elapsed, seed: seed)
  }

  /// Closes the scope; what was not searched for goes to the test.
  mutating func end() {
    let rest = AuditScopes.close(scope).filter { !isWanted($0.violation) }
    AuditScopes.hand(rest, to: parent)
  }
}
