// SPDX-License-Identifier: Apache-2.0
//
// Monitors whose collection is gone, kept until nobody can hold their address any more. Adding is
// lock-free and allocates nothing; the detector takes the whole list at each tick.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

@usableFromInline
package enum RetiredMonitors {
  /// The address of the monitor retired last; each holds the address of the one before.
  private static var head: SharedWord<UInt> { SharedWord(AUDIT_WORD_RETIRED_HEAD) }
  private static var waiting: SharedWord<Int> { SharedWord(AUDIT_WORD_RETIRED_WAITING) }
  /// Monitors kept at most, 96 bytes each. Beyond that a monitor's memory goes at once, and is
  /// counted.
  package static let limit = Int(AUDIT_RETIRED_LIMIT)
  static var releasedEarly: SharedWord<UInt64> { SharedWord(AUDIT_WORD_RETIRED_EARLY) }
  /// How long a monitor is kept at least: for threads that have no recorder yet, or none at all,
  /// and load its address.
  package static let graceNanoseconds: UInt64 = 3_000_000_000

  package static func add(_ monitor: MonitorReference) {
    guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
      waiting.wrappingSubtract(1, ordering: .relaxed)
      return addNoMore(monitor.address)
    }
    let new = UInt(bitPattern: monitor.address)
    var old = head.load(ordering: .relaxed)
    while true {
      monitor.address.storeBytes(of: old, toByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
      // Pairs with the acquiring exchange in `takeAll`.
      let result = head.compareExchange(expected: old, desired: new, ordering: .releasing)
      if result.exchanged { return }
      old = result.original
    }
  }

  /// As many are kept as may be: this one is not.
  @_silgen_name("audit_free_retired") @usableFromInline @inline(never)
  static func addNoMore(_ address: UnsafeMutableRawPointer) {
    releasedEarly.wrappingAdd(1, ordering: .relaxed)
    _ = free(MonitorReference(address: address))
  }

  /// The monitors retired since the last call. Only the detector calls this.
  package static func takeAll() -> [UInt] {
    var taken: [UInt] = []
    var next = head.exchange(0, ordering: .acquiring)
    while let address = UnsafeMutableRawPointer(bitPattern: next) {
      taken.append(next)
      next = address.load(fromByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
    }
    return taken
  }

  /// Called in a forked child, before any other thread of it looks. Those that the parent's
  /// detector had taken over are lost, with that thread's memory: only those count that the next
  /// detector will find.
  package static func afterFork() {
    if audit_is_detector() { return }
    var count = 0
    var next = head.load(ordering: .acquiring)
    while let address = UnsafeMutableRawPointer(bitPattern: next) {
      count &+= 1
      next = (address + MonitorReference.Offset.nextRetired).assumingMemoryBound(to: UInt.self).pointee
    }
    waiting.store(count, ordering: .relaxed)
  }

  /// Whether there are any, new or kept.
  package static var areThere: Bool { waiting.load(ordering: .relaxed) > 0 }

  /// Whether more than half of the monitors that are kept at most are kept.
  package static var areMany: Bool { waiting.load(ordering: .relaxed) > limit / 2 }

  /// Frees these monitors; returns those that a stale reference still retains, or that a thread is
  /// inside an access to.
  package static func release(_ monitors: [UInt]) -> [UInt] {
    let inUse = ThreadRegistry.monitorsInUse
    let retained = monitors.filter { address in
      if inUse.contains(address) { return true }
      guard let address = UnsafeMutableRawPointer(bitPattern: address) else { return false }
      let monitor = MonitorReference(address: address)
      // A write that was in progress when its collection went has not ended.
      if monitor.writer.pointee.load(ordering: .acquiring) != 0 { return true }
      return !free(monitor)
    }
    waiting.wrappingSubtract(monitors.count - retained.count, ordering: .relaxed)
    return retained
  }

  /// Frees a retired monitor's memory; its elements are gone. `false` while somebody retains it: a
  /// thread that raced took a reference after the last one went.
  private static func free(_ monitor: MonitorReference) -> Bool {
    guard swift_retainCount(monitor.address) <= 1 else { return false }
    audit_free_object(monitor.address)
    return true
  }
}

#endif
