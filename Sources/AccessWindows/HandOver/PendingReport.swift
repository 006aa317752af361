// SPDX-License-Identifier: Apache-2.0
//
// What a thread hands over to the detector when it sees a violation: words and IDs, nothing
// symbolicated or formatted.

#if AUDITED && canImport(Glibc)

package import AccessRecorder
package import AccessTerms

/// One side of a violation as the rings have it.
package struct PendingReportAccess: Sendable, Equatable {
  package var threadID: Int32
  /// The thread's name, taken while the thread is there.
  package var threadName: String?
  package var slot: UInt16
  package var operation: AccessOperation?
  package var isWriting: Bool
  package var stackID: UInt32
  /// Where its record stands in its thread's ring, and the record's clock; `nil` when it is not
  /// known.
  package var sequence: UInt64?
  package var coarseMilliseconds: UInt32?
  package var context: PendingReportContext?

  package init(
    threadID: Int32, threadName: String? = nil, slot: UInt16, operation: AccessOperation? = nil,
    isWriting: Bool, stackID: UInt32, sequence: UInt64? = nil, coarseMilliseconds: UInt32? = nil,
    context: PendingReportContext? = nil
  ) {
    self.threadID = threadID
    self.threadName = threadName
    self.slot = slot
    self.operation = operation
    self.isWriting = isWriting
    self.stackID = stackID
    self.sequence = sequence
    self.coarseMilliseconds = coarseMilliseconds
    self.context = context
  }

  /// A party of which nothing but, perhaps, the thread is known.
  package static func unknown(threadID: Int32) -> PendingReportAccess {
    PendingReportAccess(threadID: threadID, slot: 0, operation: nil, isWriting: true, stackID: 0)
  }
}

/// What the monitor said of its collection when the violation was seen. Unchecked, because a
/// metatype is only then known to be sendable when its conformance is; this one is asked for
/// nothing but names.
package struct PendingReportCollection: @unchecked Sendable {
  package var id: UInt64
  package var type: any MonitoredCollection.Type
  package var labelID: UInt32
  package var creationStackID: UInt32
  package var creatorThreadID: Int32
  package var count: Int?
  /// The monitor's address, and its version: whether the access seen is still in progress is read
  /// there.
  package var address: UInt
  package var version: VersionWord
  /// The test's scope that created it; 0 is none.
  package var creationScope: UInt16 = 0
}

/// A violation as the thread that saw it hands it over.
package struct PendingReport: Sendable {
  package var kind: ViolationKind
  package var collection: PendingReportCollection
  package var detected: PendingReportAccess
  package var conflicting: PendingReportAccess
  /// Whether the other access was still in progress.
  package var conflictingIsInProgress: Bool
  package var moment: Moment
  /// The signal of a crash; `nil` for a violation.
  package var signal: Int32?
  /// The test's scope that the detected access belongs to; 0 is none.
  package var detectedScope: UInt32 = 0
  /// Whether the process ends behind its report: what the policy was when it was seen.
  package var endsProcess = false

  package init(
    kind: ViolationKind, collection: PendingReportCollection, detected: PendingReportAccess,
    conflicting: PendingReportAccess,
    conflictingIsInProgress: Bool, moment: Moment, signal: Int32? = nil, detectedScope: UInt32 = 0,
    endsProcess: Bool = false
  ) {
    self.kind = kind
    self.collection = collection
    self.detected = detected
    self.conflicting = conflicting
    self.conflictingIsInProgress = conflictingIsInProgress
    self.moment = moment
    self.signal = signal
    self.detectedScope = detectedScope
    self.endsProcess = endsProcess
  }

  /// What makes two pending reports the same race: the kind and both stacks, in one test's scope.
  package struct Pair: Hashable, Sendable {
    package var kind: ViolationKind
    package var detected: UInt32
    package var conflicting: UInt32
    package var scope: UInt32
  }

  package var pair: Pair {
    Pair(
      kind: kind, detected: detected.stackID, conflicting: conflicting.stackID,
      scope: detectedScope != 0 ? detectedScope : UInt32(collection.creationScope))
  }
}

#endif
