// SPDX-License-Identifier: Apache-2.0
//
// Values under locks, each beside its own. Callers' closures run with the lock held.

/// A fixed number of values, each under a lock and on cache lines of its own.
@usableFromInline
struct LockedArray<State: ~Copyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let stride: Int
  @usableFromInline let count: Int

  @inlinable
  init(count: Int, _ makeState: (Int) -> State) {
    precondition(MemoryLayout<State>.alignment <= Self.offset, "a state with an alignment of more than a lock's room")
    self.count = count
    stride = CacheLine.roundUp(Self.offset + MemoryLayout<State>.size)
    base = .allocate(byteCount: stride * count, alignment: CacheLine.bytes)
    for index in 0..<count {
      let place = base + index * stride
      place.bindMemory(to: Lock.self, capacity: 1).initialize(to: Lock())
      (place + Self.offset).bindMemory(to: State.self, capacity: 1).initialize(to: makeState(index))
    }
  }

  /// Where the state begins, after the lock: on the same line.
  @inlinable static var offset: Int { 32 }

  @inlinable @inline(__always)  // An address computation.
  func lock(_ index: Int) -> Lock.Pointer { (base + index &* stride).assumingMemoryBound(to: Lock.self) }

  @inlinable @inline(__always)  // An address computation.
  func state(_ index: Int) -> UnsafeMutablePointer<State> {
    (base + index &* stride + Self.offset).assumingMemoryBound(to: State.self)
  }

  /// Runs a closure while the calling thread holds one value's lock.
  ///
  /// What the closure returns lives until the lock is released, used or not: an optimised build may
  /// end a value that nobody needs right where it was made, under the lock, and its `deinit` with
  /// it.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func withLock<Result, Failure: Error>(
    _ index: Int, _ body: (inout sending State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Lock.lock(lock(index), shortestPause: count > 1 ? Lock.pauseOfMany : Lock.pauseOfOne)
    let result: Result
    do {
      defer { Lock.unlock(lock(index)) }
      result = try body(&state(index).pointee)
    }
    return withExtendedLifetime(result) { result }
  }

  @inlinable
  deinit {
    for index in 0..<count {
      state(index).deinitialize(count: 1)
    }
    base.deallocate()
  }
}

extension LockedArray: @unchecked Sendable where State: ~Copyable {}

/// One value under a lock.
@usableFromInline
struct Guarded<State>: ~Copyable, Sendable {
  @usableFromInline let value: LockedArray<State>

  @usableFromInline
  init(_ state: State) { value = LockedArray(count: 1) { _ in state } }

  /// Runs a closure while the calling thread holds the lock.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func withLock<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try value.withLock(0, body)
  }
}
