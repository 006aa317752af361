// SPDX-License-Identifier: Apache-2.0
//
// A reader/writer lock whose readers do not share a counter, and the value under it. It allocates only when it is made.

public import Synchronization

#if canImport(Glibc)
  public import Glibc
#elseif canImport(Musl)
  public import Musl
#endif

/// A value that many readers or one writer may use.
///
/// Readers count themselves in a stripe of their thread's and look whether somebody holds the gate, a mutex; two atomic
/// additions on a line that other threads seldom touch. A writer takes the gate and waits until every stripe is 0. A reader that
/// sees the gate held takes itself back out and waits until it is free.
/// - Writers are not starved: while one holds the gate, no reader gets in.
/// - Readers are not starved: one that found the gate held for a while takes it as a writer does, and gets in while it is its own.
///
/// The gate's word and the value are on one cache line, so a writer fetches both at once.
///
/// Source of the striped counting: W. Hsieh and W. Weihl, "Scalable Reader-Writer Locks for Parallel Systems",
/// IPPS 1992; the gate and second look are Dekker's: both sides write theirs, then read the other's, all sequentially consistent.
@usableFromInline
struct ReadWriteLocked<State: ~Copyable>: ~Copyable, @unchecked Sendable {
  /// Readers inside, by stripe.
  @usableFromInline let stripes: PaddedArray<Atomic<Int>>
  @usableFromInline let threadKey: pthread_key_t
  @usableFromInline let gate: LockedArray<State>
  /// Whether a writer sleeps until readers have left.
  private let writerSleeps: PaddedArray<Atomic<Bool>>
  private let lastReaderLeft = Semaphore()

  @usableFromInline
  init(_ makeState: () -> State) {
    stripes = PaddedArray(count: Machine.powerOfTwo(atLeast: 2 * Machine.cores)) { _ in Atomic(0) }
    gate = LockedArray(count: 1) { _ in makeState() }
    writerSleeps = PaddedArray(count: 1) { _ in Atomic(false) }
    threadKey = ThreadRegistry.key
  }

  /// Runs a closure that only reads, beside others.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func reading<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<State>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let stripe = stripes.pointer(ThreadRegistry.current(threadKey).pointee.index & (stripes.count &- 1))
    stripe.pointee.add(1, ordering: .sequentiallyConsistent)
    // Pairs with the writer's taking of the gate before its look at the stripes: one of the two sees the other.
    if isGateHeld { waitToRead(stripe) }
    defer { endReading(stripe) }
    return try body(gate.state(0))
  }

  /// Runs a closure while no reader and no other writer is inside.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func writing<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try gate.withLock(0) { (state) throws(Failure) -> Result in
      waitForReaders()
      return try body(&state)
    }
  }

  @inlinable @inline(__always)  // One load.
  var isGateHeld: Bool { gate.word(0).pointee.load(ordering: .sequentiallyConsistent) != 0 }

  @inlinable @inline(__always)  // A subtraction and a load.
  func endReading(_ stripe: UnsafeMutablePointer<Atomic<Int>>) {
    // Releases the reads to the writer's acquiring look at the stripe.
    stripe.pointee.subtract(1, ordering: .sequentiallyConsistent)
    if isGateHeld { wakeWriter() }
  }

  @usableFromInline @inline(never)
  func waitToRead(_ stripe: UnsafeMutablePointer<Atomic<Int>>) {
    for attempt in 0..<4 {
      endReading(stripe)
      // Away from the lock for a while, so that a writer who comes again need not wait for readers each time.
      Lock.rest(1024 << attempt)
      stripe.pointee.add(1, ordering: .sequentiallyConsistent)
      if !isGateHeld { return }
    }
    endReading(stripe)
    gate.withLock(0) { _ in
      // No writer is inside while the gate is ours, and the next one looks at the stripes after we have let it go.
      _ = stripe.pointee.add(1, ordering: .sequentiallyConsistent)
    }
  }

  @usableFromInline @inline(never)
  func wakeWriter() {
    let sleeps = writerSleeps.pointer(0)
    // Pairs with the store before the sleeping writer's last look at the stripes. Most writers do not sleep, so it is looked at first.
    guard sleeps.pointee.load(ordering: .sequentiallyConsistent) else { return }
    if sleeps.pointee.exchange(false, ordering: .sequentiallyConsistent) { lastReaderLeft.signal() }
  }

  @inlinable @inline(__always)  // A load for each stripe.
  func waitForReaders() {
    for index in 0..<stripes.count where stripes.pointer(index).pointee.load(ordering: .sequentiallyConsistent) != 0 {
      waitForReaders(stripes.pointer(index))
    }
  }

  @usableFromInline @inline(never)
  func waitForReaders(_ stripe: UnsafeMutablePointer<Atomic<Int>>) {
    var looks = 0
    while stripe.pointee.load(ordering: .sequentiallyConsistent) != 0 {
      looks += 1
      if looks < 200 { continue }
      if looks < 208 {
        sched_yield()
        continue
      }
      let sleeps = writerSleeps.pointer(0)
      sleeps.pointee.store(true, ordering: .sequentiallyConsistent)
      if stripe.pointee.load(ordering: .sequentiallyConsistent) != 0 { lastReaderLeft.wait() }
      sleeps.pointee.store(false, ordering: .sequentiallyConsistent)
    }
  }
}
