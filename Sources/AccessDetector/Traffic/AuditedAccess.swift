// SPDX-License-Identifier: Apache-2.0
//
// An observed access, as its observers get it. What takes time to find, names and stacks, is looked
// up when somebody asks for it.

#if AUDITED && canImport(Glibc)

public import AccessReports
public import AccessTerms
internal import AccessWindows
internal import CAccessRecorder

/// One access to an audited collection or variable, after it has ended.
public struct AuditedAccess: Sendable {
  /// The collection that was accessed.
  public struct Collection: Sendable, Hashable {
    /// The collection's ID, as in reports.
    public var id: UInt64
    public var kind: CollectionKind
    public var label: String?
    let typeAddress: UInt64
    let creationStackID: UInt32

    /// The name of the collection's type, as in reports.
    public var type: String { AccessNames.type(typeAddress) }

    /// What the collection is called where it is declared, as `OrderCache.orders`; `nil` where
    /// neither the functions of its creation nor the source line say it.
    ///
    /// - Blocking: the first time reads symbols and the source file.
    public var declaration: String? { AccessNames.declaration(creationStackID) }
  }

  public var collection: Collection
  public var operation: AccessOperation
  public var writing: Bool
  /// The kernel's ID of the thread that began the access.
  public var threadID: Int32
  /// The task that began it; `nil` outside tasks.
  public var taskID: UInt64?
  /// A hash of the key, or of a set's member: equal keys have equal hashes within one process, and
  /// other ones in the next. `nil` where the operation has no key, and for arrays and variables.
  public var keyHash: UInt32?
  /// From the access's begin to its end; the key's hashing and comparing, and the program's own
  /// closures, are part of it.
  public var durationNanoseconds: UInt64
  /// Elements after a write, or at the begin of a read; `nil` for variables.
  public var elementCount: Int?
  /// Whether the collection had fewer elements when this write began, or more.
  public var isInsertion: Bool
  public var isRemoval: Bool
  /// When the access began, on the system's clock that does not go back.
  public var timeNanoseconds: UInt64
  let stackID: UInt32

  /// The call stack, innermost frame first; empty where stacks are off or this one was lost.
  ///
  /// - Blocking: the first time for a stack reads symbols, which takes milliseconds.
  public var stack: [Violation.Frame] { AccessNames.frames(stackID) }

  init(_ record: audit_traffic_record) {
    let flags = Int(record.flags)
    let kinds: [CollectionKind] = [.dictionary, .set, .array, .variable]
    collection = Collection(
      id: record.collection, kind: kinds[Int(record.kind) & 3], label: LabelTable.label(record.label),
      typeAddress: record.type, creationStackID: record.creation_stack)
    operation = AccessOperation(code: record.operation) ?? .subscriptGet
    writing = flags & AUDIT_TRAFFIC_WRITING != 0
    threadID = record.thread
    taskID = record.task == 0 ? nil : record.task
    keyHash = flags & AUDIT_TRAFFIC_HAS_KEY != 0 ? record.key : nil
    durationNanoseconds = UInt64(record.duration)
    elementCount = flags & AUDIT_TRAFFIC_HAS_COUNT != 0 ? Int(record.count) : nil
    isInsertion = flags & AUDIT_TRAFFIC_GREW != 0
    isRemoval = flags & AUDIT_TRAFFIC_SHRANK != 0
    timeNanoseconds = record.time
    stackID = record.stack
  }
}

#endif
