// SPDX-License-Identifier: Apache-2.0
//
// What a thread hands over to the detector when it sees a violation: words and IDs, nothing symbolicated or formatted.

internal import AccessRecorder

/// One side of a violation as the rings have it.
struct SightedAccess: Sendable, Equatable {
  var threadID: Int32
  /// The thread's name, taken while the thread is there.
  var threadName: String?
  var slot: UInt16
  var operation: AccessOperation?
  var isWriting: Bool
  var stackID: UInt32
  /// Where its record stands in its thread's ring, and the record's clock; `nil` when it is not known.
  var sequence: UInt64?
  var coarseMilliseconds: UInt32?
  var context: SightedContext?

  /// A party of which nothing but, perhaps, the thread is known.
  static func unknown(threadID: Int32) -> SightedAccess {
    SightedAccess(threadID: threadID, slot: 0, operation: nil, isWriting: true, stackID: 0)
  }
}

/// What the monitor said of its collection when the violation was seen. Unchecked, because a metatype is only then known
/// to be sendable when its conformance is; this one is asked for nothing but names.
struct SightedCollection: @unchecked Sendable {
  var id: UInt64
  var type: any MonitoredCollection.Type
  var labelID: UInt32
  var creationStackID: UInt32
  var creatorThreadID: Int32
  var count: Int?
  /// The monitor's address, and its version: whether the access seen is still in progress is read there.
  var address: UInt
  var version: VersionWord
  /// The test's scope that created it; 0 is none.
  var creationScope: UInt16 = 0
}

/// A violation as the thread that saw it hands it over.
struct Sighting: Sendable {
  var kind: ViolationKind
  var collection: SightedCollection
  var detected: SightedAccess
  var conflicting: SightedAccess
  /// Whether the other access was still in progress.
  var conflictingIsInProgress: Bool
  var moment: Moment
  /// The signal of a crash; `nil` for a violation.
  var signal: Int32?
  /// The test's scope that the detected access belongs to; 0 is none.
  var detectedScope: UInt32 = 0
  /// Whether the process ends behind its report: what the policy was when it was seen.
  var endsProcess = false

  /// What makes two sightings the same race: the kind and both stacks, in one test's scope.
  struct Pair: Hashable, Sendable {
    var kind: ViolationKind
    var detected: UInt32
    var conflicting: UInt32
    var scope: UInt32
  }

  var pair: Pair {
    Pair(
      kind: kind, detected: detected.stackID, conflicting: conflicting.stackID,
      scope: detectedScope != 0 ? detectedScope : UInt32(collection.creationScope))
  }
}
