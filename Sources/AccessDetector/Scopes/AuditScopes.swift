// SPDX-License-Identifier: Apache-2.0
//
// Scopes of tests: which test an access, a collection, a violation belongs to. Accesses come here
// on their slow paths only, and then take no lock.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

/// The scopes that tests open around themselves, so that each is told of its own violations.
///
/// A scope is carried by task-local value: child tasks, `Task {}` and threads that a scope's code
/// starts through this package's helpers have it; raw threads, queues and detached tasks do not,
/// and are told apart by call stack and by where the collection was created
/// (`ScopeTable.attribute`).
package enum AuditScopes {
  private struct State {
    var table = ScopeTable()
    var openCount = 0
    var nobodys: [UnattributedViolation] = []
    var nobodysRaces: Set<ScopeTable.Race> = []
    var droppedBefore: UInt64 = 0
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_SCOPES, isInherited: false) { State() }
  }
  private static var lastID: SharedWord<UInt32> { SharedWord(AUDIT_WORD_LAST_SCOPE) }
  /// Whether any scope was ever opened: programs without tests do not look further.
  private static var isInUse: SharedWord<Bool> { SharedWord(AUDIT_WORD_SCOPES_IN_USE) }
  /// The scope of what the main thread does outside tasks, where a test's framework has it begin
  /// and end in calls of their own; 0 is none.
  private static var mainThreadScope: SharedWord<UInt32> { SharedWord(AUDIT_WORD_MAIN_THREAD_SCOPE) }
  private static var abandoned: SharedWord<Int> { SharedWord(AUDIT_WORD_SCOPES_ABANDONED) }
  private static let current = TaskLocal<UInt32>(wrappedValue: 0)

  /// The scope of the calling task or thread; 0 is none.
  package static var context: UInt32 {
    guard isInUse.load(ordering: .relaxed) else { return 0 }
    let carried = current.get()
    if carried != 0 { return carried }
    let main = mainThreadScope.load(ordering: .relaxed)
    return main != 0 && ThreadIdentity.isMain ? main : 0
  }

  /// Opens a scope inside the calling task's one, and switches auditing on while it is open.
  ///
  /// - Blocking: until the detector has taken the configuration over, where that changes.
  package static func open(_ name: ScopeName? = nil, options: ScopeOptions = ScopeOptions()) -> AuditScope {
    let parent = context
    let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
    state.withLock { state in
      state.table.open(id, parent: parent, name: name)
      state.openCount += 1
    }
    // Made before anybody else may ask for it, see `context`.
    _ = current
    isInUse.store(true, ordering: .releasing)
    // Races seen outside any scope count as new for this one: the call stack may show that they are
    // its own.
    PendingReportQueue.forget(scope: 0)
    ScopeConfiguration.begin(id, options)
    Hunt.beginTest()
    return AuditScope(id: id)
  }

  /// Closes a scope; returns what was found in it, in the order it was seen.
  ///
  /// - Blocking: until what was seen before the call was processed, see ``AccessAudit/flush()``.
  package static func close(_ scope: AuditScope) -> [AttributedViolation] {
    Detector.flush()
    let found = state.withLock { state in
      // In a forked child the scope is not this process's.
      if state.table.entries[scope.id]?.isOpen == true { state.openCount -= 1 }
      return state.table.close(scope.id)
    }
    PendingReportQueue.forget(scope: scope.id)
    PendingReportQueue.forget(scope: 0)
    ScopeConfiguration.end(scope.id)
    return found
  }

  /// Arms the pairs that are open for another run of the same code; whether there are any.
  package static func huntsAgain() -> Bool { Hunt.rearm() }

  /// What was found in the scope so far.
  package static func found(in scope: AuditScope) -> [AttributedViolation] {
    state.withLock { $0.table.entries[scope.id]?.found ?? [] }
  }

  /// Hands violations of a closed scope to the one around it, as that one's own.
  package static func hand(_ violations: [AttributedViolation], to id: UInt32) {
    guard !violations.isEmpty else { return }
    let isTaken = state.withLock { $0.table.hand(violations, to: id) }
    if !isTaken { leave(violations.map { UnattributedViolation(violation: $0.violation, reason: "no test was open") }) }
  }

  /// Runs `body` as a part of the scope with the given ID.
  package static func carrying<Result>(_ id: UInt32, _ body: () throws -> Result) rethrows -> Result {
    try current.withValue(id, operation: body)
  }

  /// Runs `body` as a part of the scope with the given ID.
  package static func carrying<Result>(
    _ id: UInt32, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await current.withValue(id, operation: body)
  }

  /// Makes the scope that of the main thread, or none with `nil`.
  package static func setMainThreadScope(_ scope: AuditScope?) {
    mainThreadScope.store(scope?.id ?? 0, ordering: .relaxed)
  }

  /// The violations that are nobody's, and how many more were lost; they are taken out.
  package static func takeUnattributed() -> (violations: [UnattributedViolation], lost: UInt64) {
    Detector.flush()
    let dropped = PendingReportQueue.dropped.load(ordering: .relaxed)
    return state.withLock { state in
      defer {
        state.nobodys = []
        state.nobodysRaces = []
        state.droppedBefore = dropped
      }
      return (state.nobodys, dropped - state.droppedBefore)
    }
  }

  /// Gives up violations that no test framework takes: the process says so when it ends.
  package static func leave(_ violations: [UnattributedViolation]) {
    abandoned.wrappingAdd(violations.count, ordering: .relaxed)
    for violation in violations {
      Diagnostics.writeAll(
        "AccessAudit: no test can be shown to have made this: \(violation.reason)\n" + violation.violation.textReport,
        to: 2)
    }
  }

  /// How often a violation was seen in this process, by anyone; repeated ones count.
  package static var pendingReports: UInt64 { PendingReportQueue.total.load(ordering: .relaxed) }

  /// How often the thread with the given kernel ID has seen a violation.
  ///
  /// - Complexity: O(n) in the threads that make accesses.
  package static func pendingReports(ofThread id: Int32) -> UInt64 {
    ThreadRegistry.all.first { $0.pointee.threadID.load(ordering: .relaxed) == id }?
      .pointee.pendingReports.load(ordering: .acquiring) ?? 0
  }

  /// Violations that were delivered here and that nobody has recorded.
  static var unrecorded: Int { abandoned.load(ordering: .relaxed) + state.withLock { $0.nobodys.count } }

  /// Takes a violation in, if a test is running; `false` when it is to be reported as in any
  /// program. Called by the detector.
  static func deliver(_ violation: Violation, _ pendingReport: PendingReport) -> Bool {
    state.withLock { state in
      guard state.openCount > 0 else { return false }
      let verdict = state.table.attribute(
        violation, detectedScope: pendingReport.detectedScope,
        creationScope: UInt32(pendingReport.collection.creationScope))
      switch verdict {
      case .scope(let id, let evidence):
        state.table.add(AttributedViolation(violation: violation, evidence: evidence), to: id)
      case .nobody(let reason):
        guard state.nobodysRaces.insert(ScopeTable.Race(violation)).inserted else { return true }
        state.nobodys.append(UnattributedViolation(violation: violation, reason: reason))
      }
      return true
    }
  }
}

#endif
