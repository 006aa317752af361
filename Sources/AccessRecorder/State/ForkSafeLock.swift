// SPDX-License-Identifier: Apache-2.0
//
// The lock of the engine's cold state: one that can be held across a fork, so that the child finds
// every state whole and every lock free. Never taken by an access's fast path. The locks lie in
// static storage; a state is made when it is first asked for, under its lock.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// A state and its lock. A value that only says where both are: declared as a computed property,
/// since a stored one would be made lazily.
package struct ForkSafeLock<State>: @unchecked Sendable {
  private let place: UnsafeMutablePointer<audit_lock>
  private let isInherited: Bool
  private let adapt: (@Sendable (inout State) -> Void)?
  private let make: @Sendable () -> State

  /// - Parameters:
  ///   - index: One of the constants `AUDIT_LOCK_…`, one for each state.
  ///   - isInherited: Whether a forked child goes on with its parent's state. Otherwise it begins
  ///     with a new one: what its parent has seen and counted is not its own.
  ///   - make: Makes the state that a process begins with.
  package init(_ index: Int, isInherited: Bool, _ make: @escaping @Sendable () -> State) {
    place = audit_lock_at(Int32(truncatingIfNeeded: index))
    self.isInherited = isInherited
    self.make = make
    adapt = nil
  }

  /// A state of which a forked child takes over a part: `adapt` makes its parent's state its own.
  package init(
    _ index: Int, adapted adapt: @escaping @Sendable (inout State) -> Void, _ make: @escaping @Sendable () -> State
  ) {
    place = audit_lock_at(Int32(truncatingIfNeeded: index))
    isInherited = true
    self.adapt = adapt
    self.make = make
  }

  /// Runs `body` alone, and no signal handler of the program's meanwhile: it may access audited
  /// collections, and would wait for the lock that its own thread holds.
  ///
  /// - Blocking: yields, then sleeps in steps of 50 µs, until the lock is free. Not reentrant.
  ///   While another thread forks, a fifth of a second at most: handlers of that fork may wait for
  ///   the calling thread.
  package func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    var signals = sigset_t()
    audit_hold_signals(&signals)
    ForkSafeWord.lock(place)
    defer {
      ForkSafeWord.unlock(place)
      audit_release_signals(&signals)
    }
    return try body(&present.pointee)
  }

  /// The state; the caller holds the lock.
  private var present: UnsafeMutablePointer<State> {
    let generation = ForkSafeWord.generation
    if let state = place.pointee.state {
      let state = state.assumingMemoryBound(to: State.self)
      if place.pointee.generation != generation {
        if !isInherited { state.pointee = make() }
        adapt?(&state.pointee)
        place.pointee.generation = generation
      }
      return state
    }
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: make())
    place.pointee.state = UnsafeMutableRawPointer(state)
    place.pointee.generation = generation
    return state
  }
}

/// The words of the locks, and what a fork does with them. Nothing here allocates.
enum ForkSafeWord {
  /// How long a fork waits for the locks, all together, and another thread for a lock that is held
  /// for a fork.
  static let limitMilliseconds = 200

  /// The fork that one thread has waited for in vain; the others need not.
  static var slowFork: SharedWord<UInt32> { SharedWord(AUDIT_WORD_SLOW_FORK) }

  static var generation: UInt32 { SharedWord<UInt32>(AUDIT_WORD_GENERATION).load(ordering: .relaxed) }

  private static func word(_ lock: UnsafeMutablePointer<audit_lock>) -> UnsafeMutablePointer<Atomic<UInt32>> {
    UnsafeMutableRawPointer(lock).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  fileprivate static func lock(_ lock: UnsafeMutablePointer<audit_lock>) {
    // There is no state without a lock. A program that is not audited forks as it would without the
    // audit.
    if audit_mode() != AUDIT_MODE_OFF, !audit_has_fork_hooks() { ForkedRecording.register() }
    let word = word(lock)
    if word.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged { return }
    let ticket = audit_fork_ticket()
    var rounds = 0
    var deadline = Moment.never
    while true {
      let held = word.pointee.load(ordering: .relaxed)
      if held <= 1 {
        deadline = .never
      } else if deadline == .never {
        deadline = Moment.now().advanced(byMilliseconds: limitMilliseconds)
      } else if Moment.now() > deadline {
        slowFork.store(held, ordering: .relaxed)
      }
      // Free; or held for the fork that this very thread is about, in whose handlers it is; or held
      // for a fork of another thread that has been on its way for long. A child of that fork finds
      // the word taken from it.
      if held == 0 || (held != 1 && (held == ticket || held == slowFork.load(ordering: .relaxed))),
        word.pointee.compareExchange(expected: held, desired: 1, ordering: .acquiring).exchanged
      {
        return
      }
      // Who holds it may be a thread of the parent's.
      if rounds & 63 == 63 { audit_notice_child() }
      rounds += 1
      if rounds < 100 { sched_yield() } else { usleep(50) }
    }
  }

  /// Frees the lock, or gives it back to the fork that the calling thread is about.
  fileprivate static func unlock(_ lock: UnsafeMutablePointer<audit_lock>) {
    word(lock).pointee.store(audit_fork_ticket(), ordering: .releasing)
  }

  /// Takes every lock for a fork. What cannot be had in a fifth of a second, because two threads
  /// wait for each other, is left alone.
  static func lockAll(ticket: UInt32) {
    let deadline = Moment.now().advanced(byMilliseconds: limitMilliseconds)
    var index: Int32 = 0
    while index < Int32(AUDIT_LOCK_COUNT) {
      let word = word(audit_lock_at(index))
      while !word.pointee.compareExchange(expected: 0, desired: ticket, ordering: .acquiring).exchanged,
        Moment.now() < deadline
      {
        usleep(50)
      }
      index += 1
    }
  }

  /// Frees the locks that are held for a fork; called in the parent.
  static func unlockTaken(ticket: UInt32) {
    var index: Int32 = 0
    while index < Int32(AUDIT_LOCK_COUNT) {
      _ = word(audit_lock_at(index)).pointee.compareExchange(expected: ticket, desired: 0, ordering: .releasing)
      index += 1
    }
  }

  /// Frees every lock; called in the child. Where a thread that stayed behind was inside, nobody
  /// knows what it left: such a state is begun anew, and the old one never touched again.
  static func unlockAll(ticket: UInt32) {
    var index: Int32 = 0
    while index < Int32(AUDIT_LOCK_COUNT) {
      let lock = audit_lock_at(index)
      let held = word(lock).pointee.load(ordering: .relaxed)
      if held != 0, held != ticket { lock.pointee.state = nil }
      word(lock).pointee.store(0, ordering: .releasing)
      index += 1
    }
  }
}

#endif
