// SPDX-License-Identifier: Apache-2.0
//
// The audited set: its one word, its creation, and its plain form. Members that access the elements
// are in the other files of this folder, each inside a window.

#if AUDITED && canImport(Glibc)

public import AccessAudit

public import CAccessRecorder

/// A set whose accesses are audited: when two threads access it at the same time and one of them
/// writes, both are reported with their stacks.
///
/// Takes the place of `Set` in debug builds; in a release build without the package trait
/// `AuditInRelease` it *is* `Set`. For its cost and its switches, see ``AuditedDictionary``.
///
/// - Complexity: that of `Set`, for each member.
/// - Blocking: nothing blocks while no violation is seen. After one, `on_violation` decides.
@frozen
public struct AuditedSet<Element: Hashable> {
  /// Shared with copies until one of them is mutated. Never retained by a member while an access
  /// is in progress.
  @usableFromInline var monitor: Monitor

  @usableFromInline package typealias Storage = Set<Element>

  /// Wraps a set: no element is copied.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init(_ set: Set<Element>) {
    self.init(wrapping: set)
  }

  /// Wraps a set, where no overload is to be chosen.
  @inlinable @inline(always)
  package init(wrapping set: Set<Element>) {
    let storage = unsafeBitCast(set, to: UnsafeMutableRawPointer.self)
    monitor = MonitorMaking.ofSet(storage, AuditedSet.self)
    _fixLifetime(set)
  }

  /// Wraps a set, and gives it a label that reports show.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init(_ set: Set<Element>, label: String?) {
    let storage = unsafeBitCast(set, to: UnsafeMutableRawPointer.self)
    monitor = Monitor.make(storage: storage, type: AuditedSet.self, label: label)
    _fixLifetime(set)
  }

  /// Creates an empty set.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init() {
    monitor = MonitorMaking.ofSet(audit_empty_set(), AuditedSet.self)
  }

  /// Creates an empty set with a label that reports show.
  ///
  /// - Complexity: O(1).
  @inlinable
  public init(label: String) {
    monitor = Monitor.make(storage: audit_empty_set(), type: AuditedSet.self, label: label)
  }

  /// The monitor's address, with which a read begins. Retains nothing.
  @inlinable @inline(always)
  var monitorAddress: UnsafeMutableRawPointer { unsafeBitCast(self, to: UnsafeMutableRawPointer.self) }
}

extension AuditedSet {
  /// The elements as a plain set, which is not audited.
  ///
  /// - Complexity: O(1); no element is copied.
  @inlinable
  public var set: Set<Element> {
    let window = ReadWindow(monitorAddress, .set)
    let result = window.storage(as: Storage.self).pointee
    window.close(.set)
    _fixLifetime(self)
    return result
  }

  /// Runs `body` on the elements inside one read. The protocol's `readPlain` takes more
  /// instructions in an unoptimised build.
  @inlinable @inline(always)
  package func read<Result, Failure: Error>(
    _ operation: AccessOperation, _ body: (borrowing Storage) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let window = ReadWindow(monitorAddress, operation)
    defer {
      window.close(operation)
      _fixLifetime(self)
    }
    return try body(window.storage(as: Storage.self).pointee)
  }

  /// Runs `body` on the elements inside one write.
  @inlinable @inline(always)
  package mutating func write<Result, Failure: Error>(
    _ operation: AccessOperation, _ body: (inout Storage) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let window = WriteWindow(&monitor, operation)
    defer { window.close() }
    return try body(&window.storage(as: Storage.self).pointee)
  }
}

// Several threads access the monitor only as its protocol allows; the monitor guards the
// elements.
extension AuditedSet: @unchecked Sendable where Element: Sendable {}

extension AuditedSet: AuditedCollection {
  public typealias Plain = Set<Element>
}

extension AuditedSet: MonitoredCollection {
  @usableFromInline package static var collectionKind: CollectionKind { .set }
}

#endif
