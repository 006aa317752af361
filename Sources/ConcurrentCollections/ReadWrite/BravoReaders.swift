// SPDX-License-Identifier: Apache-2.0
//
// Who reads beside others at the moment, and whether that is allowed. It allocates only when it is
// made.

public import Synchronization

#if canImport(Darwin)
public import Darwin
#elseif canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#endif

/// The readers of one ``ReadWriteLocked`` that are beside each other.
///
/// While reads are shared, readers count themselves in a stripe of their thread's: two atomic
/// additions on a line that other threads seldom touch. A writer, who has the gate, ends the
/// sharing and waits until every stripe is 0. From then on short reads take turns, with the gate,
/// until one of them has had to wait for it and writes are rare enough; then reads are shared
/// again. How rare is learnt: twice as rare when the time that sharing lasted was not worth the
/// wait of the writer that ended it, else half. So many writes make the whole a plain mutex, which
/// is the quickest for them, as does a single thread, and few leave readers beside each other.
///
/// Source of the striped counting: W. Hsieh and W. Weihl, "Scalable Reader-Writer Locks for
/// Parallel Systems", IPPS 1992; of sharing that writers end and that is resumed: D. Dice and A.
/// Kogan, "BRAVO: Biased Locking for Reader-Writer Locks", USENIX ATC
/// 2019. Sign and second look are Dekker's: both sides write theirs, then read the other's, all
///       sequentially consistent.
@usableFromInline
final class BravoReaders: @unchecked Sendable {
  /// What belongs to the gate's holder.
  @usableFromInline
  struct Turns {
    /// Writes since a reader last waited for the gate.
    @usableFromInline var writes: UInt32 = 0
    /// Whether readers may be counted in the stripes.
    @usableFromInline var mayHaveReaders = false

    @usableFromInline
    init() {}
  }

  /// What everybody looks at and hardly anybody writes.
  @usableFromInline
  struct Signs: ~Copyable {
    /// Whether reads are shared. Changed by the holder of the gate. The first member, so that it is
    /// at the signs' address.
    let areShared = Atomic<Bool>(false)
    /// When they became so last, or a reader last waited for the gate: a ``Moment``'s nanoseconds.
    let since = Atomic<UInt64>(0)
    /// How many nanoseconds there must be between writes for reads to be shared.
    let quietWanted = Atomic<UInt64>(1000)
    /// Whether a writer sleeps until readers have left.
    let writerSleeps = Atomic<Bool>(false)
  }

  /// One reader's count of itself.
  @usableFromInline typealias Stripe = UnsafeMutablePointer<Atomic<Int>>

  /// Readers inside, by stripe.
  @usableFromInline let stripes: PaddedArray<Atomic<Int>>
  @usableFromInline let threadKey: pthread_key_t
  /// The sign of whether reads are shared.
  @usableFromInline let sign: UnsafeMutablePointer<Atomic<Bool>>
  let signs: PaddedArray<Signs>
  private let lastReaderLeft = Semaphore()

  @usableFromInline
  init() {
    stripes = PaddedArray(count: Machine.powerOfTwo(atLeast: 2 * Machine.cores)) { _ in Atomic(0) }
    threadKey = ThreadRegistry.key
    let signs = PaddedArray(count: 1) { _ in Signs() }
    sign = UnsafeMutableRawPointer(signs.pointer(0)).assumingMemoryBound(to: Atomic<Bool>.self)
    self.signs = signs
  }

  // MARK: Readers

  @inlinable @inline(__always)  // One load.
  var areShared: Bool { sign.pointee.load(ordering: .sequentiallyConsistent) }

  /// Counts the caller in, if reads are shared.
  @inlinable @inline(__always)  // A load, an addition, a load.
  func enter() -> Stripe? {
    guard areShared else { return nil }
    let stripe = count()
    // Pairs with the writer's ending of the sharing before its look at the stripes: one of the two
    // sees the other.
    if areShared { return stripe }
    leave(stripe)
    return nil
  }

  /// Counts the caller in, who has the gate.
  @usableFromInline
  func enter(_ turns: UnsafeMutablePointer<Turns>) -> Stripe {
    // No writer is inside while the gate is the caller's, and the next one looks at the stripes
    // after it has been let go.
    turns.pointee.mayHaveReaders = true
    return count()
  }

  /// Waits for the gate, or until reads are shared, for a short read.
  ///
  /// - Returns: The stripe that the caller is counted in, or nil when it has the gate.
  @usableFromInline @inline(never)
  func wait(for gate: Lock.Pointer, _ turns: UnsafeMutablePointer<Turns>) -> Stripe? {
    while true {
      if Lock.lock(gate, unless: sign) {
        considerSharing(turns)
        return nil
      }
      if let stripe = enter() { return stripe }
    }
  }

  @inlinable @inline(__always)  // An addition.
  func count() -> Stripe {
    let stripe = stripes.pointer(ThreadRegistry.current(threadKey).pointee.index & (stripes.count &- 1))
    stripe.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
    return stripe
  }

  @inlinable @inline(__always)  // A subtraction and a load.
  func leave(_ stripe: Stripe) {
    // Releases the reads to the writer's acquiring look at the stripe.
    stripe.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    if !areShared { wakeWriter() }
  }

  @usableFromInline @inline(never)
  func wakeWriter() {
    let sleeps = signs.pointer(0)
    // Pairs with the store before the sleeping writer's last look at the stripes. Most writers do
    // not sleep, so it is looked at first.
    guard sleeps.pointee.writerSleeps.load(ordering: .sequentiallyConsistent) else { return }
    if sleeps.pointee.writerSleeps.exchange(false, ordering: .sequentiallyConsistent) { lastReaderLeft.signal() }
  }

  // MARK: The gate's holder

  /// Makes reads shared if there have been few writes since a reader last waited.
  private func considerSharing(_ turns: UnsafeMutablePointer<Turns>) {
    let signs = signs.pointer(0)
    let now = Moment.now.nanoseconds
    let quiet = (now &- signs.pointee.since.load(ordering: .relaxed)) / UInt64(turns.pointee.writes &+ 1)
    turns.pointee.writes = 0
    signs.pointee.since.store(now, ordering: .relaxed)
    guard !areShared, quiet >= signs.pointee.quietWanted.load(ordering: .relaxed) else { return }
    turns.pointee.mayHaveReaders = true
    sign.pointee.store(true, ordering: .sequentiallyConsistent)
  }

  /// Notes a write: afterwards no reader is inside, and none comes in while the caller has the
  /// gate.
  @inlinable @inline(__always)  // A load and an increment.
  func countWrite(_ turns: UnsafeMutablePointer<Turns>) {
    if turns.pointee.mayHaveReaders { keepOut(turns) }
    turns.pointee.writes &+= 1
  }

  /// Keeps new readers out, waits until those inside have left, and judges whether sharing was
  /// worth that.
  @usableFromInline @inline(never)
  func keepOut(_ turns: UnsafeMutablePointer<Turns>) {
    turns.pointee.mayHaveReaders = false
    let wereShared = areShared
    let began = Moment.now.nanoseconds
    if wereShared { sign.pointee.store(false, ordering: .sequentiallyConsistent) }
    for index in 0..<stripes.count { wait(for: stripes.pointer(index)) }
    guard wereShared else { return }
    let waited = Moment.now.nanoseconds &- began
    let signs = signs.pointer(0)
    // What sharing gains is, at best, the time of the other cores while it lasts.
    let gained = (began &- signs.pointee.since.load(ordering: .relaxed)) / 2 &* UInt64(Machine.cores - 1)
    let wanted = signs.pointee.quietWanted.load(ordering: .relaxed)
    signs.pointee.quietWanted.store(
      gained > waited ? max(wanted / 2, Self.leastQuiet) : min(wanted * 2, Self.mostQuiet), ordering: .relaxed)
  }

  private static let leastQuiet: UInt64 = 250
  private static let mostQuiet: UInt64 = 1_000_000

  private func wait(for stripe: Stripe) {
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
