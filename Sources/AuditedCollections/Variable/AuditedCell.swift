// SPDX-License-Identifier: Apache-2.0
//
// The storage of an audited variable's value and monitor. Not generic, because an unoptimised build
// would then look up metadata at each access. Nothing here opens a window.

#if AUDITED && canImport(Glibc)

internal import AccessAudit
internal import CAccessRecorder

/// The memory of one audited variable. Its address never changes, so it identifies the variable,
/// however often the cell is retained. The monitor has this one reference, so a write never forks
/// it.
@usableFromInline
final class AuditedCell: @unchecked Sendable {
  /// The word that refers to the monitor: its address is the variable's.
  @usableFromInline let reference: UnsafeMutablePointer<Monitor>
  @usableFromInline let monitorAddress: UnsafeMutableRawPointer
  @usableFromInline let value: UnsafeMutableRawPointer
  private let destroy: (UnsafeMutableRawPointer) -> Void

  init<Value>(_ first: Value, label: String?) {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    pointer.initialize(to: first)
    value = UnsafeMutableRawPointer(pointer)
    destroy = { address in
      let pointer = address.assumingMemoryBound(to: Value.self)
      pointer.deinitialize(count: 1)
      pointer.deallocate()
    }
    // The monitor's own storage stays empty: a variable has no elements.
    let type: any MonitoredCollection.Type = AuditedVariable<Value>.self
    let monitor =
      label == nil
      ? MonitorMaking.ofVariable(audit_empty_array(), type)
      : Monitor.make(storage: audit_empty_array(), type: type, label: label)
    monitorAddress = Unmanaged.passUnretained(monitor).toOpaque()
    reference = .allocate(capacity: 1)
    reference.initialize(to: monitor)
  }

  deinit {
    // The monitor goes first: its deinit reports, and waits for, a write in progress.
    reference.deinitialize(count: 1)
    reference.deallocate()
    destroy(value)
  }
}

#endif
