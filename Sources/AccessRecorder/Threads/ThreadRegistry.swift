// SPDX-License-Identifier: Apache-2.0
//
// The registry of recorders: readers walk it without a lock; a thread takes a lock once, when it is
// attached.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// All recorders of the process by slot, and the attaching of threads.
package enum ThreadRegistry {
  static let slotLimit = 65_533
  /// Slots handed out at most; tests lower it.
  package static var slotsAllowed: SharedWord<Int> { SharedWord(AUDIT_WORD_SLOTS_ALLOWED) }
  /// Set while nothing can be had, so that threads without a recorder do not queue for the lock at
  /// each access.
  private static var isFull: SharedWord<Bool> { SharedWord(AUDIT_WORD_SLOTS_FULL) }

  /// What attaching needs; guarded by `state`.
  private struct State {
    /// Recorders of ended threads that were read to the end. The ones freed last keep their
    /// records, for reports: they are given away oldest first. The others have given their memory
    /// back.
    var warm = FreeRecorders()
    var cold = FreeRecorders()
    /// First parts of recorders that are mapped and not used yet.
    var heads: UInt = 0
    var headsLeft = 0
    var settings = RecorderSettings()
    var stacks: StackTable.Reference?
  }

  /// Free recorders that keep their memory, at most.
  static var warmLimit: Int { 64 }
  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_REGISTRY, isInherited: true) { State() }
  }
  /// Slots in use are 1 ... `count`.
  private static var count: SharedWord<Int> { SharedWord(AUDIT_WORD_SLOTS_USED) }
  /// Recorders by slot.
  private static var slotWords: UnsafeMutablePointer<Atomic<UInt>> {
    audit_recorders().assumingMemoryBound(to: Atomic<UInt>.self)
  }
  /// A bit for each slot, set while its recorder is not free.
  private static var occupancy: UnsafeMutablePointer<Atomic<UInt64>> {
    audit_recorder_occupancy_words().assumingMemoryBound(to: Atomic<UInt64>.self)
  }
  /// Threads that found every slot taken, or no memory; their accesses are neither recorded nor
  /// checked.
  package static var threadsRefused: SharedWord<UInt64> { SharedWord(AUDIT_WORD_THREADS_REFUSED) }

  /// Gives the calling thread a recorder; `nil` when none can be had.
  ///
  /// - Blocking: takes a lock, held for microseconds; maps memory for a new recorder.
  package static func attach() -> ThreadRecorderPointer? {
    if isFull.load(ordering: .acquiring) { return refuse() }
    // A signal handler that came in between would be given a recorder of its own, and this thread
    // another.
    var signals = sigset_t()
    audit_hold_signals(&signals)
    defer { audit_release_signals(&signals) }
    if let recorder = audit_thread_recorder() { return recorder.assumingMemoryBound(to: ThreadRecorder.self) }
    let (taken, depth) = state.withLock { (take(&$0), $0.settings.depth) }
    guard let recorder = taken else { return refuse() }
    // Before it is adopted: without this the thread's end would not be noticed.
    guard audit_own_recorder(recorder, { ThreadRegistry.detach($0) }) else {
      state.withLock { $0.warm.append(recorder) }
      return refuse()
    }
    setOccupied(recorder.pointee.slot, true)
    recorder.pointee.adopt(depth: depth)
    audit_set_thread_recorder(recorder)
    return recorder
  }

  /// A recorder that is nobody's; `nil` when there is none to be had, which is remembered.
  private static func take(_ state: inout State) -> ThreadRecorderPointer? {
    // What was free when the process forked is nobody's in the child.
    while let free = state.warm.removeFirst() ?? state.cold.removeFirst() {
      if !free.pointee.life.hasVanished { return free }
    }
    if let new = make(&state) { return new }
    isFull.store(true, ordering: .releasing)
    return nil
  }

  private static func make(_ state: inout State) -> ThreadRecorderPointer? {
    let slot = count.load(ordering: .relaxed) + 1
    guard slot <= min(slotLimit, slotsAllowed.load(ordering: .relaxed)) else { return nil }
    prepareStacks(&state)
    let headBytes = RecorderMemory.headByteCount
    if state.headsLeft == 0, let heads = RecorderMemory.map(headBytes * RecorderMemory.headsMappedAtOnce) {
      (state.heads, state.headsLeft) = (UInt(bitPattern: heads), RecorderMemory.headsMappedAtOnce)
    }
    let ringSize = AccessRing.size(for: state.settings.historySize)
    guard let stacks = state.stacks, state.headsLeft > 0,
      let head = UnsafeMutableRawPointer(bitPattern: state.heads),
      let body = RecorderMemory.map(RecorderMemory.bodyByteCount(ringSize: ringSize))
    else { return nil }
    state.heads += UInt(headBytes)
    state.headsLeft -= 1
    // Aligned to cache lines: what the thread stores at each access shares none with another
    // thread's.
    let recorder = head.bindMemory(to: ThreadRecorder.self, capacity: 1)
    recorder.initialize(
      to: ThreadRecorder(
        slot: UInt16(slot), ringSize: ringSize, nestedHazards: head + MemoryLayout<ThreadRecorder>.stride, body: body,
        stacks: stacks))
    slotWords[slot].store(UInt(bitPattern: recorder), ordering: .releasing)
    count.store(slot, ordering: .releasing)
    return recorder
  }

  private static func prepareStacks(_ state: inout State) {
    guard state.stacks == nil else { return }
    audit_prepare_walks()
    // One table for all, also where a forked child had to begin with a new state.
    state.stacks = recorder(slot: 1)?.pointee.stacks ?? StackTable.create()
  }

  /// The table of stacks, made now if there is none; `nil` when there is no memory for it.
  package static func prepareStacks() -> StackTable.Reference? {
    state.withLock { state in
      prepareStacks(&state)
      return state.stacks
    }
  }

  private static func setOccupied(_ slot: UInt16, _ isOccupied: Bool) {
    let word = occupancy + Int(slot >> 6)
    let bit = UInt64(1) << UInt64(slot & 63)
    if isOccupied {
      word.pointee.bitwiseOr(bit, ordering: .sequentiallyConsistent)
    } else {
      word.pointee.bitwiseAnd(~bit, ordering: .sequentiallyConsistent)
    }
  }

  /// In a forked child: the other threads are not there. Their recorders keep their records, and
  /// are given to nobody: a slot that stands in a monitor's word must go on meaning the thread that
  /// vanished.
  static func keepOnlyCallingThread() {
    // Also while its accesses are suppressed.
    let own = audit_owned_recorder()
    var slot: UInt16 = 1
    let last = UInt16(truncatingIfNeeded: count.load(ordering: .acquiring))
    while slot <= last {
      if let recorder = recorder(slot: slot) {
        recorder.pointee.beginAsChild()
        if UnsafeMutableRawPointer(recorder) != own { recorder.pointee.vanish() }
      }
      slot &+= 1
    }
    recorder(slot: 1)?.pointee.stacks.counters.pointee.lost.store(0, ordering: .relaxed)
    guard let own else { return }
    own.assumingMemoryBound(to: ThreadRecorder.self).pointee.threadID.store(audit_thread_id(), ordering: .relaxed)
  }

  /// Whether the thread with this slot stayed behind when the process forked: what it had begun
  /// never ends.
  package static func hasVanished(slot: UInt16) -> Bool {
    recorder(slot: slot)?.pointee.life.hasVanished ?? false
  }

  /// Counts the calling thread, once. It tries again at its next access: by then another thread may
  /// have ended.
  package static func refuseThread() -> ThreadRecorderPointer? { refuse() }

  private static func refuse() -> ThreadRecorderPointer? {
    if audit_note_refusal() { threadsRefused.wrappingAdd(1, ordering: .relaxed) }
    return nil
  }

  private static func detach(_ pointer: UnsafeMutableRawPointer) {
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    if recorder.pointee.pendingDrops.load(ordering: .relaxed) != 0 { dropPending?(pointer) }
    audit_set_thread_recorder(nil)
    recorder.pointee.abandon()
  }

  /// What a thread that ends does with elements that it could not drop before. Set before the first
  /// such thread has any.
  nonisolated(unsafe) package static var dropPending: (@convention(c) (UnsafeMutableRawPointer) -> Void)?

  /// Takes back a recorder whose records were read after its owner had come to `life`, for the next
  /// thread that is attached. Only the detector calls this, once for each owner: only one of two
  /// calls finds the owner's end.
  package static func recycle(_ recorder: ThreadRecorderPointer, _ life: RecorderLife) {
    if life.hasVanished { return setOccupied(recorder.pointee.slot, false) }
    let freed = recorder.pointee.lifeWord.compareExchange(
      expected: life.entering(RecorderLife.ended).rawValue, desired: life.entering(RecorderLife.free).rawValue,
      ordering: .acquiringAndReleasing)
    guard freed.exchanged else { return }
    setOccupied(recorder.pointee.slot, false)
    state.withLock { state in
      state.warm.append(recorder)
      if state.warm.count > warmLimit, let oldest = state.warm.removeFirst() {
        oldest.pointee.giveBodyBack()
        state.cold.prepend(oldest)
      }
      isFull.store(false, ordering: .releasing)
    }
  }

  /// Lets refused threads try again: there may be memory by now.
  package static func retryRefused() {
    if isFull.load(ordering: .relaxed) { isFull.store(false, ordering: .releasing) }
  }

  /// The recorder with the given slot.
  package static func recorder(slot: UInt16) -> ThreadRecorderPointer? {
    guard slot != 0, Int(slot) <= count.load(ordering: .acquiring) else { return nil }
    return ThreadRecorderPointer(bitPattern: slotWords[Int(slot)].load(ordering: .acquiring))
  }

  /// All recorders, those of ended threads included.
  ///
  /// - Complexity: O(threads that there ever were at one time). For the detector's rounds there is
  ///   `forEachInUse`.
  package static var all: [ThreadRecorderPointer] {
    (1..<(count.load(ordering: .acquiring) + 1)).compactMap { recorder(slot: UInt16($0)) }
  }

  package static var recorderCount: Int { count.load(ordering: .acquiring) }

  /// The first slot above `slot` whose recorder is not free; 0 when there is none. Allocates
  /// nothing: signal handlers call it.
  package static func nextInUse(after slot: UInt16) -> UInt16 {
    let last = count.load(ordering: .acquiring)
    var next = Int(slot) + 1
    while next <= last {
      let rest = occupancy[next >> 6].load(ordering: .acquiring) >> UInt64(next & 63)
      if rest != 0 {
        next += rest.trailingZeroBitCount
        return next <= last ? UInt16(truncatingIfNeeded: next) : 0
      }
      next = (next | 63) + 1
    }
    return 0
  }

  /// Whether a thread has recorded something since the detector's last look at its recorder.
  package static var hasUnread: Bool {
    var slot = nextInUse(after: 0)
    while slot != 0 {
      if let recorder = recorder(slot: slot),
        recorder.pointee.ring.head.load(ordering: .acquiring) != recorder.pointee.drained.load(ordering: .relaxed)
      {
        return true
      }
      slot = nextInUse(after: slot)
    }
    return false
  }

  /// Calls `body` with the recorders of running threads, and of ended ones that were not read to
  /// the end.
  ///
  /// - Complexity: O(those + slots / 64).
  package static func forEachInUse(_ body: (ThreadRecorderPointer) -> Void) {
    var slot = nextInUse(after: 0)
    while slot != 0 {
      if let recorder = recorder(slot: slot) { body(recorder) }
      slot = nextInUse(after: slot)
    }
  }

  /// The slot of a thread, other than the given one, that is inside an access to this monitor; 0
  /// when there is none. Allocates nothing: signal handlers call it.
  package static func slotInside(_ monitor: UInt, except own: UInt16) -> UInt16 {
    var slot = nextInUse(after: 0)
    while slot != 0 {
      if slot != own, let recorder = recorder(slot: slot), recorder.pointee.isInside(monitor) { return slot }
      slot = nextInUse(after: slot)
    }
    return 0
  }

  /// The slot of a thread, other than the given one, that is inside a read of this monitor; 0 when
  /// there is none. Allocates nothing.
  package static func slotReading(_ monitor: UInt, except own: UInt16) -> UInt16 {
    var slot: UInt16 = 1
    let last = UInt16(truncatingIfNeeded: count.load(ordering: .acquiring))
    while slot <= last {
      if slot != own, let recorder = recorder(slot: slot), recorder.pointee.isReading(monitor) { return slot }
      slot += 1
    }
    return 0
  }

  /// The slots 1 to this one have a recorder.
  package static var slotsInUse: Int { count.load(ordering: .acquiring) }

  /// The addresses of the monitors that threads are inside an access to.
  package static var monitorsInUse: Set<UInt> {
    var addresses: Set<UInt> = []
    forEachInUse { recorder in recorder.pointee.forEachHazard { addresses.insert($0) } }
    return addresses
  }

  package static var stacksShortened: UInt64 {
    var count: UInt64 = 0
    for recorder in all { count &+= recorder.pointee.shortenedStacks.load(ordering: .relaxed) }
    return count
  }

  package static var stacks: StackTable.Reference? { state.withLock { $0.stacks } }

  /// Takes over new settings; a ring's size holds for recorders made later.
  package static func apply(_ settings: RecorderSettings) {
    state.withLock { $0.settings = settings }
    StressDelay.limitMicroseconds.store(UInt64(settings.delayMicroseconds), ordering: .relaxed)
    Hunt.begin(percent: settings.huntPercent, seed: settings.seed)
    // Free ones too: the next owner's settings are taken before it is adopted.
    for recorder in all {
      recorder.pointee.depth.store(StressDelay.depthWord(settings.depth), ordering: .relaxed)
    }
  }
}

/// A list of free recorders, linked through them: keeping one needs no memory.
private struct FreeRecorders {
  private var first: UInt = 0
  private var last: UInt = 0
  private(set) var count = 0

  mutating func append(_ recorder: ThreadRecorderPointer) {
    recorder.pointee.nextFree.store(0, ordering: .relaxed)
    if let last = ThreadRecorderPointer(bitPattern: last) {
      last.pointee.nextFree.store(UInt(bitPattern: recorder), ordering: .relaxed)
    } else {
      first = UInt(bitPattern: recorder)
    }
    last = UInt(bitPattern: recorder)
    count += 1
  }

  mutating func prepend(_ recorder: ThreadRecorderPointer) {
    recorder.pointee.nextFree.store(first, ordering: .relaxed)
    first = UInt(bitPattern: recorder)
    if last == 0 { last = first }
    count += 1
  }

  mutating func removeFirst() -> ThreadRecorderPointer? {
    guard let recorder = ThreadRecorderPointer(bitPattern: first) else { return nil }
    first = recorder.pointee.nextFree.load(ordering: .relaxed)
    if first == 0 { last = 0 }
    count -= 1
    return recorder
  }
}

/// The options that concern recording.
package struct RecorderSettings: Sendable {
  /// Records kept for each thread.
  package var historySize: Int
  /// Return addresses to walk: 0 to `StackTable.maximumDepth`.
  package var depth: Int
  /// The longest delay inside an access; 0 is none.
  package var delayMicroseconds: Int
  /// The share of the time that may go into holds; 0 is none.
  package var huntPercent: Int
  /// The first number of the generator of delays and holds; 0 for one of the kernel's.
  package var seed: UInt64

  package init(
    historySize: Int = 1024, depth: Int = 32, delayMicroseconds: Int = 0, huntPercent: Int = 0, seed: UInt64 = 0
  ) {
    self.historySize = historySize
    self.delayMicroseconds = delayMicroseconds
    self.huntPercent = huntPercent
    self.seed = seed
    self.depth = min(depth, StackTable.maximumDepth)
  }
}

#endif
