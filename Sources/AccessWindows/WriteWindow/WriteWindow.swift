// SPDX-License-Identifier: Apache-2.0
//
// The window of a mutation: from the claim of the monitor's writer word to the even version, with
// the user's closure, the hashing and the `==` of keys inside. The fast path is inlined into the
// member; nothing here allocates or locks, except a fork.

#if AUDITED && canImport(Glibc)

public import AccessRecorder
public import AccessTerms
public import CAccessRecorder
internal import Glibc
public import Synchronization

/// A write in progress on the variable at one address.
@frozen @usableFromInline
package struct WriteWindow {
  @usableFromInline let monitor: UnsafeMutableRawPointer
  /// The odd version of this write; 0 when the write is not audited. Travels in the accessor's
  /// frame: a `_modify` that spans an `await` may end on another thread than it began on.
  @usableFromInline package let version: UInt64
  /// The word in which the thread that began publishes its access, and what it gets at the end: 0.
  /// Accesses nest where the hashing of a key touches another collection; each has a word of its
  /// own. `nil` when the write is not audited; `nil` and another version than 0: a write under
  /// `shield`.
  @usableFromInline package let hazard: UnsafeMutablePointer<Atomic<UInt>>?
  @usableFromInline let outer: UInt

  @inlinable @inline(always)
  init(
    monitor: UnsafeMutableRawPointer, version: UInt64, hazard: UnsafeMutablePointer<Atomic<UInt>>?, outer: UInt
  ) {
    self.monitor = monitor
    self.version = version
    self.hazard = hazard
    self.outer = outer
  }

  /// A window that is not audited.
  @inlinable @inline(always)
  init(unaudited monitor: UnsafeMutableRawPointer) {
    self.init(monitor: monitor, version: 0, hazard: nil, outer: 0)
  }

  /// Opens the window. `reference` is the audited collection's only stored property, so its address
  /// is the variable's.
  @inlinable @inline(always)
  package init(_ reference: UnsafeMutablePointer<Monitor>, _ operation: AccessOperation) {
    let variable = UnsafeMutableRawPointer(reference)
    if audit_is_off() {
      let monitor = MonitorReference.load(from: variable)
      // Unoptimised builds pay for each level of calls, so the test that fails is the one that
      // leaves the line.
      if audit_is_unique(monitor) {
        self.init(unaudited: monitor)
      } else {
        self = WriteWindow.openUnaudited(variable)
      }
    } else {
      self = openWrite(variable, operation)
    }
  }

  /// Opens the window of a write that may end on another thread than it began on: a `_modify` can
  /// span an `await`.
  @inlinable @inline(always)
  package init(moving reference: UnsafeMutablePointer<Monitor>, _ operation: AccessOperation) {
    let variable = UnsafeMutableRawPointer(reference)
    if audit_is_off() {
      let monitor = MonitorReference.load(from: variable)
      if audit_is_unique(monitor) {
        self.init(unaudited: monitor)
      } else {
        self = WriteWindow.openUnaudited(variable)
      }
    } else {
      self = openMovingWrite(variable, operation)
    }
  }

  /// The collection's storage, to be mutated in place while the window is open.
  @inlinable @inline(always)
  package func storage<Storage>(as type: Storage.Type) -> UnsafeMutablePointer<Storage> {
    (monitor + 32).assumingMemoryBound(to: Storage.self)
  }

  /// Closes the window: Protocol, write step 7.
  @inlinable @inline(always)
  package func close() {
    guard let hazard else {
      if version != 0 { closeShielded() }
      return
    }
    close(hazard)
  }

  /// Closes the window of an access that has looked at the hazard pointer before, in place of here:
  /// an access by a key that it consumes.
  @inlinable @inline(always)
  package func close(_ hazard: UnsafeMutablePointer<Atomic<UInt>>) {
    let words = MonitorReference(address: monitor)
    // The writer word of an open window holds the variable's address below the slot.
    let writer = UInt(truncatingIfNeeded: words.writer.pointee.load(ordering: .relaxed) & 0x0000_FFFF_FFFF_FFFF)
    guard let variable = UnsafeMutableRawPointer(bitPattern: writer), MonitorReference.load(from: variable) == monitor
    else { return closeReplaced() }
    // Pairs with the acquiring loads of a reader: it sees the mutation if it sees the even version.
    words.version.pointee.store(VersionWord.ending(version), ordering: .releasing)
    // Pairs with the compare-and-swap of the next writer.
    words.writer.pointee.store(0, ordering: .releasing)
    hazard.pointee.store(outer, ordering: .releasing)
  }

  /// Closes the window of an access by key, which goes to who observes the accesses.
  @inlinable @inline(always)
  package func close<Key: Hashable>(key: Key) {
    guard let hazard else {
      if version != 0 { closeUnusually(key) }
      return
    }
    close(hazard)
  }

  /// The open window of the calling thread's write, published in its recorder.
  @inline(__always)
  static func publish(
    _ monitor: MonitorReference, version: UInt64, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer
  ) -> WriteWindow {
    if operation.mayMove { return publishMoving(monitor, version: version, recorder) }
    let hazard = ThreadRecorder.freeHazard(recorder)
    hazard.pointee.store(UInt(bitPattern: monitor.address) | ThreadRecorder.writingMark, ordering: .relaxed)
    return WriteWindow(monitor: monitor.address, version: version, hazard: hazard, outer: 0)
  }

  /// The open window of a write that may end on another thread. The word in which it is published
  /// is its own: whatever thread ends it stores 0 there, and nothing is put back.
  private static func publishMoving(
    _ monitor: MonitorReference, version: UInt64, _ recorder: ThreadRecorderPointer
  ) -> WriteWindow {
    let hazard = ThreadRecorder.nestedHazard(recorder)
    let marks = ThreadRecorder.movingMark | ThreadRecorder.writingMark
    hazard.pointee.store(UInt(bitPattern: monitor.address) | marks, ordering: .relaxed)
    return WriteWindow(monitor: monitor.address, version: version, hazard: hazard, outer: 0)
  }

  /// The fast path has opened and recorded a write that may end on another thread, and the first
  /// word for it is taken.
  @_silgen_name("audit_open_write_occupied") @usableFromInline @inline(never)
  static func openOccupied(
    _ address: UnsafeMutableRawPointer, _ unused: UInt64, _ version: UInt64
  ) -> WriteWindow {
    // The fast path had it a moment ago.
    let recorder = audit_thread_recorder()!.assumingMemoryBound(to: ThreadRecorder.self)
    return publishMoving(MonitorReference(address: address), version: version, recorder)
  }

  /// The fast path has opened and recorded a write inside another access, whose publication stays.
  @_silgen_name("audit_open_write_nested") @usableFromInline @inline(never)
  static func openNested(
    _ address: UnsafeMutableRawPointer, _ unused: UInt64, _ version: UInt64
  ) -> WriteWindow {
    // The fast path had it a moment ago.
    let recorder = audit_thread_recorder()!.assumingMemoryBound(to: ThreadRecorder.self)
    let hazard = ThreadRecorder.freeHazard(recorder)
    hazard.pointee.store(UInt(bitPattern: address) | ThreadRecorder.writingMark, ordering: .relaxed)
    return WriteWindow(monitor: address, version: version, hazard: hazard, outer: 0)
  }

  /// Called behind the store of the odd version: what is stored next does not come before it. On
  /// x86-64 no store passes another.
  @inline(__always)
  static func orderMutation() {
    #if !arch(x86_64)
    atomicMemoryFence(ordering: .releasing)
    #endif
  }

  /// Closes the window of a variable that was given another collection meanwhile.
  @usableFromInline @inline(never)
  func closeReplaced() {
    let saved = errno
    defer { errno = saved }
    hazard?.pointee.store(outer, ordering: .releasing)
    let monitor = MonitorReference(address: monitor)
    let now = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    // Dropped meanwhile. Who did that has reported it, and waits for the writer word, without which
    // nobody frees the monitor.
    if now.isRetired { return monitor.writer.pointee.store(0, ordering: .releasing) }
    // A monitor that is not kept when its collection goes may be in other hands; the odd version of
    // this very write says that it is not.
    guard now.rawValue == version else { return }
    let writer = WriterWord(rawValue: monitor.writer.pointee.load(ordering: .relaxed))
    if let recorder = Recording.recorderForAccess(), let variable = writer.variable, !monitor.isReplacedByFallback {
      // Somebody keeps the collection, so nothing says who assigned another one.
      Conflicts.report(
        Conflict(
          kind: .replacedDuringWrite, monitor: monitor, operation: .assign, isWriting: true,
          before: VersionWord(rawValue: version), otherSlot: 0,
          otherMonitor: MonitorReference(address: MonitorReference.load(from: variable)), isInProgress: false),
        seenBy: recorder, frame: audit_frame_address())
    }
    monitor.version.pointee.store(VersionWord.ending(version), ordering: .releasing)
    monitor.writer.pointee.store(0, ordering: .releasing)
  }

  /// Opens the window while auditing is on: the whole of it, for what the fast path leaves. The
  /// frame whose caller made the access is this function's, so nothing may stand between.
  @_silgen_name("audit_open_write_fully") @usableFromInline @inline(never)
  static func openFully(_ variable: UnsafeMutableRawPointer, _ operation: AccessOperation) -> WriteWindow {
    #if arch(arm64)
    if !audit_can_name(variable) { return openUnaudited(variable) }
    #endif
    guard audit_mode() == AUDIT_MODE_ON, let pointer = audit_thread_recorder() else {
      return openUnusually(variable, operation, frame: audit_frame_address())
    }
    // A stack that is new is unwound.
    let saved = errno
    defer { errno = saved }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    let monitor = MonitorReference(address: MonitorReference.load(from: variable))
    // Protocol, write step 1.
    let before = monitor.version.pointee.load(ordering: .acquiring)
    // Where the bias is another's, or nobody's yet, there is something to settle first.
    let bias = monitor.bias.pointee.load(ordering: .acquiring)
    guard bias == 0 || bias == recorder.pointee.slot else {
      return openRepeatedly(variable, operation, recorder, frame: audit_frame_address())
    }
    // Protocol, write step 2.
    let writer = WriterWord.pack(variable, slotBits: recorder.pointee.slotBits)
    let claim = monitor.writer.pointee.compareExchange(expected: 0, desired: writer, ordering: .acquiringAndReleasing)
    // Protocol, write steps 3 and 4.
    if claim.exchanged, monitor.version.pointee.load(ordering: .acquiring) == before, before & 1 == 0,
      MonitorReference.load(from: variable) == monitor.address, audit_is_unique(monitor.address)
    {
      let version = VersionWord.beginning(before, slotBits: recorder.pointee.slotBits)
      monitor.version.pointee.store(version, ordering: .releasing)
      orderMutation()
      // Protocol, write step 5.
      _ = recorder.pointee.record(
        frame: audit_frame_address(), collectionID: monitor.id, version: version, operation: operation,
        flags: AccessRecord.Flags.writingCode)
      monitor.hunt(operation, isWriting: true, recorder, frame: audit_frame_address())
      return publish(monitor, version: version, operation, recorder)
    }
    return openContended(
      variable, operation, recorder, frame: audit_frame_address(), monitor: monitor, before: before,
      claimedWriterWord: claim.exchanged, owner: claim.original)
  }

  /// The fast path tried to claim the writer word: `owner` is what it held before, 0 if the claim
  /// succeeded.
  @_silgen_name("audit_open_write_claimed") @usableFromInline @inline(never)
  static func openClaimed(
    _ variable: UnsafeMutableRawPointer, _ operation: AccessOperation, _ monitor: UnsafeMutableRawPointer,
    _ before: UInt64, _ owner: UInt64
  ) -> WriteWindow {
    guard let pointer = audit_thread_recorder() else { return openUnaudited(variable) }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    let window = openContended(
      variable, operation, recorder, frame: audit_frame_address(),
      monitor: MonitorReference(address: monitor), before: before, claimedWriterWord: owner == 0, owner: owner)
    return audit_traffic_is_observed() ? window.observed(operation, recorder) : window
  }

  /// The fast path has opened the window, and does not know the stack.
  @_silgen_name("audit_open_write_walking") @usableFromInline @inline(never)
  static func openWalking(
    _ address: UnsafeMutableRawPointer, _ operation: AccessOperation, _ version: UInt64
  ) -> WriteWindow {
    let saved = errno
    defer { errno = saved }
    let monitor = MonitorReference(address: address)
    // The fast path had it a moment ago.
    let recorder = audit_thread_recorder()!.assumingMemoryBound(to: ThreadRecorder.self)
    _ = recorder.pointee.record(
      frame: audit_frame_address(), collectionID: monitor.id, version: version, operation: operation,
      flags: AccessRecord.Flags.writingCode)
    monitor.hunt(operation, isWriting: true, recorder, frame: audit_frame_address())
    return publish(monitor, version: version, operation, recorder)
  }

  /// The fast path of an observed write has opened the window, and does not know the stack.
  @_silgen_name("audit_open_write_walking_observed") @usableFromInline @inline(never)
  static func openWalkingObserved(
    _ address: UnsafeMutableRawPointer, _ operation: AccessOperation, _ version: UInt64
  ) -> WriteWindow {
    let saved = errno
    defer { errno = saved }
    let monitor = MonitorReference(address: address)
    // The fast path had it a moment ago.
    let recorder = audit_thread_recorder()!.assumingMemoryBound(to: ThreadRecorder.self)
    _ = recorder.pointee.record(
      frame: audit_frame_address(), collectionID: monitor.id, version: version, operation: operation,
      flags: AccessRecord.Flags.writingCode)
    monitor.hunt(operation, isWriting: true, recorder, frame: audit_frame_address())
    return publish(monitor, version: version, operation, recorder).observed(operation, recorder)
  }

  /// Opens a window that is not audited: only what value semantics ask for, a monitor of the
  /// variable's own.
  @usableFromInline @inline(never)
  static func openUnaudited(_ variable: UnsafeMutableRawPointer) -> WriteWindow {
    let monitor = MonitorReference(address: MonitorReference.load(from: variable))
    if audit_is_unique(monitor.address) { return WriteWindow(unaudited: monitor.address) }
    if let own = audit_fork_unpinned(variable) { return WriteWindow(unaudited: own) }
    let own = Monitor.detach(variable, from: monitor, recorder: nil, version: 0, writer: 0, ownsWriterWord: false)
    return WriteWindow(unaudited: own.address)
  }
}

#endif
