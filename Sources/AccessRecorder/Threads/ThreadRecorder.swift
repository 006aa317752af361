// SPDX-License-Identifier: Apache-2.0
//
// What one thread needs to record its accesses, reached through the thread-local slot. Nothing here
// allocates or locks after a thread was attached.

#if AUDITED && canImport(Glibc)

public import AccessTerms
public import CAccessRecorder
public import Synchronization

/// The recorder of one thread: its ring, its slot, the bounds of its stack.
///
/// Lives in memory that is never given back, so that a reader may hold its address; when the thread
/// has ended and its ring was drained, the next new thread takes it over.
@usableFromInline
package struct ThreadRecorder: ~Copyable {
  // First what an access needs: one cache line, whose layout the assembly of the fast paths knows
  // (audit_layout.h).

  /// The monitor of the outermost access this thread is in, with the lowest bit set for a write; 0
  /// while it is in none. Stored without a fence: read by crash handlers and, behind a fence of its
  /// own, by the `shield` policy.
  @usableFromInline package let hazard = Atomic<UInt>(0)
  @usableFromInline package let ring: AccessRing
  /// `slot` where version and writer word words hold it.
  @usableFromInline package let slotBits: UInt64
  /// Return addresses a chain walk visits at most; 0 when stacks are off. Marked while accesses are
  /// delayed, see `StressDelay`.
  @usableFromInline let depth = Atomic<UInt64>(0)
  /// The chains walked last, `AUDIT_CHAIN_COUNT` of them: 4.5 KiB.
  @usableFromInline let chains: UnsafeMutablePointer<audit_chain>
  /// The monitor whose writer word this thread is claiming by its bias; 0 otherwise.
  package let claiming = Atomic<UInt>(0)
  /// Position in the registry, 1 to 65 533. 0 is no thread, 65 535 marks retired monitors, and a
  /// bias has meanings for both ends.
  package let slot: UInt16

  /// More words like `hazard`, each of which belongs to the access that is published in it: the
  /// owning thread takes a word that is 0, and the access's end, on whatever thread, stores 0
  /// there. For accesses inside others, each of which must stay visible, and for those that may end
  /// on another thread, whose words are marked.
  package let nestedHazards: UnsafeMutablePointer<Atomic<UInt>>
  package static let nestedCapacity = 7
  /// The marks in a hazard pointer: a write; an access that may end on another thread than it
  /// began on.
  package static let writingMark: UInt = 1
  package static let movingMark: UInt = 2
  static let addressMask: UInt = ~3
  /// The signal stack given to the owning thread, if it had none; 0 otherwise.
  let signalStack = Atomic<UInt>(0)
  /// The kernel's ID of the thread that owns the recorder now.
  package let threadID = Atomic<Int32>(0)
  /// Odd while the owning thread waits for another in the middle of opening an access, or of
  /// dropping a collection.
  package let waits = Atomic<UInt64>(0)
  /// The monitor whose address the owning thread goes on with after what may put it to sleep; 0 for
  /// none. Marked with `heldBelowMark` while an access that a signal interrupted holds another one.
  package let held = Atomic<UInt>(0)
  package static let heldBelowMark: UInt = 1
  /// The first of the retired monitors whose elements the owning thread has to drop still; only
  /// that thread looks.
  package let pendingDrops = Atomic<UInt>(0)
  /// For each hazard pointer, the elements of a read that came too late; see the `shield` policy.
  package let lateStorage: UnsafeMutablePointer<UInt>
  /// The index of the first record that the present owner wrote.
  package let firstOwned = Atomic<UInt64>(0)
  /// See `RecorderLife`.
  package let lifeWord = Atomic<UInt64>(0)
  /// The next recorder in a list of free ones; guarded by the registry's lock.
  let nextFree = Atomic<UInt>(0)
  /// The index of the first record that the detector has not read. Here, and not the detector's
  /// own, so that a forked child's detector goes on where the parent's was.
  package let drained = Atomic<UInt64>(0)
  /// The index of the first record that this process wrote: in a forked child those below are its
  /// parent's.
  package let firstOfProcess = Atomic<UInt64>(0)
  @usableFromInline let stackLow: Atomic<UInt> = Atomic(0)
  @usableFromInline let stackHigh: Atomic<UInt> = Atomic(0)
  @usableFromInline let stacks: StackTable.Reference
  /// Room for one unwound trace, for stacks that cannot be had from the chain; and behind it for
  /// the chain.
  let scratch: UnsafeMutablePointer<UInt64>
  var chainScratch: UnsafeMutablePointer<UInt64> { scratch + StackTrace.capacity }
  /// The chains, the scratch memory and the ring: see `RecorderMemory`.
  private let body: UnsafeMutableRawPointer
  private let bodyByteCount: Int
  /// The walks remembered of stacks whose chain hides frames, `AUDIT_WALK_COUNT` of them: 38 KiB,
  /// resident only where there are such stacks.
  let walks: UnsafeMutablePointer<audit_walk_memory>
  /// Collections this slot's threads have created; with the slot it makes a collection's ID.
  let collectionsCreated = Atomic<UInt64>(0)
  /// Accesses that were checked but not recorded, because the history was being copied.
  package let unrecorded = Atomic<UInt64>(0)
  /// Accesses whose stack was shortened, because the table had no room for it.
  package let shortenedStacks = Atomic<UInt64>(0)
  /// The index of the next record when an access of this thread last left none, see
  /// `noteUnrecorded`.
  let unrecordedUntil = Atomic<UInt64>(0)
  /// The write made while nothing could be recorded.
  package let frozenWrite = FrozenWrite()
  /// Violations that the present owner has seen.
  package let pendingReports = Atomic<UInt64>(0)
  /// The state of the generator of delays and holds; 0 before its first number.
  let delayState = Atomic<UInt64>(0)
  /// When hunting saw this thread last.
  let lastVisit = Atomic<UInt64>(0)
  /// The frame and the stack of the access that was walked last, if the fast path may take its
  /// chain: see `Hunt`.
  let walkedFrame = Atomic<UInt>(0)
  let walkedStack = Atomic<UInt64>(0)
  /// The ring of observed accesses, see `audit_traffic.h`; 0 until there is one.
  let traffic = Atomic<UInt>(0)

  static let cacheLine = 64

  /// - Parameters:
  ///   - nestedHazards: Room for the hazard pointers of nested accesses and, behind them, as many
  ///     of `lateStorage`; zeroed.
  ///   - body: `RecorderMemory.bodyByteCount(ringSize:)` bytes, zeroed. No page of it is touched.
  init(
    slot: UInt16, ringSize: Int, nestedHazards: UnsafeMutableRawPointer, body: UnsafeMutableRawPointer,
    stacks: StackTable.Reference
  ) {
    ring = AccessRing(memory: body + RecorderMemory.ringOffset, size: ringSize)
    self.slot = slot
    slotBits = UInt64(slot) << VersionWord.slotShift
    self.nestedHazards = nestedHazards.assumingMemoryBound(to: Atomic<UInt>.self)
    lateStorage = (nestedHazards + (Self.nestedCapacity + 1) * 8).assumingMemoryBound(to: UInt.self)
    self.stacks = stacks
    chains = body.assumingMemoryBound(to: audit_chain.self)
    scratch = (body + RecorderMemory.chainBytes).assumingMemoryBound(to: UInt64.self)
    self.body = body
    walks = (body + RecorderMemory.chainBytes + RecorderMemory.scratchBytes)
      .assumingMemoryBound(to: audit_walk_memory.self)
    bodyByteCount = RecorderMemory.bodyByteCount(ringSize: ringSize)
  }

  /// Gives back the pages of a free recorder: its records are gone.
  func giveBodyBack() {
    // First: from now on readers ask for none of them. One that asked before finds zeros, which are
    // no access's record.
    firstOwned.store(ring.head.load(ordering: .relaxed), ordering: .releasing)
    RecorderMemory.giveBack(body, bodyByteCount)
  }

  /// Makes the calling thread the owner.
  func adopt(depth: Int) {
    let life = life.withNextOwner
    // Exchanged, so that nothing below is seen together with the owner before.
    _ = lifeWord.exchange(life.rawValue, ordering: .acquiringAndReleasing)
    // Without bounds no frame but the innermost is read.
    stackLow.store(.max, ordering: .relaxed)
    stackHigh.store(.max, ordering: .relaxed)
    learnStackBounds()
    self.depth.store(StressDelay.depthWord(depth), ordering: .relaxed)
    threadID.store(audit_thread_id(), ordering: .relaxed)
    pendingReports.store(0, ordering: .relaxed)
    delayState.store(0, ordering: .relaxed)
    lastVisit.store(0, ordering: .relaxed)
    frozenWrite.forget()
    firstOwned.store(ring.head.load(ordering: .relaxed), ordering: .releasing)
    pendingDrops.store(0, ordering: .relaxed)
    signalStack.store(UInt(bitPattern: audit_provide_signal_stack()), ordering: .relaxed)
    clearHazards()
    // Another thread's frames lay elsewhere.
    chains.update(repeating: audit_chain(), count: Int(AUDIT_CHAIN_COUNT))
    lifeWord.store(life.entering(RecorderLife.owned).rawValue, ordering: .releasing)
  }

  /// Asks for the bounds of the calling thread's stack, unless they are known. A thread whose first
  /// access is a signal handler's learns them at a later one.
  func learnStackBounds() {
    var low: UInt = 0
    var high: UInt = 0
    if stackLow.load(ordering: .relaxed) != .max || !audit_stack_bounds(&low, &high) { return }
    stackLow.store(low, ordering: .relaxed)
    stackHigh.store(high, ordering: .relaxed)
  }

  /// Gives up what only the owning thread may: called by it, when it ends.
  func abandon() {
    audit_release_signal_stack(UnsafeMutableRawPointer(bitPattern: signalStack.exchange(0, ordering: .relaxed)))
    clearHazards()
    lifeWord.store(life.entering(RecorderLife.ended).rawValue, ordering: .releasing)
  }

  /// In a forked child: what was counted so far is its parent's.
  func beginAsChild() {
    firstOfProcess.store(ring.head.load(ordering: .relaxed), ordering: .relaxed)
    unrecorded.store(0, ordering: .relaxed)
    shortenedStacks.store(0, ordering: .relaxed)
    if let own = ThreadRegistry.recorder(slot: slot) { audit_traffic_forget(own) }
  }

  /// In a forked child: the owning thread is not there, and in no access.
  func vanish() {
    clearHazards()
    var index = 0
    while index < Self.nestedCapacity {
      nestedHazards[index].store(0, ordering: .relaxed)
      index &+= 1
    }
    lifeWord.store(life.entering(RecorderLife.vanished).rawValue, ordering: .relaxed)
  }

  package var life: RecorderLife { RecorderLife(rawValue: lifeWord.load(ordering: .acquiring)) }

  /// An access that may end on another thread goes on without this one: its word stays.
  private func clearHazards() {
    waits.store(0, ordering: .relaxed)
    held.store(0, ordering: .relaxed)
    hazard.store(0, ordering: .relaxed)
    claiming.store(0, ordering: .relaxed)
    var index = 0
    while index < Self.nestedCapacity {
      let isMoving = nestedHazards[index].load(ordering: .relaxed) & Self.movingMark != 0
      if !isMoving { nestedHazards[index].store(0, ordering: .relaxed) }
      index &+= 1
    }
  }

  /// Whether no access was ever observed that this recorder's owners have ended.
  package var hasNoTraffic: Bool { traffic.load(ordering: .relaxed) == 0 }

  /// Grows with each access of the owning thread.
  package var progress: UInt64 { ring.head.load(ordering: .acquiring) &+ unrecorded.load(ordering: .relaxed) }

  /// The places at which `hazard(at:)` looks, innermost access first. Those that may have gone on
  /// elsewhere come last.
  package static let placeCount = 2 * nestedCapacity + 1

  /// The access that is published at a place, with the mark of a write; 0 for none.
  package func hazard(at place: Int) -> UInt {
    if place == Self.nestedCapacity { return hazard.load(ordering: .relaxed) }
    let mayMove = place > Self.nestedCapacity
    let index = mayMove ? 2 * Self.nestedCapacity &- place : Self.nestedCapacity &- 1 &- place
    let present = nestedHazards[index].load(ordering: .relaxed)
    return (present & Self.movingMark != 0) == mayMove ? present & ~Self.movingMark : 0
  }

  /// The access this thread entered last; 0 while it is in none. One that may have gone on
  /// elsewhere comes after all others.
  package var innermostHazard: UInt {
    var place = 0
    while place < Self.placeCount {
      let present = hazard(at: place)
      if present != 0 { return present }
      place &+= 1
    }
    return 0
  }

  /// Whether this thread is inside an access to the monitor with this address, or has begun one
  /// that is not over.
  package func isInside(_ monitor: UInt) -> Bool {
    if hazard.load(ordering: .acquiring) & Self.addressMask == monitor { return true }
    var index = 0
    while index < Self.nestedCapacity {
      if nestedHazards[index].load(ordering: .acquiring) & Self.addressMask == monitor { return true }
      index += 1
    }
    return false
  }

  /// Whether this thread is inside a read of the monitor with this address, or has begun one that
  /// is not over.
  func isReading(_ monitor: UInt) -> Bool {
    if hazard.load(ordering: .acquiring) == monitor { return true }
    var index = 0
    while index < Self.nestedCapacity {
      if nestedHazards[index].load(ordering: .acquiring) & ~Self.movingMark == monitor { return true }
      index += 1
    }
    return false
  }

  /// Says whose address the thread goes on with.
  ///
  /// - Returns: What ``letGo(_:)`` restores.
  package func hold(_ monitor: UInt) -> UInt {
    let outer = held.load(ordering: .relaxed)
    let isBelow = outer != 0 && outer & ~Self.heldBelowMark != monitor || outer & Self.heldBelowMark != 0
    held.store(isBelow ? monitor | Self.heldBelowMark : monitor, ordering: .sequentiallyConsistent)
    return outer
  }

  /// The stack of the access that is open was found from its frame, and hunting may remember it.
  func noteWalk(frame: UInt, stack: UInt32) {
    walkedFrame.store(frame, ordering: .relaxed)
    walkedStack.store(UInt64(stack), ordering: .relaxed)
  }

  /// The stack of the access that is open was not looked for: hunting has nothing to remember.
  package func forgetWalk() { walkedFrame.store(0, ordering: .relaxed) }

  /// Ends what ``hold(_:)`` began.
  package func letGo(_ outer: UInt) { held.store(outer, ordering: .sequentiallyConsistent) }

  /// Calls `body` with the address of each monitor that this thread is inside an access to.
  func forEachHazard(_ body: (UInt) -> Void) {
    let held = held.load(ordering: .acquiring) & ~Self.heldBelowMark
    if held != 0 { body(held) }
    let innermost = hazard.load(ordering: .acquiring) & Self.addressMask
    if innermost != 0 { body(innermost) }
    for index in 0..<Self.nestedCapacity {
      let present = nestedHazards[index].load(ordering: .acquiring) & Self.addressMask
      if present != 0 { body(present) }
    }
  }

  /// A hazard pointer that nobody looks at, for an access that is not published: one more than the
  /// nested ones.
  package static func unusedHazard(_ recorder: ThreadRecorderPointer) -> UnsafeMutablePointer<Atomic<UInt>> {
    recorder.pointee.nestedHazards + nestedCapacity
  }

  /// The index of the first hazard pointer that is free; `nil` when accesses are nested deeper than
  /// there are words.
  package static func freeHazardIndex(_ recorder: ThreadRecorderPointer, mayMove: Bool) -> Int? {
    var index = 0
    // `hazard` is no word of an access's own: what may move cannot be there.
    let last = mayMove ? nestedCapacity - 1 : nestedCapacity
    while index <= last {
      if hazard(recorder, at: index).pointee.load(ordering: .relaxed) == 0 { return index }
      index += 1
    }
    return nil
  }

  /// The hazard pointer with this index; the last one is `hazard`.
  package static func hazard(_ recorder: ThreadRecorderPointer, at index: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
    index == nestedCapacity ? hazard(recorder) : recorder.pointee.nestedHazards + index
  }

  /// A word for an access inside another one, or one that may end on another thread; a word that
  /// nobody looks at when all are taken. Only the owning thread takes one, so none is taken twice.
  package static func nestedHazard(_ recorder: ThreadRecorderPointer) -> UnsafeMutablePointer<Atomic<UInt>> {
    var index = 0
    while index < nestedCapacity, recorder.pointee.nestedHazards[index].load(ordering: .relaxed) != 0 { index &+= 1 }
    return recorder.pointee.nestedHazards + index
  }

  /// A word for an access that ends on the calling thread, before the accesses around it.
  package static func freeHazard(_ recorder: ThreadRecorderPointer) -> UnsafeMutablePointer<Atomic<UInt>> {
    let hazard = hazard(recorder)
    return hazard.pointee.load(ordering: .relaxed) == 0 ? hazard : nestedHazard(recorder)
  }

  /// The word in which a recorder's thread publishes its access.
  @inlinable @inline(always)
  package static func hazard(_ recorder: ThreadRecorderPointer) -> UnsafeMutablePointer<Atomic<UInt>> {
    // The recorder's first field: its offset is the recorder's own address.
    UnsafeMutableRawPointer(recorder).assumingMemoryBound(to: Atomic<UInt>.self)
  }

  /// A new collection's ID. Only the owning thread calls this.
  package func nextCollectionID() -> UInt64 {
    let count = collectionsCreated.load(ordering: .relaxed) &+ 1
    collectionsCreated.store(count, ordering: .relaxed)
    return slotBits | count
  }

  /// Appends the record of an access whose frame is `frame`, with its stack; returns the stack's
  /// ID.
  @inlinable @inline(always)
  package borrowing func record(
    frame: UInt, collectionID: UInt64, version: UInt64, operation: AccessOperation, flags: UInt8
  ) -> UInt32 {
    let stackID = StackCapture.capture(frame: frame, self)
    ring.append(
      collectionID: collectionID, version: version, stackID: stackID, operation: operation, flags: flags,
      clock: audit_coarse_clock())
    return stackID
  }
}

@usableFromInline
package typealias ThreadRecorderPointer = UnsafeMutablePointer<ThreadRecorder>

#endif
