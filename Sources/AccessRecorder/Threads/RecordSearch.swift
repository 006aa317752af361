// SPDX-License-Identifier: Apache-2.0
//
// Searching a recorder for records of its present owner: every search says which records it means,
// and none takes another thread's for this one's. Nothing here allocates or locks.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import Synchronization

/// The owner of a recorder as a reader found it: the thread, and where its records begin.
package struct RecorderOwner: Sendable {
  package let number: UInt64
  package let threadID: Int32
  package let firstRecord: UInt64
}

/// What a search is for. The ring holds more than accesses, and the words of a record mean
/// different things by its kind.
package enum RecordKind {
  /// A write that opened a window: word 2 is its odd version.
  case write
  /// A read or a write, also one that was stopped before it began.
  case access
  /// The end of a collection: word 2 is `retired`.
  case destruction
  /// What readers of a report are shown: accesses and destructions. A creation holds an address
  /// where others hold a version.
  case history

  package func includes(_ record: AccessRecord) -> Bool {
    switch self {
    case .write:
      record.flags.rawValue & (AccessRecord.Flags.writingCode | AccessRecord.Flags.attemptCode)
        == AccessRecord.Flags.writingCode && record.isAccess
    case .access: record.isAccess
    case .destruction: record.operation.code == AccessOperation.destroy.code
    case .history: record.operation.code != AccessOperation.create.code
    }
  }
}

extension AccessRecord {
  /// Whether word 2 is the version that an access found.
  // By codes: an unoptimised build compares cases by a witness that it looks up.
  package var isAccess: Bool {
    operation.code != AccessOperation.create.code && operation.code != AccessOperation.destroy.code
  }
}

extension ThreadRecorder {
  /// Who owns the recorder, or owned it last; `nil` before the first owner, and while a thread is
  /// taking it over.
  package var owner: RecorderOwner? {
    let life = life
    guard life.owner != 0, life.phase != RecorderLife.adopting else { return nil }
    let owner = RecorderOwner(
      number: life.owner, threadID: threadID.load(ordering: .acquiring),
      firstRecord: firstOwned.load(ordering: .acquiring))
    // Not another one's words: they are changed between two stores of the life.
    return isOwned(by: owner) ? owner : nil
  }

  /// Whether the owner is still this one, so that what was read since is its own.
  package func isOwned(by owner: RecorderOwner) -> Bool { life.owner == owner.number }

  /// The owner's records of a kind for one of the collections, newest first, until `body` returns
  /// `false`. What `body` was given counts only if the owner is still the same afterwards.
  ///
  /// - Complexity: O(capacity of the ring).
  package func search(
    _ owner: RecorderOwner, for kind: RecordKind, of collection: UInt64, or other: UInt64? = nil,
    _ body: (AccessRecord) -> Bool
  ) {
    ring.newestFirst(since: owner.firstRecord) { record in
      let isWanted = record.collectionID == collection || record.collectionID == other
      return isWanted && kind.includes(record) ? body(record) : true
    }
  }
}

#endif
