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
  /// 1 when a variable that was being written was given a stand-in, see `EmptyFallback`; otherwise
  /// 0.
  var fallback: UInt8 = 0
  /// Under `shield`: 1 when another thread than the one that made the monitor has touched it.
  let sharing = Atomic<UInt8>(0)
  /// See `WriterBias`.
  let bias: Atomic<UInt16>
  /// The next in the list of retired monitors: an address, written when it is retired.
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
    self.version = Atomic(version)
    self.writer = Atomic(writer)
    self.bias = Atomic(bias)
    if isPinned, let metadata = Monitor.metadataOfPinned {
      audit_set_class(Unmanaged.passUnretained(self).toOpaque(), metadata)
    }
  }

  /// Runs for a monitor that is not pinned; the others are retired.
  deinit { swift_release(storage) }

  /// The class of pinned monitors: this one, but the runtime hands over their memory instead of
  /// freeing it.
  package static var metadataOfPinned: UnsafeRawPointer? {
    let known = SharedWord<UInt>(AUDIT_WORD_PINNED_CLASS).load(ordering: .acquiring)
    return known == 0 ? makeMetadataOfPinned() : UnsafeRawPointer(bitPattern: known & ~1)
  }

  private static func makeMetadataOfPinned() -> UnsafeRawPointer? {
    // Under a lock: a copy that is made a second time would have the runtime's destructor for a
    // moment.
    let made = ForkSafeLock(AUDIT_LOCK_PINNED_CLASS, isInherited: true) {
      UInt(
        bitPattern: audit_class_without_destruction(
          unsafeBitCast(Monitor.self as AnyClass, to: UnsafeRawPointer.self)
        ) { Monitor.retire(MonitorReference(address: $0!)) })
    }.withLock { $0 }
    // Marked, so that a class that could not be copied is known as well.
    SharedWord<UInt>(AUDIT_WORD_PINNED_CLASS).store(made | 1, ordering: .releasing)
    return UnsafeRawPointer(bitPattern: made)
  }

  /// The last reference to a pinned monitor went. Whoever still holds its address finds a retired
  /// monitor, of an empty collection; under `shield` see `ShieldedDrop`.
  private static func retire(_ monitor: MonitorReference) {
    let saved = errno
    defer { errno = saved }
    // First, so that it is there for everybody who finds the monitor retired.
    Recording.recordDestruction(of: monitor, frame: audit_frame_address())
    let last = VersionWord(
      rawValue: monitor.version.pointee.exchange(
        VersionWord.retired.rawValue, ordering: .sequentiallyConsistent))
    if last.isWriting { Conflicts.destroyed(monitor, during: last) }
    if Shield.isUp { return ShieldedDrop.perform(monitor) }
    // A write that does not end has taken the elements, or will put them back: they are its.
    guard !last.isWriting || monitor.writer.pointee.load(ordering: .acquiring) == 0 else {
      return RetiredMonitors.add(monitor)
    }
    let storage = monitor.storage(as: UnsafeMutableRawPointer.self)
    let owned = storage.pointee
    storage.pointee = monitor.type.collectionKind.emptyStorage
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
  var isReplacedByFallback: Bool { address.load(fromByteOffset: Offset.fallback, as: UInt8.self) != 0 }
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
