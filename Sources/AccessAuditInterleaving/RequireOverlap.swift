// SPDX-License-Identifier: Apache-2.0
//
// Searches for an overlap in the tester's code: repeats it until one is seen or the budget is
// spent.

public import AccessAudit
internal import Synchronization

#if AUDITED && canImport(Glibc)
internal import CAccessRecorder
#endif

/// Runs `body` until two accesses of it overlap and one of them writes, or the budget is spent.
///
/// Auditing is on meanwhile, with delays inside sampled accesses. Violations of the given kinds are
/// returned and are not issues of the test. Violations of other kinds are, as elsewhere.
///
/// - Parameters:
///   - kinds: The kinds to search for; all kinds when none is given.
///   - budget: The limits of the search.
///   - seed: Determines every random number of the search; without it, each search uses a different
///     one.
///   - delayMicroseconds: The longest delay put into sampled accesses; 0 for none.
///   - body: One attempt. It should make its own collection, start its threads with
///     ``withThreads(count:_:)``, and give them different phases with
///     ``OverlapAttempt/jitter(thread:atMost:)``.
/// - Throws: The error of `body`.
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

/// Runs `body` until two accesses of it overlap and one of them writes; throws an error when none
/// do.
///
/// For a test that must show a race, or that a tool finds it. See
/// ``repeatUntilOverlap(of:budget:seed:delayMicroseconds:_:)`` for the parameters.
///
/// - Returns: The violations of the attempt that found any.
/// - Throws: ``OverlapMissing`` with the seed when the budget is spent; the error of `body`.
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

/// The form of
/// ``requireOverlap(of:budget:seed:delayMicroseconds:_:)-(_,_,_,_,(OverlapAttempt)->Void)`` for
/// code that awaits.
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
/// `first` receives a trap: use it in a ``GatedKey``, or spring it in a closure that the collection
/// calls. The access is held until `second` has ended, or an overlap with it was detected.
///
/// - Throws: The error of `first`, otherwise the error of `second`.
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
      // When `first` makes no access, `second` begins when `first` has ended.
      defer { inside.open() }
      try first(trap)
    } else {
      defer { ended.open() }
      inside.wait(atMost: limit)
      try second.run()
    }
  }
}

/// The body that overlaps with the held access, and its thread.
private final class SecondParty: Sendable {
  private let body: @Sendable () throws -> Void
  private let threadID = Atomic<Int32>(0)

  init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

  func run() throws {
    #if AUDITED && canImport(Glibc)
    threadID.store(audit_thread_id(), ordering: .releasing)
    #endif
    try body()
  }

  /// Violations of other threads, in tests that run in parallel, do not count.
  var hasSeenViolation: Bool {
    let id = threadID.load(ordering: .acquiring)
    return id != 0 && AuditScopes.pendingReports(ofThread: id) > 0
  }
}

/// A search in progress.
private struct OverlapSearch {
  let scope: AuditScope
  private let kinds: Set<ViolationKind>
  private let budget: OverlapBudget
  private let seed: UInt64
  private let parent: UInt32
  private let begin = ContinuousClock().now
  private var attempts = 0
  private var pendingReports = AuditScopes.pendingReports
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
    let now = AuditScopes.pendingReports
    guard now != pendingReports else { return }
    pendingReports = now
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

  /// Closes the scope; violations of other kinds go to the test.
  mutating func end() {
    let rest = AuditScopes.close(scope).filter { !isWanted($0.violation) }
    AuditScopes.hand(rest, to: parent)
  }
}
