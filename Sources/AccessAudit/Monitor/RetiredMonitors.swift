// SPDX-License-Identifier: Apache-2.0
//
// Monitors whose collection is gone, kept until nobody can hold their address any more. Adding is lock-free and
// allocates nothing; the detector takes the whole list at each tick.

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

enum RetiredMonitors {
  /// The address of the monitor retired last; each holds the address of the one before.
  private static let head = Atomic<UInt>(0)
  private static let waiting = Atomic<Int>(0)
  /// Monitors kept at most, 96 bytes each. Beyond that a monitor's memory goes at once, and is counted.
  static let limit = 65_536
  static let releasedEarly = Atomic<UInt64>(0)
  /// How long a monitor is kept at least: for threads that have no recorder yet, or none at all, and load its address.
  static let graceNanoseconds: UInt64 = 3_000_000_000

  static func add(_ monitor: MonitorReference) {
    guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
      waiting.wrappingSubtract(1, ordering: .relaxed)
      releasedEarly.wrappingAdd(1, ordering: .relaxed)
      _ = free(monitor)
      return
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

  /// The monitors retired since the last call. Only the detector calls this.
  static func takeAll() -> [UInt] {
    var taken: [UInt] = []
    var next = head.exchange(0, ordering: .acquiring)
    while let address = UnsafeMutableRawPointer(bitPattern: next) {
      taken.append(next)
      next = address.load(fromByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
    }
    return taken
  }

  /// Whether more than half of the monitors that are kept at most are kept.
  static var areMany: Bool { waiting.load(ordering: .relaxed) > limit / 2 }

  /// Frees these monitors; returns those that a stale reference still retains, or that a thread is inside an access to.
  static func release(_ monitors: [UInt]) -> [UInt] {
    let inUse = ThreadRegistry.monitorsInUse
    let retained = monitors.filter { address in
      if inUse.contains(address) { return true }
      guard let address = UnsafeMutableRawPointer(bitPattern: address) else { return false }
      return !free(MonitorReference(address: address))
    }
    waiting.wrappingSubtract(monitors.count - retained.count, ordering: .relaxed)
    return retained
  }

  /// How many elements the collections of these monitors still hold.
  static func elementCount(of monitors: [UInt]) -> Int {
    monitors.reduce(0) { sum, address in
      guard let address = UnsafeMutableRawPointer(bitPattern: address) else { return sum }
      let storage = MonitorReference(address: address).storage(as: UInt.self).pointee
      return sum + (MonitorSnapshot.elementCount(inStorage: storage) ?? 0)
    }
  }

  /// Drops the elements that these monitors still hold under `shield`, and leaves them empty collections. `false` while a thread is
  /// inside an access to one of them: that one keeps its elements.
  static func dropElements(of monitors: [UInt]) -> Bool {
    let inUse = ThreadRegistry.monitorsInUse
    var taken: [(monitor: MonitorReference, storage: UnsafeMutableRawPointer)] = []
    var areAllEmpty = true
    for address in monitors {
      guard !inUse.contains(address), let address = UnsafeMutableRawPointer(bitPattern: address) else {
        areAllEmpty = false
        continue
      }
      let monitor = MonitorReference(address: address)
      let storage = monitor.storage(as: UnsafeMutableRawPointer.self)
      let empty = monitor.type.collectionKind.emptyStorage
      if storage.pointee == empty { continue }
      taken.append((monitor, storage.pointee))
      storage.pointee = empty
    }
    // Pairs with the fence in `Shield.openRead`: a reader that has not published its access by now finds an empty collection.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    let stillInUse = ThreadRegistry.monitorsInUse
    for (monitor, storage) in taken {
      if stillInUse.contains(UInt(bitPattern: monitor.address)) {
        monitor.storage(as: UnsafeMutableRawPointer.self).pointee = storage
        areAllEmpty = false
      } else {
        swift_release(storage)
      }
    }
    return areAllEmpty
  }

  /// Drops what a retired monitor still holds: its elements under `shield`, otherwise an empty collection's immortal
  /// storage; then its memory. `false` while somebody retains it: a thread that raced took a reference after the last one went.
  private static func free(_ monitor: MonitorReference) -> Bool {
    guard swift_retainCount(monitor.address) <= 1 else { return false }
    swift_release(monitor.storage(as: UnsafeMutableRawPointer.self).pointee)
    audit_free_object(monitor.address)
    return true
  }
}
