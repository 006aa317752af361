// SPDX-License-Identifier: Apache-2.0
//
// A reader/writer lock and the value under it. Callers' closures run with it held. It allocates
// only when it is made.

/// A value that many readers or one writer may use. What a closure returns lives until the lock is
/// released: see ``LockedArray``.
///
/// Writers take the gate, a mutex. Readers are beside each other or take the gate too: see
/// ``BravoReaders``. Long reads are beside others in any case: while reads are not shared, they
/// pass through the gate.
/// - Writers are not starved: while one waits for readers it has the gate, and no reader gets in.
/// - Nobody waits for the gate without end: see ``Lock``.
@usableFromInline
struct ReadWriteLocked<State: ~Copyable>: ~Copyable, @unchecked Sendable {
  /// What the gate protects, on its cache line.
  @usableFromInline
  struct Content: ~Copyable {
    /// The first member, so that it is at the content's address.
    @usableFromInline var turns = BravoReaders.Turns()
    @usableFromInline var state: State

    @usableFromInline
    init(_ state: consuming State) { self.state = state }
  }

  // Four words in all: so much is passed on in registers, more would be copied for each operation.
  @usableFromInline let sharing = BravoReaders()
  @usableFromInline let gate: LockedArray<Content>

  @usableFromInline
  init(_ makeState: () -> State) { gate = LockedArray(count: 1) { _ in Content(makeState()) } }

  /// Runs a closure that reads for a short time: beside others, or while the caller has the gate.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func reading<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<State>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Nil while the caller has the gate.
    var stripe = sharing.enter()
    if stripe == nil, !Lock.take(gate.lock(0)) { stripe = sharing.wait(for: gate.lock(0), turns) }
    let result: Result
    do {
      defer { if let stripe { sharing.leave(stripe) } else { Lock.unlock(gate.lock(0)) } }
      // In one place, so that it becomes part of the caller.
      result = try body(state)
    }
    return withExtendedLifetime(result) { result }
  }

  /// Runs a closure that may read for a long time, always beside others.
  @inlinable
  func readingLong<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<State>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    while true {
      var stripe = sharing.enter()
      if stripe == nil, Lock.lock(gate.lock(0), unless: sharing.sign) {
        stripe = sharing.enter(turns)
        Lock.unlock(gate.lock(0))
      }
      guard let stripe else { continue }
      let result: Result
      do {
        defer { sharing.leave(stripe) }
        result = try body(state)
      }
      return withExtendedLifetime(result) { result }
    }
  }

  /// Runs a closure while no reader and no other writer is inside.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func writing<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try gate.withLock(0) { (_) throws(Failure) -> Result in
      sharing.countWrite(turns)
      return try body(&state.pointee)
    }
  }

  @inlinable @inline(__always)  // An address.
  var turns: UnsafeMutablePointer<BravoReaders.Turns> {
    UnsafeMutableRawPointer(gate.state(0)).assumingMemoryBound(to: BravoReaders.Turns.self)
  }

  /// The state, for readers: an access in place would count as a change of it.
  @inlinable @inline(__always)  // An address computation.
  var state: UnsafeMutablePointer<State> {
    // The members of a structure lie in their order, each at the next multiple of its alignment.
    let alignment = MemoryLayout<State>.alignment
    let offset = (MemoryLayout<BravoReaders.Turns>.size + alignment - 1) & ~(alignment - 1)
    return (UnsafeMutableRawPointer(gate.state(0)) + offset).assumingMemoryBound(to: State.self)
  }
}
