// SPDX-License-Identifier: Apache-2.0
//
// The registry of recorders: readers walk it without a lock; a thread takes a lock once, when it is attached.

internal import CAccessRecorder
internal import Glibc
package import Synchronization

/// All recorders of the process by slot, and the attaching of threads.
package enum ThreadRegistry {
  static let slotLimit = 65_533
  /// Slots handed out at most; tests lower it.
  package static let slotsAllowed = Atomic<Int>(slotLimit)
  /// Set while nothing can be had, so that threads without a recorder do not queue for the lock at each access.
  private static let isFull = Atomic<Bool>(false)

  /// What attaching needs; guarded by `state`.
  private struct State {
    /// Recorders of ended threads whose rings were drained, oldest first.
    var free: [UInt] = []
    var settings = RecorderSettings()
    var stacks: StackTable.Reference?
  }

  private static let state = ForkSafeLock(State())
  /// Slots in use are 1 ... `count`.
  private static let count = Atomic<Int>(0)
  /// Recorders by slot: 512 KiB of address space, resident as it fills.
  nonisolated(unsafe) private static let table: UnsafeMutablePointer<Atomic<UInt>> = {
    let memory = mmap(
      nil, (slotLimit + 2) * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("AccessAudit: no memory for the thread registry") }
    return memory.assumingMemoryBound(to: Atomic<UInt>.self)
  }()
  /// Runs `detach` when a thread ends.
  private static let exitKey: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { ThreadRegistry.detach($0!) }
    return key
  }()
  /// Threads that found every slot taken; their accesses are neither recorded nor checked.
  package static let threadsRefused = Atomic<UInt64>(0)

  /// Gives the calling thread a recorder; `nil` when none can be had.
  ///
  /// - Blocking: takes a lock, held for microseconds; allocates about 33 KiB for a new recorder.
  package static func attach() -> ThreadRecorderPointer? {
    if isFull.load(ordering: .acquiring) { return refuse() }
    let recorder = state.withLock { state -> UInt in
      while !state.free.isEmpty {
        let free = state.free.removeFirst()
        // Was waiting for its next thread when the process forked.
        if !ThreadRecorderPointer(bitPattern: free)!.pointee.hasVanished.load(ordering: .relaxed) { return free }
      }
      if state.stacks == nil { state.stacks = StackTable.create() }
      let slot = count.load(ordering: .relaxed) + 1
      guard let stacks = state.stacks, slot <= min(slotLimit, slotsAllowed.load(ordering: .relaxed)) else {
        isFull.store(true, ordering: .releasing)
        return 0
      }
      // Aligned to cache lines: what the thread stores at each access shares none with another thread's.
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: MemoryLayout<ThreadRecorder>.stride, alignment: ThreadRecorder.cacheLine)
      let recorder = memory.bindMemory(to: ThreadRecorder.self, capacity: 1)
      recorder.initialize(
        to: ThreadRecorder(slot: UInt16(slot), historySize: state.settings.historySize, stacks: stacks))
      table[slot].store(UInt(bitPattern: recorder), ordering: .releasing)
      count.store(slot, ordering: .releasing)
      return UInt(bitPattern: recorder)
    }
    guard let recorder = ThreadRecorderPointer(bitPattern: recorder) else { return refuse() }
    recorder.pointee.adopt(depth: state.withLock { $0.settings.depth })
    pthread_setspecific(exitKey, recorder)
    audit_set_thread_recorder(recorder)
    return recorder
  }

  /// In a forked child: the other threads are not there. Their recorders keep their records, and are given to nobody: a slot
  /// that stands in a monitor's word must go on meaning the thread that vanished.
  static func keepOnlyCallingThread() {
    let own = audit_thread_recorder()
    for recorder in all where UnsafeMutableRawPointer(recorder) != own { recorder.pointee.vanish() }
    guard let own else { return }
    own.assumingMemoryBound(to: ThreadRecorder.self).pointee.threadID.store(audit_thread_id(), ordering: .relaxed)
  }

  /// Whether the thread with this slot stayed behind when the process forked: what it had begun never ends.
  package static func hasVanished(slot: UInt16) -> Bool {
    recorder(slot: slot)?.pointee.hasVanished.load(ordering: .relaxed) ?? false
  }

  /// Counts the calling thread, once. It tries again at its next access: by then another thread may have ended.
  private static func refuse() -> ThreadRecorderPointer? {
    if audit_note_refusal() { threadsRefused.wrappingAdd(1, ordering: .relaxed) }
    return nil
  }

  private static func detach(_ pointer: UnsafeMutableRawPointer) {
    audit_set_thread_recorder(nil)
    pointer.assumingMemoryBound(to: ThreadRecorder.self).pointee.abandon()
  }

  /// Gives a drained recorder of an ended thread to the next thread that is attached.
  package static func recycle(_ recorder: ThreadRecorderPointer) {
    state.withLock { state in
      state.free.append(UInt(bitPattern: recorder))
      isFull.store(false, ordering: .releasing)
    }
  }

  /// The recorder with the given slot.
  package static func recorder(slot: UInt16) -> ThreadRecorderPointer? {
    guard slot != 0, Int(slot) <= count.load(ordering: .acquiring) else { return nil }
    return ThreadRecorderPointer(bitPattern: table[Int(slot)].load(ordering: .acquiring))
  }

  /// All recorders, those of ended threads included.
  package static var all: [ThreadRecorderPointer] {
    (1..<(count.load(ordering: .acquiring) + 1)).compactMap { recorder(slot: UInt16($0)) }
  }

  /// The slot of a thread, other than the given one, that is inside an access to this monitor; 0 when there is none.
  /// Allocates nothing: signal handlers call it.
  package static func slotInside(_ monitor: UInt, except own: UInt16) -> UInt16 {
    var slot: UInt16 = 1
    let last = UInt16(truncatingIfNeeded: count.load(ordering: .acquiring))
    while slot <= last {
      if slot != own, let recorder = recorder(slot: slot), recorder.pointee.isInside(monitor) { return slot }
      slot += 1
    }
    return 0
  }

  /// The addresses of the monitors that threads are inside an access to.
  package static var monitorsInUse: Set<UInt> {
    var addresses: Set<UInt> = []
    for recorder in all { recorder.pointee.forEachPresence { addresses.insert($0) } }
    return addresses
  }

  package static var stacks: StackTable.Reference? { state.withLock { $0.stacks } }

  /// Takes over new settings; a ring's size holds for recorders made later.
  package static func apply(_ settings: RecorderSettings) {
    state.withLock { $0.settings = settings }
    StressDelay.limitMicroseconds.store(UInt64(settings.delayMicroseconds), ordering: .relaxed)
    for recorder in all {
      recorder.pointee.depth.store(StressDelay.depthWord(settings.depth), ordering: .relaxed)
    }
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

  package init(historySize: Int = 1024, depth: Int = 32, delayMicroseconds: Int = 0) {
    self.historySize = historySize
    self.delayMicroseconds = delayMicroseconds
    self.depth = min(depth, StackTable.maximumDepth)
  }
}
