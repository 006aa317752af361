// SPDX-License-Identifier: Apache-2.0
//
// The audited array: its one word, its creation, and its plain form. Members that access the
// elements are in the other files of this folder, each inside a window.

#if AUDITED && canImport(Glibc)

public import AccessAudit

public import CAccessRecorder

/// An array whose accesses are audited: when two threads access it at the same time and one of
/// them writes, both are reported with their stacks.
///
/// Takes the place of `Array` in debug builds; in a release build without the package trait
/// `AuditInRelease` it *is* `Array`. For its cost and its switches, see ``AuditedDictionary``.
///
/// - Complexity: that of `Array`, for each member.
/// - Blocking: nothing blocks while no violation is seen. After one, `on_violation` decides.
@frozen
public struct AuditedArray<Element> {
  /// Shared with copies until one of them is mutated. Never retained by a member while an access
  /// is in progress.
  @usableFromInline var monitor: Monitor

  @usableFromInline package typealias Storage = [Element]

  /// Wraps an array: no element is copied.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init(_ array: [Element]) {
    self.init(wrapping: array)
  }

  /// Wraps an array, where no overload is to be chosen.
  @inlinable @inline(always)
  package init(wrapping array: [Element]) {
    let storage = unsafeBitCast(array, to: UnsafeMutableRawPointer.self)
    monitor = MonitorMaking.ofArray(storage, AuditedArray.self)
    _fixLifetime(array)
  }

  /// Wraps an array, and gives it a label that reports show.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init(_ array: [Element], label: String?) {
    let storage = unsafeBitCast(array, to: UnsafeMutableRawPointer.self)
    monitor = Monitor.make(storage: storage, type: AuditedArray.self, label: label)
    _fixLifetime(array)
  }

  /// Creates an empty array.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init() {
    monitor = MonitorMaking.ofArray(audit_empty_array(), AuditedArray.self)
  }

  /// Creates an empty array with a label that reports show.
  ///
  /// - Complexity: O(1).
  @inlinable
  public init(label: String) {
    monitor = Monitor.make(storage: audit_empty_array(), type: AuditedArray.self, label: label)
  }

  /// The monitor's address, with which a read begins. Retains nothing.
  @inlinable @inline(always)
  var monitorAddress: UnsafeMutableRawPointer { unsafeBitCast(self, to: UnsafeMutableRawPointer.self) }
}

extension AuditedArray {
  /// The elements as a plain array, which is not audited.
  ///
  /// - Complexity: O(1); no element is copied.
  @inlinable
  public var array: [Element] {
    let window = ReadWindow(monitorAddress, .array)
    let result = window.storage(as: Storage.self).pointee
    window.close(.array)
    _fixLifetime(self)
    return result
  }

  /// Runs `body` on the elements inside one read. The only place that opens a read around the
  /// caller's code.
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
extension AuditedArray: @unchecked Sendable where Element: Sendable {}

extension AuditedArray: AuditedCollection {
  public typealias Plain = [Element]
}

extension AuditedArray: MonitoredCollection {
  @usableFromInline package static var collectionKind: CollectionKind { .array }
}

#endif
