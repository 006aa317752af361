// SPDX-License-Identifier: Apache-2.0
//
// What must not be cut in two by a fork: work inside libraries whose locks nobody frees in the
// child, above all unwinding and symbolication, which lock the loader's list of images. Nothing
// here allocates; every wait is bounded.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// Keeps a fork and such work apart: work that has begun is waited for, and new work waits for the
/// fork.
package enum ForkGate {
  private static var busy: SharedWord<Int> { SharedWord(AUDIT_WORD_GATE_BUSY) }
  /// How many threads are about to fork.
  private static var forking: SharedWord<Int> { SharedWord(AUDIT_WORD_FORKING) }

  /// Begins work that a fork must not cut in two. The thread that forks passes: in handlers of the
  /// program, it makes accesses like any other.
  ///
  /// - Blocking: while another thread forks, at most a fifth of a second.
  package static func enter() {
    var deadline = Moment.never
    busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
    while forking.load(ordering: .sequentiallyConsistent) > 0, audit_fork_depth() == 0, audit_gate_depth() == 0,
      ForkSafeWord.slowFork.load(ordering: .relaxed) != latestTicket
    {
      if deadline == .never {
        deadline = Moment.now().advanced(byMilliseconds: ForkSafeWord.limitMilliseconds)
      } else if Moment.now() > deadline {
        ForkSafeWord.slowFork.store(latestTicket, ordering: .relaxed)
        break
      }
      busy.wrappingSubtract(1, ordering: .sequentiallyConsistent)
      usleep(50)
      audit_notice_child()
      busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }
    audit_set_gate_depth(audit_gate_depth() + 1)
  }

  /// The ticket of the fork that began last. 0 and 1 are a lock's free and held.
  static var latestTicket: UInt32 {
    SharedWord<UInt32>(AUDIT_WORD_FORKS).load(ordering: .relaxed) | 0x8000_0000
  }

  package static func leave() {
    audit_set_gate_depth(audit_gate_depth() - 1)
    busy.wrappingSubtract(1, ordering: .sequentiallyConsistent)
  }

  package static func inside<Result>(_ body: () -> Result) -> Result {
    enter()
    defer { leave() }
    return body()
  }

  /// Calls out, from inside, to code that may take its time, or fork.
  package static func outside(_ body: () -> Void) {
    leave()
    defer { enter() }
    body()
  }

  /// Called before a fork: waits until nobody else is inside.
  static func close() {
    forking.wrappingAdd(1, ordering: .sequentiallyConsistent)
    let own = Int(audit_gate_depth())
    let deadline = Moment.now().advanced(byMilliseconds: ForkSafeWord.limitMilliseconds)
    while busy.load(ordering: .sequentiallyConsistent) > own, Moment.now() < deadline { usleep(50) }
  }

  /// Called in the parent.
  static func open() { forking.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

  /// Called in the child, where nobody else is left.
  static func reopen() {
    busy.store(Int(audit_gate_depth()), ordering: .sequentiallyConsistent)
    forking.store(0, ordering: .sequentiallyConsistent)
  }
}

/// What a fork asks of everything that records: called by the engine's handlers.
///
/// Handlers of the program's run between these, on the same thread, and may make accesses or fork
/// themselves: the thread passes its own gate and its own locks, and only the outermost fork
/// counts.
package enum ForkedRecording {
  /// Called when auditing is switched on, and before the first lock is taken with auditing on: a
  /// process may be forked before it has a detector.
  package static func register() {
    audit_set_fork_hooks(
      audit_fork_hooks(
        prepare: { ForkedRecording.prepare() }, parent: { ForkedRecording.resumeInParent() },
        child: { ForkedRecording.resumeInChild() }))
    audit_register_process_hooks()
  }

  private static func prepare() {
    // A child that was made without the C library's handlers forks in its turn.
    audit_notice_child()
    let depth = audit_fork_depth()
    audit_set_fork_depth(depth + 1)
    if depth > 0 { return }
    let number = SharedWord<UInt32>(AUDIT_WORD_FORKS).wrappingAdd(1, ordering: .relaxed).newValue
    let ticket = number | 0x8000_0000
    audit_set_fork_ticket(ticket)
    // The gate first: work inside takes the locks.
    ForkGate.close()
    ForkSafeWord.lockAll(ticket: ticket)
  }

  private static func resumeInParent() {
    let depth = audit_fork_depth()
    // A child that a handler forked goes on with the outer fork.
    if depth == 0 { return }
    audit_set_fork_depth(depth - 1)
    if depth > 1 { return }
    let ticket = audit_fork_ticket()
    audit_set_fork_ticket(0)
    ForkSafeWord.unlockTaken(ticket: ticket)
    ForkGate.open()
  }

  /// Called in the child, once, by the first of its threads that learns of the fork.
  private static func resumeInChild() {
    SharedWord<UInt32>(AUDIT_WORD_GENERATION).wrappingAdd(1, ordering: .relaxed)
    audit_forget_process()
    ForkGate.reopen()
    let ticket = audit_fork_ticket()
    audit_set_fork_depth(0)
    audit_set_fork_ticket(0)
    ForkSafeWord.unlockAll(ticket: ticket)
    ThreadRegistry.keepOnlyCallingThread()
  }

  /// Which of a line of forked processes this is. It changes in a child only.
  package static var generation: UInt32 { ForkSafeWord.generation }
}

#endif
