// SPDX-License-Identifier: Apache-2.0
//
// The monitor: the one object an audited collection refers to. It holds the collection's own
// storage and the words that make overlapping accesses visible. Nothing here records or reports.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
public import AccessTerms
internal import CAccessRecorder
internal import Glibc
package import Synchronization

/// What the engine has to know of a collection type.
@usableFromInline
package protocol MonitoredCollection {
  static var collectionKind: CollectionKind { get }
}

extension CollectionKind {
  /// How a monitor stores it: with `MonitorReference.fallbackMark` below.
  var code: UInt8 {
    switch self {
    case .dictionary: UInt8(AUDIT_KIND_DICTIONARY) << 1
    case .set: UInt8(AUDIT_KIND_SET) << 1
    case .array: UInt8(AUDIT_KIND_ARRAY) << 1
    case .variable: UInt8(AUDIT_KIND_VARIABLE) << 1
    }
  }

  /// The runtime's shared empty storage of this kind: an immortal object.
  package var emptyStorage: UnsafeMutableRawPointer {
    switch self {
    case .dictionary: audit_empty_dictionary()
    case .set: audit_empty_set()
    case .array, .variable: audit_empty_array()
    }
  }
}

/// The monitor of a variable, shared with its copies until one of them is mutated.
///
/// Not generic: a generic class would make every access of an unoptimised build look up metadata.
/// The storage is the collection's own single reference, reached through a typed pointer at
/// `MonitorReference.storage(as:)`.
///
/// When auditing is on, the detector frees a monitor's memory, some time after its last reference
/// went. Until then a stale reference reads valid memory that says `retired` and refers to an empty
/// collection, and may be retained and released.
@usableFromInline
package final class Monitor {
  /// See `VersionWord`.
  package let version: Atomic<UInt64>
  /// See `WriterWord`.
  let writer: Atomic<UInt64>
  /// The reference a `Dictionary`, `Set` or `Array` consists of; owned.
  package var storage: UnsafeMutableRawPointer
  /// Unique in the process.
  package let id: UInt64
  package let creationStackID: UInt32
  package let creatorThreadID: Int32
  package let type: any MonitoredCollection.Type
  /// The lower half: index in `LabelTable`; 0 is no label. The upper half: the test's scope that
  /// created the collection, see `AuditScopes`; 0 is none.
  package let labelID: UInt32
  /// `CollectionKind.code`, marked when a variable that was being written was given a stand-in, see
  /// `EmptyFallback`.
  var kind: UInt8
  /// Under `shield`: 1 when another thread than the one that made the monitor has touched it.
  let sharing = Atomic<UInt8>(0)
  /// See `WriterBias`.
  let bias: Atomic<UInt16>
  /// Before it is retired, the task that made the collection, and 1, where hunting asks for it: 0
  /// for none. Then the address of the next in the list of retired monitors.
  var nextRetired: UInt = 0

  package init(
    storage: UnsafeMutableRawPointer, id: UInt64, creationStackID: UInt32, creatorThreadID: Int32,
    type: any MonitoredCollection.Type, labelID: UInt32, version: UInt64, writer: UInt64, bias: UInt16, isPinned: Bool
  ) {
    self.storage = swift_retain(storage)
    self.id = id
    self.creationStackID = creationStackID
    self.creatorThreadID = creatorThreadID
    self.type = type
    self.labelID = labelID
    self.kind = type.collectionKind.code
    self.version = Atomic(version)
    self.writer = Atomic(writer)
    self.bias = Atomic(bias)
    if isPinned, let metadata = Monitor.metadataOfPinned {
      audit_set_class(Unmanaged.passUnretained(self).toOpaque(), metadata)
    }
  }

  /// Runs for a monitor that is not pinned; the others are retired.
  deinit { swift_release(storage) }

  /// The class of pinned monitors: this one, but their memory is handed over, where the runtime
  /// would free it.
  package static var metadataOfPinned: UnsafeRawPointer? {
    let known = SharedWord<UInt>(AUDIT_WORD_PINNED_CLASS).load(ordering: .acquiring)
    return known == 0 ? makeMetadataOfPinned() : UnsafeRawPointer(bitPattern: known & ~1)
  }

  private static func makeMetadataOfPinned() -> UnsafeRawPointer? {
    // Under a lock: a copy that is made a second time would have the runtime's destructor for a
    // moment.
    let made = ForkSafeLock(AUDIT_LOCK_PINNED_CLASS, isInherited: true) {
      UInt(bitPattern: audit_class_of_pinned(unsafeBitCast(Monitor.self as AnyClass, to: UnsafeRawPointer.self)))
    }.withLock { $0 }
    // Marked, so that a class that could not be copied is known as well.
    SharedWord<UInt>(AUDIT_WORD_PINNED_CLASS).store(made | 1, ordering: .releasing)
    return UnsafeRawPointer(bitPattern: made)
  }

  /// Makes the class of the monitors that are not pinned, unless it is there: this one, with a
  /// destructor that an unoptimised build makes fast.
  static func prepareUnpinned() {
    if SharedWord<UInt>(AUDIT_WORD_UNPINNED_CLASS).load(ordering: .relaxed) != 0 { return }
    let made = ForkSafeLock(AUDIT_LOCK_UNPINNED_CLASS, isInherited: true) {
      UInt(bitPattern: audit_class_of_unpinned(unsafeBitCast(Monitor.self as AnyClass, to: UnsafeRawPointer.self)))
    }.withLock { $0 }
    SharedWord<UInt>(AUDIT_WORD_UNPINNED_CLASS).store(made | 1, ordering: .releasing)
  }
}

/// The end of pinned monitors, as far as `end_pinned` in CAccessRecorder/monitor.c leaves it.
@usableFromInline
enum MonitorEnd {
  /// The last reference to a pinned monitor went. Whoever still holds its address finds a retired
  /// monitor, of an empty collection; under `shield` see `ShieldedDrop`.
  @_silgen_name("audit_end_monitor_fully") @usableFromInline @inline(never)
  static func retire(_ address: UnsafeMutableRawPointer, frame: UInt) {
    let saved = errno
    defer { errno = saved }
    let monitor = MonitorReference(address: address)
    // First, so that it is there for everybody who finds the monitor retired.
    Recording.recordDestruction(of: monitor, frame: frame)
    let last = monitor.version.pointee.exchange(VersionWord.retired.rawValue, ordering: .sequentiallyConsistent)
    finish(address, last)
  }

  /// The monitor says that it is retired; `last` is what it said before.
  @_silgen_name("audit_end_written_monitor") @usableFromInline @inline(never)
  static func finish(_ address: UnsafeMutableRawPointer, _ last: UInt64) {
    let saved = errno
    defer { errno = saved }
    let monitor = MonitorReference(address: address)
    let last = VersionWord(rawValue: last)
    if last.isWriting { Conflicts.destroyed(monitor, during: last) }
    if Shield.isUp { return ShieldedDrop.perform(monitor) }
    // A write that does not end has taken the elements, or will put them back: they are its.
    guard !last.isWriting || monitor.writer.pointee.load(ordering: .acquiring) == 0 else {
      return RetiredMonitors.add(monitor)
    }
    let storage = monitor.storage(as: UnsafeMutableRawPointer.self)
    let owned = storage.pointee
    storage.pointee = monitor.emptyStorage
    RetiredMonitors.add(monitor)
    swift_release(owned)
  }
}

extension MonitorReference {
  /// Makes a variable refer to this monitor.
  func publish(in variable: UnsafeMutableRawPointer) {
    variable.assumingMemoryBound(to: Atomic<UInt>.self).pointee.store(
      UInt(bitPattern: address), ordering: .releasing)
  }
}

/// The fields that slow paths read, through the address: retaining the monitor would make its
/// writer fork.
extension MonitorReference {
  package var creationStackID: UInt32 { address.load(fromByteOffset: Offset.creationStackID, as: UInt32.self) }
  package var creatorThreadID: Int32 { address.load(fromByteOffset: Offset.creatorThreadID, as: Int32.self) }
  /// In the byte of the kind: a variable that was being written was given a stand-in.
  static var fallbackMark: UInt8 { UInt8(AUDIT_MONITOR_FALLBACK) }
  var kind: UInt8 { address.load(fromByteOffset: Offset.kind, as: UInt8.self) }
  var isReplacedByFallback: Bool { kind & Self.fallbackMark != 0 }
  func noteFallback() { address.storeBytes(of: kind | Self.fallbackMark, toByteOffset: Offset.kind, as: UInt8.self) }
  /// The runtime's shared empty storage for this collection.
  var emptyStorage: UnsafeMutableRawPointer {
    switch Int32(kind >> 1) {
    case AUDIT_KIND_DICTIONARY: audit_empty_dictionary()
    case AUDIT_KIND_SET: audit_empty_set()
    default: audit_empty_array()
    }
  }
  /// The task that made the collection, and 1, where that is known; 0 otherwise. Of no meaning once
  /// the monitor is retired.
  var creationTask: UInt64 { address.load(fromByteOffset: Offset.nextRetired, as: UInt64.self) }
  /// Made while auditing was off, by a thread without a recorder, or as a stand-in: no slot is part
  /// of its ID.
  var isUnattributed: Bool { id >> VersionWord.slotShift == 0 }
  var labelWord: UInt32 { address.load(fromByteOffset: Offset.labelID, as: UInt32.self) }
  package var labelID: UInt32 { labelWord & 0xFFFF }
  package var creationScope: UInt16 { UInt16(labelWord >> 16) }
  package var type: any MonitoredCollection.Type {
    // Not `load`, which asks the runtime for the type of the metatype, and that takes a lock.
    (address + Offset.type).assumingMemoryBound(to: (any MonitoredCollection.Type).self).pointee
  }
}

#endif
