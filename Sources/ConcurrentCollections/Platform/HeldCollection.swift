// SPDX-License-Identifier: Apache-2.0
//
// The re-entrancy check of debug builds: which collections' operations run on this thread. Release
// builds have none of it: every function here is empty there.

/// An operation that is running on a thread.
struct HeldCollection {
  var object: ObjectIdentifier
  var type: StaticString
  var operation: StaticString
}

/// The operations that are running on one thread, used by that thread only.
///
/// An object of its own: a change of an array inside the thread's record would count as a change of
/// the whole record, which others read.
final class HeldCollections {
  var all: [HeldCollection] = []
}

/// Notes that operations begin and end, and stops the process when one begins inside another of the
/// same object.
@usableFromInline
enum Reentrancy {
  /// Notes the beginning of an operation that must not run inside another one of the same object.
  @inlinable @inline(__always)  // Empty in release builds.
  static func enter(_ object: AnyObject, type: StaticString, operation: StaticString) {
    #if DEBUG
    begin(ObjectIdentifier(object), type: type, operation: operation)
    #endif
  }

  /// Notes the beginning of an operation that does not wait, and so may run inside another one of
  /// the same object.
  @inlinable @inline(__always)  // Empty in release builds.
  static func enterWithoutWaiting(_ object: AnyObject, type: StaticString, operation: StaticString) {
    #if DEBUG
    note(ObjectIdentifier(object), type: type, operation: operation)
    #endif
  }

  /// Notes the end of the operation noted last for the object.
  @inlinable @inline(__always)  // Empty in release builds.
  static func leave(_ object: AnyObject) {
    #if DEBUG
    end(ObjectIdentifier(object))
    #endif
  }

  #if DEBUG
  @usableFromInline
  static func begin(_ object: ObjectIdentifier, type: StaticString, operation: StaticString) {
    let held = ThreadRegistry.current.pointee.held
    if let outer = held.all.last(where: { $0.object == object }) {
      fatalError(
        """
        \(type).\(operation) called inside \(outer.type).\(outer.operation) of the same object, on the same thread: \
        it would wait for itself. Use what the closure was given, or call it after the closure has returned.
        """)
    }
    note(object, type: type, operation: operation)
  }

  @usableFromInline
  static func note(_ object: ObjectIdentifier, type: StaticString, operation: StaticString) {
    // Through a constant: written in one line, it would count as a change of the whole record.
    let held = ThreadRegistry.current.pointee.held
    held.all.append(HeldCollection(object: object, type: type, operation: operation))
  }

  @usableFromInline
  static func end(_ object: ObjectIdentifier) {
    let held = ThreadRegistry.current.pointee.held
    if let index = held.all.lastIndex(where: { $0.object == object }) {
      held.all.remove(at: index)
    }
  }
  #endif
}
