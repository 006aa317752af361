// SPDX-License-Identifier: Apache-2.0
//
// How monitors come to be: for a new collection, and by a fork when a shared one is about to be
// mutated.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

extension Monitor {
  /// IDs of collections that were created while auditing was off, or by a thread without a
  /// recorder. Recorder slots begin at 1, so these IDs, with slot 0, are nobody else's.
  private static var unattributedIDs: SharedWord<UInt64> { SharedWord(AUDIT_WORD_UNATTRIBUTED_IDS) }

  /// The test's scope to note in a new collection; from the 65 536th scope of a process on, none.
  private static var creationScope: UInt16 {
    let scope = OutwardCalls.scope
    return scope <= UInt32(UInt16.max) ? UInt16(truncatingIfNeeded: scope) : 0
  }

  /// Makes the monitor of a new collection with a label, or of a kind that is not made often;
  /// retains the storage.
  @usableFromInline @inline(never)
  package static func make(
    storage: UnsafeMutableRawPointer, type: any MonitoredCollection.Type, label: String?
  ) -> Monitor {
    make(
      storage: storage, type: type, labelID: label.map(LabelTable.id(for:)) ?? 0, frame: audit_frame_address())
  }

  /// - Parameter frame: The frame of a function that the program called.
  static func make(
    storage: UnsafeMutableRawPointer, type: any MonitoredCollection.Type, labelID: UInt32, frame: UInt
  ) -> Monitor {
    let saved = errno
    defer { errno = saved }
    let words = unsafeBitCast(
      type as any MonitoredCollection.Type, to: (type: UnsafeRawPointer, witnessTable: UnsafeRawPointer).self)
    let kind = Int32(type.collectionKind.code >> 1)
    let bias = WriterBias.initial
    guard audit_mode() != AUDIT_MODE_OFF, let recorder = Recording.currentRecorder() else {
      prepareUnpinned()
      if let made = audit_make_unpinned(storage, words.type, words.witnessTable, kind, labelID) { return taken(made) }
      return Monitor(
        storage: storage, id: unattributedIDs.wrappingAdd(1, ordering: .relaxed).newValue, creationStackID: 0,
        creatorThreadID: 0, type: type, labelID: labelID, version: 0, writer: 0, bias: bias, isPinned: false)
    }
    let labelWord = labelID | UInt32(creationScope) << 16
    if let made = audit_make_pinned(recorder, frame, storage, words.type, words.witnessTable, kind, labelWord) {
      return taken(made)
    }
    let id = recorder.pointee.nextCollectionID()
    let stackID = StackCapture.capture(frame: frame, recorder.pointee)
    let monitor = Monitor(
      storage: storage, id: id, creationStackID: stackID,
      creatorThreadID: recorder.pointee.threadID.load(ordering: .relaxed), type: type, labelID: labelWord, version: 0,
      writer: 0, bias: bias, isPinned: true)
    // The address lets the detector look at the collection's type and size, through the kernel.
    let address = UInt64(UInt(bitPattern: Unmanaged.passUnretained(monitor).toOpaque()))
    recorder.pointee.ring.append(
      collectionID: id, version: address, stackID: stackID, operation: .create, flags: 0, clock: audit_coarse_clock(),
      extra: UInt64(labelID))
    return monitor
  }

  /// A monitor that was made in C, with the reference that it was made with.
  private static func taken(_ made: UnsafeMutableRawPointer) -> Monitor {
    Unmanaged<Monitor>.fromOpaque(made).takeRetainedValue()
  }

  /// Gives the variable a monitor of its own, whose storage is a copy of the shared one's
  /// reference.
  ///
  /// The new monitor is inside the write already (writer word and version set) when the variable
  /// refers to it; the old one loses its writer word before it loses this reference, after which it
  /// may be gone.
  ///
  /// - Parameter ownsWriterWord: Whether the caller holds the old monitor's writer word.
  static func detach(
    _ variable: UnsafeMutableRawPointer, from old: MonitorReference, recorder: ThreadRecorderPointer?, version: UInt64,
    writer: UInt64, ownsWriterWord: Bool
  ) -> MonitorReference {
    // Not by Optional's functions: an unoptimised build asks the runtime for the types that these
    // are made for.
    let id: UInt64
    var bias = WriterBias.none
    if let recorder {
      id = recorder.pointee.nextCollectionID()
      bias = WriterBias.inherited(from: old, by: recorder.pointee.slot)
    } else {
      id = unattributedIDs.wrappingAdd(1, ordering: .relaxed).newValue
    }
    let new = Monitor(
      storage: old.storage(as: UnsafeMutableRawPointer.self).pointee, id: id, creationStackID: old.creationStackID,
      creatorThreadID: old.creatorThreadID, type: old.type, labelID: old.labelWord, version: version, writer: writer,
      bias: bias, isPinned: recorder != nil)
    new.nextRetired = UInt(old.creationTask)
    let reference = MonitorReference(address: Unmanaged.passRetained(new).toOpaque())
    if let recorder, Shield.isUp, !old.belongs(to: recorder.pointee.slot) {
      new.sharing.store(1, ordering: .relaxed)
    }
    // A reader that finds it there finds it whole.
    reference.publish(in: variable)
    if ownsWriterWord { old.writer.pointee.store(0, ordering: .releasing) }
    swift_release(old.address)
    return reference
  }
}

/// Makes the monitor of a new collection without a label; retains the storage. The usual case is in
/// CAccessRecorder/monitor.c, the others in `makeFully`. One for each kind, so that an unoptimised
/// build asks no witness table for it.
@usableFromInline
package enum MonitorMaking {
  @_silgen_name("audit_make_monitor_of_dictionary") @usableFromInline
  package static func ofDictionary(_ storage: UnsafeMutableRawPointer, _ type: any MonitoredCollection.Type) -> Monitor
  @_silgen_name("audit_make_monitor_of_set") @usableFromInline
  package static func ofSet(_ storage: UnsafeMutableRawPointer, _ type: any MonitoredCollection.Type) -> Monitor
  @_silgen_name("audit_make_monitor_of_array") @usableFromInline
  package static func ofArray(_ storage: UnsafeMutableRawPointer, _ type: any MonitoredCollection.Type) -> Monitor
  @_silgen_name("audit_make_monitor_of_variable") @usableFromInline
  package static func ofVariable(_ storage: UnsafeMutableRawPointer, _ type: any MonitoredCollection.Type) -> Monitor

  @_silgen_name("audit_make_monitor_fully") @usableFromInline @inline(never)
  static func makeFully(
    _ storage: UnsafeMutableRawPointer, _ type: any MonitoredCollection.Type, frame: UInt
  ) -> Monitor {
    Monitor.make(storage: storage, type: type, labelID: 0, frame: frame)
  }
}

#endif
