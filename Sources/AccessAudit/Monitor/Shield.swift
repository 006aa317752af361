// SPDX-License-Identifier: Apache-2.0
//
// The `shield` policy: readers register before they look, writers wait for registered readers, so that a raced program
// survives. Everything here is on slow paths; every wait is bounded.

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

/// Dekker's pattern. A reader publishes the monitor, fences, then loads the version; a writer makes the version odd, fences,
/// then looks for publications. One of them sees the other.
enum Shield {
  static var isUp: Bool { Engine.policy == .shield }

  /// Opens a read that writers wait for.
  static func openRead(
    _ monitor: MonitorReference, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> ReadWindow {
    guard let presence = ThreadRecorder.freePresence(recorder) else { return ReadWindow(unaudited: monitor.address) }
    var patience = Patience()
    var hasReported = false
    while true {
      presence.pointee.store(UInt(bitPattern: monitor.address), ordering: .relaxed)
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      let version = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
      guard version.isInProgress, version.slot != recorder.pointee.slot else {
        Engine.record(
          recorder, frame: frame, collectionID: monitor.id, version: version.rawValue, operation: operation, flags: [])
        return ReadWindow(monitor: monitor.address, version: version.rawValue, presence: presence, outer: 0)
      }
      presence.pointee.store(0, ordering: .releasing)
      if !hasReported {
        hasReported = true
        Conflicts.report(
          Conflict(
            kind: .readDuringWrite, monitor: monitor, operation: operation, isWriting: false, before: version,
            otherSlot: version.slot, isInProgress: true),
          seenBy: recorder, frame: frame)
      }
      if ThreadRegistry.hasVanished(slot: version.slot) || !patience.wait() { return StandIn.read(monitor) }
    }
  }

  /// Called with the version odd, before the elements are touched: waits until no other thread reads them.
  static func waitForReaders(of monitor: MonitorReference, except recorder: ThreadRecorderPointer) {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    var patience = Patience()
    let address = UInt(bitPattern: monitor.address)
    while ThreadRegistry.slotInside(address, except: recorder.pointee.slot) != 0, patience.wait() {}
  }
}
