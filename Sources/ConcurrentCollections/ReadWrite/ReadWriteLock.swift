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
/// While reads are shared, readers count themselves in a stripe of their thread's: two atomic additions on a line that other
/// threads seldom touch. A writer takes the gate, a mutex, ends the sharing, and waits until every stripe is 0. From then on
/// short reads take the gate too, until enough of them have come with no write between; then reads are shared again. What is
/// enough the lock learns: twice as many when the time that sharing lasted was not worth the wait of the writer that ended it,
/// else half. So many writes make it a plain mutex, which is the quickest for them, and few leave readers beside each other.
///
/// Long reads pass through the gate while reads are not shared, and count themselves in their stripe there.
/// - Writers are not starved: while one waits for readers it has the gate, and no reader gets in.
/// - Nobody waits for the gate without end: see ``Lock``.
///
/// Source of the striped counting: W. Hsieh and W. Weihl, "Scalable Reader-Writer Locks for Parallel Systems", IPPS 1992; of
/// sharing that writers end and the lock resumes: D. Dice and A. Kogan, "BRAVO: Biased Locking for Reader-Writer Locks", USENIX ATC
/// 2019. Sharing and second look are Dekker's: both sides write theirs, then read the other's, all sequentially consistent.
@usableFromInline
struct ReadWriteLocked<State: ~Copyable>: ~Copyable, @unchecked Sendable {
  /// What the gate protects.
  @usableFromInline
  struct Content: ~Copyable {
    /// Short reads through the gate since the last write.
    @usableFromInline var readsInTurn: UInt16 = 0
    /// How many of those make reads shared.
    @usableFromInline var readsWanted: UInt16 = 32
    /// Whether readers may be counted in the stripes.
    @usableFromInline var mayHaveReaders = true
    private let padding: UInt16 = 0
    @usableFromInline var state: State

    @usableFromInline
    init(_ state: consuming State) { self.state = state }
  }

  /// What everybody looks at and hardly anybody writes.
  @usableFromInline
  struct Signs: ~Copyable {
    /// Whether reads are shared. Changed by whoever has the gate.
    @usableFromInline let readsAreShared = Atomic<Bool>(true)
    /// When they became so last, in nanoseconds of the monotonic clock.
    let sharedSince = Atomic<UInt64>(0)
    /// Whether a writer sleeps until readers have left.
    let writerSleeps = Atomic<Bool>(false)
  }

  /// Readers inside, by stripe.
  @usableFromInline let stripes: PaddedArray<Atomic<Int>>
  @usableFromInline let threadKey: pthread_key_t
  @usableFromInline let signs: PaddedArray<Signs>
  @usableFromInline let gate: LockedArray<Content>
  private let lastReaderLeft = Semaphore()

  @usableFromInline
  init(_ makeState: () -> State) {
    stripes = PaddedArray(count: Machine.powerOfTwo(atLeast: 2 * Machine.cores)) { _ in Atomic(0) }
    signs = PaddedArray(count: 1) { _ in Signs() }
    gate = LockedArray(count: 1) { _ in Content(makeState()) }
    threadKey = ThreadRegistry.key
  }

  // MARK: Reading

  /// Runs a closure that reads for a short time: beside others, or while the caller has the gate.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func reading<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<State>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    while true {
      if let stripe = enterShared() {
        defer { leave(stripe) }
        return try body(state)
      }
      if Lock.lock(gate.lock(0), unless: sharing) {
        defer { Lock.unlock(gate.lock(0)) }
        countRead()
        return try body(state)
      }
    }
  }

  /// Runs a closure that may read for a long time, always beside others.
  @inlinable
  func readingLong<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<State>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let stripe = enter()
    defer { leave(stripe) }
    return try body(state)
  }

  @inlinable @inline(__always)  // One load.
  var readsAreShared: Bool { sharing.pointee.load(ordering: .sequentiallyConsistent) }

  /// The first member of the signs, at their address.
  @inlinable @inline(__always)  // An address.
  var sharing: UnsafeMutablePointer<Atomic<Bool>> {
    UnsafeMutableRawPointer(signs.pointer(0)).assumingMemoryBound(to: Atomic<Bool>.self)
  }

  /// The state, for readers: an access in place would count as a change of it.
  @inlinable @inline(__always)  // An address computation.
  var state: UnsafeMutablePointer<State> {
    // The members of a structure lie in their order, each at the next multiple of its alignment.
    let offset = max(8, MemoryLayout<State>.alignment)
    return (UnsafeMutableRawPointer(gate.state(0)) + offset).assumingMemoryBound(to: State.self)
  }

  /// Counts the caller in among the readers, if reads are shared.
  @inlinable @inline(__always)  // A load, an addition, a load.
  func enterShared() -> UnsafeMutablePointer<Atomic<Int>>? {
    guard readsAreShared else { return nil }
    let stripe = stripes.pointer(ThreadRegistry.current(threadKey).pointee.index & (stripes.count &- 1))
    stripe.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
    // Pairs with the writer's ending of the sharing before its look at the stripes: one of the two sees the other.
    if readsAreShared { return stripe }
    leave(stripe)
    return nil
  }

  /// Counts the caller in among the readers.
  @usableFromInline @inline(never)
  func enter() -> UnsafeMutablePointer<Atomic<Int>> {
    while true {
      if let stripe = enterShared() { return stripe }
      if Lock.lock(gate.lock(0), unless: sharing) {
        defer { Lock.unlock(gate.lock(0)) }
        let stripe = stripes.pointer(ThreadRegistry.current(threadKey).pointee.index & (stripes.count &- 1))
        // No writer is inside while the gate is ours, and the next one looks at the stripes after we have let it go.
        stripe.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        gate.state(0).pointee.mayHaveReaders = true
        return stripe
      }
    }
  }

  @inlinable @inline(__always)  // A subtraction and a load.
  func leave(_ stripe: UnsafeMutablePointer<Atomic<Int>>) {
    // Releases the reads to the writer's acquiring look at the stripe.
    stripe.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    if !readsAreShared { wakeWriter() }
  }

  @usableFromInline @inline(never)
  func wakeWriter() {
    let sleeps = signs.pointer(0)
    // Pairs with the store before the sleeping writer's last look at the stripes. Most writers do not sleep, so it is looked at first.
    guard sleeps.pointee.writerSleeps.load(ordering: .sequentiallyConsistent) else { return }
    if sleeps.pointee.writerSleeps.exchange(false, ordering: .sequentiallyConsistent) { lastReaderLeft.signal() }
  }

  /// Counts a short read of the gate's holder; makes reads shared when there have been enough.
  @inlinable @inline(__always)  // An increment and a comparison.
  func countRead() {
    let reads = gate.state(0).pointee.readsInTurn &+ 1
    gate.state(0).pointee.readsInTurn = reads
    if reads >= gate.state(0).pointee.readsWanted { share() }
  }

  @usableFromInline @inline(never)
  func share() {
    gate.state(0).pointee.readsInTurn = 0
    gate.state(0).pointee.mayHaveReaders = true
    signs.pointer(0).pointee.sharedSince.store(Lock.now, ordering: .relaxed)
    signs.pointer(0).pointee.readsAreShared.store(true, ordering: .sequentiallyConsistent)
  }

  // MARK: Writing

  /// Runs a closure while no reader and no other writer is inside.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func writing<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try gate.withLock(0) { (content) throws(Failure) -> Result in
      if content.mayHaveReaders { keepReadersOut(&content) }
      content.readsInTurn = 0
      return try body(&content.state)
    }
  }

  /// Keeps new readers out, waits until those inside have left, and judges whether sharing was worth that.
  @usableFromInline @inline(never)
  func keepReadersOut(_ content: inout Content) {
    content.mayHaveReaders = false
    let sharedSince = signs.pointer(0).pointee.sharedSince.load(ordering: .relaxed)
    let wereShared = readsAreShared
    let began = Lock.now
    if wereShared { signs.pointer(0).pointee.readsAreShared.store(false, ordering: .sequentiallyConsistent) }
    for index in 0..<stripes.count { waitForReaders(stripes.pointer(index)) }
    guard wereShared else { return }
    let waited = Lock.now &- began
    // What sharing gains is, at best, the time of the other cores while it lasts.
    let gained = (began &- sharedSince) / 2 &* UInt64(Machine.cores - 1)
    content.readsWanted = gained > waited ? max(content.readsWanted / 2, 16) : min(content.readsWanted * 2, 4096)
  }

  private func waitForReaders(_ stripe: UnsafeMutablePointer<Atomic<Int>>) {
    var looks = 0
    while stripe.pointee.load(ordering: .sequentiallyConsistent) != 0 {
      looks += 1
      if looks < 200 { continue }
      if looks < 208 {
        sched_yield()
        continue
      }
      let sleeps = signs.pointer(0)
      sleeps.pointee.writerSleeps.store(true, ordering: .sequentiallyConsistent)
      if stripe.pointee.load(ordering: .sequentiallyConsistent) != 0 { lastReaderLeft.wait() }
      sleeps.pointee.writerSleeps.store(false, ordering: .sequentiallyConsistent)
    }
  }
}
