// SPDX-License-Identifier: Apache-2.0
//
// The audited dictionary: its one word, its creation, and its plain form. Members that access the
// elements are in the other files of this folder, each inside a window.

#if AUDITED && canImport(Glibc)

public import AccessAudit
public import CAccessRecorder

/// A dictionary whose accesses are audited: when two threads access it at the same time and one
/// of them writes, both are reported with their stacks.
///
/// Takes the place of `Dictionary` in debug builds; in a release build without the package trait
/// `AuditInRelease` it *is* `Dictionary`. It is a value type as `Dictionary` is: copies are
/// independent, share their elements until one of them is mutated, and cost one reference. The
/// environment variable `ACCESS_AUDIT` or `AccessAudit.configure(_:)` switches the audit;
/// switched off, an access costs one check.
///
/// - Complexity: that of `Dictionary`, for each member.
/// - Blocking: nothing blocks while no violation is seen. After one, `on_violation` decides.
@frozen
public struct AuditedDictionary<Key: Hashable, Value> {
  /// Shared with copies until one of them is mutated. Never retained by a member while an access
  /// is in progress.
  @usableFromInline var monitor: Monitor

  @usableFromInline package typealias Storage = Dictionary<Key, Value>

  /// Wraps a dictionary: no element is copied.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init(_ dictionary: [Key: Value]) {
    self.init(wrapping: dictionary)
  }

  /// Wraps a dictionary, where no overload is to be chosen.
  @inlinable @inline(always)
  package init(wrapping dictionary: [Key: Value]) {
    let storage = unsafeBitCast(dictionary, to: UnsafeMutableRawPointer.self)
    monitor = MonitorMaking.ofDictionary(storage, AuditedDictionary.self)
    _fixLifetime(dictionary)
  }

  /// Wraps a dictionary, and gives it a label that reports show.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public init(_ dictionary: [Key: Value], label: String?) {
    let storage = unsafeBitCast(dictionary, to: UnsafeMutableRawPointer.self)
    monitor = Monitor.make(storage: storage, type: AuditedDictionary.self, label: label)
    _fixLifetime(dictionary)
  }

  /// Creates an empty dictionary.
  @inlinable @inline(always)
  public init() {
    monitor = MonitorMaking.ofDictionary(audit_empty_dictionary(), AuditedDictionary.self)
  }

  /// Creates an empty dictionary with a label that reports show.
  @inlinable
  public init(label: String) {
    monitor = Monitor.make(storage: audit_empty_dictionary(), type: AuditedDictionary.self, label: label)
  }

  /// The monitor's address, with which a read begins. Retains nothing.
  @inlinable @inline(always)
  var monitorAddress: UnsafeMutableRawPointer { unsafeBitCast(self, to: UnsafeMutableRawPointer.self) }
}

extension AuditedDictionary {
  /// The elements as a plain dictionary, which is not audited.
  ///
  /// - Complexity: O(1); no element is copied.
  @inlinable
  public var dictionary: [Key: Value] {
    let window = ReadWindow(monitorAddress, .dictionary)
    let result = window.storage(as: Storage.self).pointee
    window.close(.dictionary)
    _fixLifetime(self)
    return result
  }
}

// Several threads access the monitor only as its protocol allows; the monitor guards the
// elements.
extension AuditedDictionary: @unchecked Sendable where Key: Sendable, Value: Sendable {}

extension AuditedDictionary: AuditedCollection {
  public typealias Plain = [Key: Value]
}

extension AuditedDictionary: MonitoredCollection {
  @usableFromInline package static var collectionKind: CollectionKind { .dictionary }
}

#endif
