// SPDX-License-Identifier: Apache-2.0
//
// The one write that a thread remembers beside its ring: the last one it made while the history was
// frozen. Without it, every other race seen at that time would lack its other party. Nothing here
// allocates or locks.

#if AUDITED && canImport(Glibc)

package import AccessTerms
internal import Synchronization

/// A thread's last write of a frozen time: one writer, the owning thread; readers on any thread
/// take it whole or not at all.
package struct FrozenWrite: ~Copyable {
  /// The version of the write; 0 while the other words are changed, and before the first write.
  private let version = Atomic<UInt64>(0)
  private let collectionID = Atomic<UInt64>(0)
  /// The stack's ID, and above its 32 bits the operation.
  private let stackAndOperation = Atomic<UInt64>(0)

  /// What is remembered.
  package struct Note {
    package var collectionID: UInt64
    package var version: VersionWord
    package var stackID: UInt32
    package var operation: AccessOperation
  }

  init() {}

  func forget() { version.store(0, ordering: .releasing) }

  func remember(collectionID id: UInt64, version new: UInt64, stackID: UInt32, operation: AccessOperation) {
    // As in a sequence lock: exchanged, so that the stores below cannot come before it.
    _ = version.exchange(0, ordering: .acquiringAndReleasing)
    collectionID.store(id, ordering: .relaxed)
    stackAndOperation.store(UInt64(stackID) | UInt64(operation.code) << 32, ordering: .relaxed)
    // Pairs with the first load of `note`.
    version.store(new, ordering: .releasing)
  }

  /// The write that is remembered, if it is not being replaced.
  package var note: Note? {
    let before = version.load(ordering: .acquiring)
    guard before != 0 else { return nil }
    let id = collectionID.load(ordering: .acquiring)
    let word = stackAndOperation.load(ordering: .acquiring)
    guard version.load(ordering: .acquiring) == before,
      let operation = AccessOperation(code: UInt8(truncatingIfNeeded: word >> 32))
    else { return nil }
    return Note(
      collectionID: id, version: VersionWord(rawValue: before), stackID: UInt32(truncatingIfNeeded: word),
      operation: operation)
  }
}

extension ThreadRecorder {
  /// Takes the place of `record` while the history is frozen: delays the access as that would,
  /// counts it, and remembers a write. Only the owning thread calls this.
  package func recordFrozen(
    frame: UInt, collectionID: UInt64, version: UInt64, operation: AccessOperation, isWriting: Bool
  ) {
    unrecorded.wrappingAdd(1, ordering: .relaxed)
    noteUnrecorded()
    // A read's stack is not looked for.
    forgetWalk()
    guard isWriting else { return delayUnrecorded() }
    let stackID = StackCapture.capture(frame: frame, self)
    frozenWrite.remember(collectionID: collectionID, version: version, stackID: stackID, operation: operation)
  }
}

#endif
