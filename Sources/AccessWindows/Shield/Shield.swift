// SPDX-License-Identifier: Apache-2.0
//
// The `shield` policy: readers register before they look, writers wait for registered readers, and
// so does who drops the last reference; see `ShieldedDrop`. Everything here is on slow paths; every
// wait is bounded.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
public import AccessTerms
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// Dekker's pattern. A reader publishes the monitor, fences, then loads the version; a writer makes
/// the version odd, fences, then looks for publications. One of them sees the other.
///
/// A window under `shield` has no hazard pointer for its fast end, so that it ends in a call: the
/// optimiser moves a retain of what was read past any store, and never past a call. Its `outer` is
/// the address of the word it is published in.
enum Shield {
  static var isUp: Bool { ViolationResponse.current.registersReaders }
  /// Marks the version of a read's window, which therefore is never 0. No counter gets that far.
  static let versionMark: UInt64 = 1 << 47
  /// The version in the window of a read that came too late, see `openLate`.
  static let lateVersion: UInt64 = versionMark | 1

  /// Opens a read that writers wait for.
  static func openRead(
    _ monitor: MonitorReference, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> ReadWindow {
    guard let index = ThreadRecorder.freeHazardIndex(recorder, mayMove: operation.mayMove) else {
      return ReadWindow(unaudited: monitor.address)
    }
    let hazard = ThreadRecorder.hazard(recorder, at: index)
    let published = UInt(bitPattern: monitor.address) | (operation.mayMove ? ThreadRecorder.movingMark : 0)
    var backoff = Backoff()
    var hasReported = false
    // From the moment the publication is taken back until it is made again, the address is held:
    // a thread that drops the collection meanwhile waits. `defer` comes after the publication.
    var outerHeld: UInt?
    defer { if let outerHeld { recorder.pointee.letGo(outerHeld) } }
    // The record of a read that ran into a write counts; the one that is made when it goes on does
    // not.
    var flags: UInt8 = 0
    while true {
      hazard.pointee.store(published, ordering: .relaxed)
      monitor.noteAccess(by: recorder.pointee.slot)
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      let version = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
      if version.isRetired { return openLate(monitor, operation, recorder, index, frame: frame) }
      guard version.isInProgress, version.slot != recorder.pointee.slot else {
        Recording.record(
          recorder, frame: frame, collectionID: monitor.id, version: version.rawValue, operation: operation,
          flags: flags)
        monitor.hunt(operation, isWriting: false, recorder, frame: frame)
        return ReadWindow(
          monitor: monitor.address, version: version.rawValue | versionMark, hazard: nil,
          outer: UInt(bitPattern: hazard))
      }
      if outerHeld == nil { outerHeld = recorder.pointee.hold(UInt(bitPattern: monitor.address)) }
      hazard.pointee.store(0, ordering: .releasing)
      if !hasReported {
        hasReported = true
        let head = recorder.pointee.ring.head.load(ordering: .relaxed)
        Conflicts.report(
          Conflict(
            kind: .readDuringWrite, monitor: monitor, operation: operation, isWriting: false, before: version,
            otherSlot: version.slot, isInProgress: true),
          seenBy: recorder, frame: frame)
        if recorder.pointee.ring.head.load(ordering: .relaxed) != head { flags = AccessRecord.Flags.againCode }
      }
      if ThreadRegistry.hasVanished(slot: version.slot) || !backoff.wait(holding: monitor) {
        return EmptyFallback.read(monitor)
      }
    }
  }

  /// The collection was dropped between the load of the monitor's address and its publication. Its
  /// elements are what was there, or, if the thread that dropped them could wait no longer, none.
  /// Whichever it is, they are loaded once, into a word that is the thread's own: the thread that
  /// drops them empties the monitor, then looks for publications.
  private static func openLate(
    _ monitor: MonitorReference, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, _ index: Int,
    frame: UInt
  ) -> ReadWindow {
    let elements = recorder.pointee.lateStorage + index
    elements.pointee = monitor.storageWord.pointee.load(ordering: .acquiring)
    ReadWindow.reportRetired(monitor, operation, recorder, before: .retired, frame: frame, recorded: nil)
    // A window's elements lie behind its monitor's words.
    let window = UnsafeMutableRawPointer(elements) - MonitorReference.Offset.storage
    return ReadWindow(
      monitor: window, version: lateVersion, hazard: nil,
      outer: UInt(bitPattern: ThreadRecorder.hazard(recorder, at: index)))
  }

  /// For C, which has opened a write.
  @_silgen_name("audit_wait_for_readers") @usableFromInline @inline(never)
  static func waitForReaders(_ address: UnsafeMutableRawPointer, _ recorder: UnsafeMutableRawPointer) {
    let saved = errno
    defer { errno = saved }
    waitForReaders(
      of: MonitorReference(address: address), except: recorder.assumingMemoryBound(to: ThreadRecorder.self))
  }

  /// Called with the version odd, before the elements are touched: waits until no other thread
  /// reads them.
  static func waitForReaders(of monitor: MonitorReference, except recorder: ThreadRecorderPointer) {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    var backoff = Backoff()
    let address = UInt(bitPattern: monitor.address)
    while ThreadRegistry.slotReading(address, except: recorder.pointee.slot) != 0, backoff.wait(holding: monitor) {}
  }
}

extension ReadWindow {
  /// Closes the window of a read under `shield`.
  @_silgen_name("audit_close_shielded_read") @usableFromInline @inline(never)
  func closeShielded(_ operation: AccessOperation) {
    if isObserved {
      closeObserved(operation)
      return audit_traffic_end(UInt64(outer), false, 0)
    }
    guard let hazard = UnsafeMutablePointer<Atomic<UInt>>(bitPattern: outer) else { return }
    // The elements' loads come before the version's, and before the end of the publication.
    atomicMemoryFence(ordering: .acquiring)
    if version == Shield.lateVersion { return hazard.pointee.store(0, ordering: .releasing) }
    let before = version & ~Shield.versionMark
    let now = MonitorReference(address: monitor).version.pointee.load(ordering: .acquiring)
    hazard.pointee.store(0, ordering: .releasing)
    if now != before { ReadWindow(monitor: monitor, version: before, hazard: nil, outer: 0).closeChanged(operation) }
  }
}

extension WriteWindow {
  /// Closes the window of a write under `shield`.
  @_silgen_name("audit_close_shielded_write") @usableFromInline @inline(never)
  func closeShielded() {
    if isObserved {
      closeObserved()
      return audit_traffic_end(UInt64(outer), false, 0)
    }
    let words = MonitorReference(address: monitor)
    let writer = WriterWord(rawValue: words.writer.pointee.load(ordering: .relaxed))
    guard let variable = writer.variable, MonitorReference.load(from: variable) == monitor else {
      return closeReplaced()
    }
    words.version.pointee.store(VersionWord.ending(version), ordering: .releasing)
    words.writer.pointee.store(0, ordering: .releasing)
  }
}

extension MonitorReference {
  /// Under `shield`: notes that another thread than the one that made the monitor has touched it.
  func noteAccess(by slot: UInt16) {
    if id >> VersionWord.slotShift == UInt64(slot) || sharing.pointee.load(ordering: .relaxed) != 0 { return }
    sharing.pointee.store(1, ordering: .relaxed)
  }

  /// Whether the thread with this slot is the only one that ever touched the collection, as far as
  /// `shield` knows.
  func belongs(to slot: UInt16) -> Bool {
    id >> VersionWord.slotShift == UInt64(slot) && sharing.pointee.load(ordering: .relaxed) == 0
  }

  /// The storage as a word, for `shield`.
  var storageWord: UnsafeMutablePointer<Atomic<UInt>> {
    (address + Offset.storage).assumingMemoryBound(to: Atomic<UInt>.self)
  }

  private var sharing: UnsafeMutablePointer<Atomic<UInt8>> {
    (address + Offset.sharing).assumingMemoryBound(to: Atomic<UInt8>.self)
  }
}

#endif
