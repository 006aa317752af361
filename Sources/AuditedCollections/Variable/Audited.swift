// SPDX-License-Identifier: Apache-2.0
//
// The property wrapper that audits a variable of any type: every get, set and mutation of it is one
// window.

#if AUDITED && canImport(Glibc)

public import AccessAudit

/// Audits a variable: when two threads get and set it at the same time, both are reported with
/// their stacks.
///
///     final class Session {
///       @Audited var user: User? = nil
///       @Audited(label: "tokens") static var tokens: [String] = []
///     }
///
/// ``AuditedDictionary`` and similar types audit the accesses to a collection. This type audits
/// the accesses to the variable, of any type: whole assignments, and reads while it is assigned.
/// It is for properties of classes and actors, for `static` variables and for local ones. The
/// compiler rejects it on a structure's property: copies of the structure would share the
/// variable, so this type cannot be copied. A global variable cannot have a wrapper; write
///
///     nonisolated(unsafe) var tokens = Audited(wrappedValue: [String](), label: "tokens")
///
/// and use `tokens.wrappedValue`. In a release build without the package trait `AuditInRelease`
/// the wrapper is the value, and nothing else.
///
/// - Complexity: one allocation for each variable; O(1) beside the value's own for each access.
/// - Blocking: nothing blocks while no violation is seen. After one, `on_violation` decides.
@propertyWrapper @frozen
public struct Audited<Value>: ~Copyable {
  @usableFromInline let cell: AuditedCell

  /// A variable with this first value.
  ///
  /// - Complexity: O(1).
  public init(wrappedValue: Value) {
    cell = AuditedCell(wrappedValue, label: nil)
  }

  /// A variable with this first value, and a label that reports show.
  ///
  /// - Complexity: O(1).
  public init(wrappedValue: Value, label: String) {
    cell = AuditedCell(wrappedValue, label: label)
  }

  /// The value.
  ///
  /// - Complexity: O(1); mutations are in place.
  @inlinable
  public var wrappedValue: Value {
    get {
      let cell = self.cell
      let window = ReadWindow(cell.monitorAddress, .wrappedValueGet)
      defer {
        window.close(.wrappedValueGet)
        _fixLifetime(cell)
      }
      return cell.value.assumingMemoryBound(to: Value.self).pointee
    }
    set {
      let cell = self.cell
      let window = WriteWindow(cell.reference, .wrappedValueSet)
      defer {
        window.close()
        _fixLifetime(cell)
      }
      cell.value.assumingMemoryBound(to: Value.self).pointee = consume newValue
    }
    _modify {
      let cell = self.cell
      let window = WriteWindow(moving: cell.reference, .wrappedValueModify)
      defer {
        window.close()
        _fixLifetime(cell)
      }
      yield &cell.value.assumingMemoryBound(to: Value.self).pointee
    }
  }
}

// Several threads access the cell's words only as the monitor's protocol allows; the monitor
// guards the value.
extension Audited: @unchecked Sendable where Value: Sendable {}

/// The type of an audited variable in reports. The wrapper itself cannot conform, because it is
/// not copyable.
@usableFromInline
enum AuditedVariable<Value>: MonitoredCollection {
  @usableFromInline package static var collectionKind: CollectionKind { .variable }
}

#endif
