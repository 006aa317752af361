// SPDX-License-Identifier: Apache-2.0
//
// Where an access enters the engine: on x86-64 and arm64 in assembly (CAccessRecorder/assembly),
// elsewhere in the Swift functions that the assembly falls back to. Nothing here allocates or
// locks.

#if AUDITED && canImport(Glibc)

public import AccessTerms
internal import CAccessRecorder

#if arch(x86_64) || arch(arm64)

// The assembly returns its window in the registers that Swift's convention names, which C's
// cannot: hence the attribute.

/// Opens the window of a read while auditing is on.
@_silgen_name("audit_open_read") @usableFromInline
package func openRead(_ monitor: UnsafeMutableRawPointer, _ operation: AccessOperation) -> ReadWindow

/// Opens the window of a write while auditing is on.
@_silgen_name("audit_open_write") @usableFromInline
package func openWrite(_ variable: UnsafeMutableRawPointer, _ operation: AccessOperation) -> WriteWindow

/// Opens the window of a write that may end on another thread, while auditing is on.
@_silgen_name("audit_open_moving_write") @usableFromInline
package func openMovingWrite(_ variable: UnsafeMutableRawPointer, _ operation: AccessOperation) -> WriteWindow

#else

/// Opens the window of a read while auditing is on.
@inlinable @inline(always)
package func openRead(_ monitor: UnsafeMutableRawPointer, _ operation: AccessOperation) -> ReadWindow {
  ReadWindow.openFully(monitor, operation)
}

/// Opens the window of a write while auditing is on.
@inlinable @inline(always)
package func openWrite(_ variable: UnsafeMutableRawPointer, _ operation: AccessOperation) -> WriteWindow {
  WriteWindow.openFully(variable, operation)
}

/// Opens the window of a write that may end on another thread, while auditing is on.
@inlinable @inline(always)
package func openMovingWrite(_ variable: UnsafeMutableRawPointer, _ operation: AccessOperation) -> WriteWindow {
  WriteWindow.openFully(variable, operation)
}

#endif

#endif
