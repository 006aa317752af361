// SPDX-License-Identifier: Apache-2.0
//
// The window of a read: a sequence lock's reader. No atomic read-modify-write and no store to a
// shared cache line; the fast path is inlined into the member; nothing here allocates or locks.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
public import AccessTerms
public import CAccessRecorder
internal import Glibc
public import Synchronization

/// A read in progress of one value of a collection.
@frozen @usableFromInline
package struct ReadWindow {
  @usableFromInline let monitor: UnsafeMutableRawPointer
  /// The version the read began with.
  @usableFromInline package let version: UInt64
  /// The word in which the thread that began publishes its access, and what it gets at the end: 0;
  /// `nil` when the read is not audited. `nil` and another version than 0: a read under `shield`,
  /// see `Shield`.
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

  /// Opens the window. `monitor` is the first word of the audited collection.
  @inlinable @inline(always)
  package init(_ monitor: UnsafeMutableRawPointer, _ operation: AccessOperation) {
    if audit_is_off() {
      self.init(unaudited: monitor)
    } else {
      self = openRead(monitor, operation)
    }
  }

  /// Opens the window of a read that may end on another thread than it began on.
  @inlinable @inline(always)
  package init(moving monitor: UnsafeMutableRawPointer, _ operation: AccessOperation) {
    if audit_is_off() {
      self.init(unaudited: monitor)
    } else {
      self = ReadWindow.openFully(monitor, operation)
    }
  }

  /// The collection's storage, to be read while the window is open.
  @inlinable @inline(always)
  package func storage<Storage>(as type: Storage.Type) -> UnsafeMutablePointer<Storage> {
    (monitor + 32).assumingMemoryBound(to: Storage.self)
  }

  /// Closes the window: Protocol, read step 5. A write since it was opened overlapped with this
  /// read.
  @inlinable @inline(always)
  package func close(_ operation: AccessOperation) {
    guard let hazard else {
      if version != 0 { closeShielded(operation) }
      return
    }
    close(hazard, operation)
  }

  /// Closes the window of an access that has looked at the hazard pointer before, in place of here.
  @inlinable @inline(always)
  package func close(_ hazard: UnsafeMutablePointer<Atomic<UInt>>, _ operation: AccessOperation) {
    #if !arch(x86_64)
    // The elements' loads come before the version's.
    atomicMemoryFence(ordering: .acquiring)
    #endif
    hazard.pointee.store(outer, ordering: .releasing)
    // Pairs with the releasing stores of a writer's open and close.
    if (monitor + 16).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .acquiring) != version {
      closeChanged(operation)
    }
  }

  /// Closes the window of an access by key, which goes to who observes the accesses.
  @inlinable @inline(always)
  package func close<Key: Hashable>(_ operation: AccessOperation, key: Key) {
    guard let hazard else {
      if version != 0 { closeUnusually(operation, key) }
      return
    }
    close(hazard, operation)
  }

  /// Whether accesses are neither recorded nor checked.
  @inlinable
  package static var areOff: Bool {
    @inline(always) get { audit_is_off() }
  }

  /// The storage of a collection, without a window: while auditing is off.
  @inlinable @inline(always)
  package static func storage<Storage>(
    of monitor: UnsafeMutableRawPointer, as type: Storage.Type
  ) -> UnsafeMutablePointer<Storage> {
    (monitor + 32).assumingMemoryBound(to: Storage.self)
  }

  /// Opens the window while auditing is on: the whole of it, for what the fast path leaves. The
  /// frame whose caller made the access is this function's, so nothing may stand between.
  @_silgen_name("audit_open_read_fully") @usableFromInline @inline(never)
  static func openFully(_ address: UnsafeMutableRawPointer, _ operation: AccessOperation) -> ReadWindow {
    guard audit_mode() == AUDIT_MODE_ON, let pointer = audit_thread_recorder() else {
      return openUnusually(address, operation, frame: audit_frame_address())
    }
    // A stack that is new is unwound.
    let saved = errno
    defer { errno = saved }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    let monitor = MonitorReference(address: address)
    // Protocol, read step 1.
    let version = monitor.version.pointee.load(ordering: .acquiring)
    if version & 1 == 0 {
      // Protocol, read step 2.
      _ = recorder.pointee.record(
        frame: audit_frame_address(), collectionID: monitor.id, version: version, operation: operation, flags: 0)
      let window = publish(monitor, version: version, operation, recorder)
      monitor.hunt(operation, isWriting: false, recorder, frame: audit_frame_address())
      // Protocol, read step 3.
      if monitor.version.pointee.load(ordering: .acquiring) == version { return window }
      window.withdraw()
    }
    return openContended(
      monitor, operation, recorder, frame: audit_frame_address(), before: version, isRecorded: version & 1 == 0)
  }

  /// The fast path recorded the access, and found another version than `before` after that.
  @_silgen_name("audit_open_read_changed") @usableFromInline @inline(never)
  static func openChanged(
    _ address: UnsafeMutableRawPointer, _ operation: AccessOperation, _ before: UInt64
  ) -> ReadWindow {
    guard let pointer = audit_thread_recorder() else { return ReadWindow(unaudited: address) }
    return openContended(
      MonitorReference(address: address), operation, pointer.assumingMemoryBound(to: ThreadRecorder.self),
      frame: audit_frame_address(), before: before, isRecorded: true)
  }

  /// The fast path recorded a read inside another access, whose publication stays.
  @_silgen_name("audit_open_read_nested") @usableFromInline @inline(never)
  static func openNested(
    _ address: UnsafeMutableRawPointer, _ operation: AccessOperation, _ before: UInt64
  ) -> ReadWindow {
    guard let pointer = audit_thread_recorder() else { return ReadWindow(unaudited: address) }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    let monitor = MonitorReference(address: address)
    let window = publish(monitor, version: before, operation, recorder)
    if monitor.version.pointee.load(ordering: .acquiring) == before { return window }
    window.withdraw()
    return openContended(
      monitor, operation, recorder, frame: audit_frame_address(), before: before, isRecorded: true)
  }

  /// The open window of the calling thread's read, published in its recorder.
  @inline(__always)
  static func publish(
    _ monitor: MonitorReference, version: UInt64, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer
  ) -> ReadWindow {
    if operation.mayMove {
      let hazard = ThreadRecorder.nestedHazard(recorder)
      hazard.pointee.store(UInt(bitPattern: monitor.address) | ThreadRecorder.movingMark, ordering: .relaxed)
      return ReadWindow(monitor: monitor.address, version: version, hazard: hazard, outer: 0)
    }
    let hazard = ThreadRecorder.freeHazard(recorder)
    hazard.pointee.store(UInt(bitPattern: monitor.address), ordering: .relaxed)
    return ReadWindow(monitor: monitor.address, version: version, hazard: hazard, outer: 0)
  }

  /// Takes the publication back: the read has not begun.
  @inline(__always)
  func withdraw() { hazard?.pointee.store(outer, ordering: .relaxed) }
}

#endif
