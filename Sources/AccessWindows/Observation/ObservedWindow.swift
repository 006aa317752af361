// SPDX-License-Identifier: Apache-2.0
//
// The windows of accesses that are observed: the window that was opened is kept in the thread's
// memory, and the program gets one that ends by a call. Nothing here allocates or locks.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
public import AccessTerms
internal import CAccessRecorder
internal import Synchronization

/// Whether two types are one. In a debug build `==` of metatypes is a call, and this is not.
@_transparent
private func isSame(_ one: Any.Type, _ other: Any.Type) -> Bool {
  unsafeBitCast(one, to: UInt.self) == unsafeBitCast(other, to: UInt.self)
}

/// The hash of a key that goes to who observes. The key's own code may run for it: the audit is
/// paused then.
private func hash<Key: Hashable>(_ key: Key) -> UInt32 {
  if isSame(Key.self, Int.self) { return audit_traffic_integer_hash(unsafeBitCast(key, to: UInt64.self)) }
  return UInt32(truncatingIfNeeded: key._rawHashValue(seed: Int(truncatingIfNeeded: audit_traffic_salt())))
}

extension ReadWindow {
  /// Whether the window is one of ``observed(_:_:)``: no hazard pointer has an odd address.
  var isObserved: Bool { hazard == nil && outer & 1 != 0 }

  /// The window that is given to the program in this one's place, where the access is observed.
  func observed(_ operation: AccessOperation, _ recorder: ThreadRecorderPointer) -> ReadWindow {
    // Not audited, or of elements that lie in no monitor.
    if hazard == nil && (version == 0 || version == Shield.lateVersion) { return self }
    let token = audit_traffic_begin(recorder, monitor, version, hazard, UInt64(outer), UInt64(operation.code))
    if token == 0 { return self }
    return ReadWindow(monitor: monitor, version: 1, hazard: nil, outer: UInt(token))
  }

  /// Closes the window that was opened. What the thread does then is not audited, until the
  /// observation ends.
  func closeObserved(_ operation: AccessOperation) {
    let token = UInt64(outer)
    if audit_traffic_close_read(token, true) { return }
    ReadWindow(
      monitor: monitor, version: audit_traffic_version(token),
      hazard: audit_traffic_hazard(token)?.assumingMemoryBound(to: Atomic<UInt>.self),
      outer: UInt(audit_traffic_outer(token))
    ).close(operation)
    audit_traffic_pause(token)
  }

  /// Closes a window without a hazard pointer: under `shield`, or observed.
  @usableFromInline @inline(never)
  package func closeUnusually<Key: Hashable>(_ operation: AccessOperation, _ key: Key) {
    if outer & 1 == 0 { return closeShielded(operation) }
    let token = UInt64(outer)
    if isSame(Key.self, Int.self), audit_traffic_finish_read(token, unsafeBitCast(key, to: UInt64.self)) { return }
    // The library hashes a string by itself; for other keys the program's own code runs once more,
    // and nothing that the thread does is audited then.
    if !audit_traffic_close_read(token, !isSame(Key.self, String.self)) { closeObserved(operation) }
    audit_traffic_end(token, true, hash(key))
  }
}

extension WriteWindow {
  /// Whether the window is one of ``observed(_:_:)``.
  var isObserved: Bool { hazard == nil && outer & 1 != 0 }

  /// The window that is given to the program in this one's place, where the access is observed.
  func observed(_ operation: AccessOperation, _ recorder: ThreadRecorderPointer) -> WriteWindow {
    if hazard == nil && version == 0 { return self }
    let token = audit_traffic_begin(
      recorder, monitor, version, hazard, UInt64(outer),
      UInt64(operation.code) | UInt64(AUDIT_TRAFFIC_WRITING) << 8)
    if token == 0 { return self }
    return WriteWindow(monitor: monitor, version: 1, hazard: nil, outer: UInt(token))
  }

  /// Closes the window that was opened. What the thread does then is not audited, until the
  /// observation ends.
  func closeObserved() {
    let token = UInt64(outer)
    if audit_traffic_close_write(token, true) { return }
    WriteWindow(
      monitor: monitor, version: audit_traffic_version(token),
      hazard: audit_traffic_hazard(token)?.assumingMemoryBound(to: Atomic<UInt>.self),
      outer: UInt(audit_traffic_outer(token))
    ).close()
    audit_traffic_pause(token)
  }

  /// Closes a window without a hazard pointer: under `shield`, or observed.
  @usableFromInline @inline(never)
  package func closeUnusually<Key: Hashable>(_ key: Key) {
    if outer & 1 == 0 { return closeShielded() }
    let token = UInt64(outer)
    // See `ReadWindow.closeUnusually`.
    if isSame(Key.self, Int.self), audit_traffic_finish_write(token, unsafeBitCast(key, to: UInt64.self)) { return }
    if !audit_traffic_close_write(token, !isSame(Key.self, String.self)) { closeObserved() }
    audit_traffic_end(token, true, hash(key))
  }
}

#endif
