// SPDX-License-Identifier: Apache-2.0
//
// The words of a monitor, reached through its address. The engine must not change a monitor's
// reference count while an access is in progress, or another thread's uniqueness test would fail:
// nothing here retains.

#if AUDITED && canImport(Glibc)

public import Synchronization

/// The address of a monitor, not retained.
///
/// The class is the engine's; its layout is part of the protocol, because the inlined paths of
/// every audited member use it. `MonitorLayoutTests` compares it with the class.
@frozen @usableFromInline
package struct MonitorReference: Equatable {
  @usableFromInline package let address: UnsafeMutableRawPointer

  @inlinable @inline(always)
  package init(address: UnsafeMutableRawPointer) { self.address = address }

  // What the compiler makes goes through a witness, which an unoptimised build of another file
  // looks up under a lock.
  @usableFromInline
  package static func == (one: MonitorReference, other: MonitorReference) -> Bool { one.address == other.address }

  /// The monitor that a variable refers to now.
  @inlinable @inline(always)
  package static func load(from variable: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    variable.assumingMemoryBound(to: UnsafeMutableRawPointer.self).pointee
  }

  /// See `VersionWord`.
  @inlinable
  package var version: UnsafeMutablePointer<Atomic<UInt64>> {
    @inline(always) get { (address + 16).assumingMemoryBound(to: Atomic<UInt64>.self) }
  }

  /// See `WriterWord`.
  @inlinable
  package var writer: UnsafeMutablePointer<Atomic<UInt64>> {
    @inline(always) get { (address + 24).assumingMemoryBound(to: Atomic<UInt64>.self) }
  }

  /// The slot of the thread that may claim the writer word without a locked instruction, or a mark:
  /// see `WriterBias`.
  package var bias: UnsafeMutablePointer<Atomic<UInt16>> {
    (address + Offset.bias).assumingMemoryBound(to: Atomic<UInt16>.self)
  }

  /// The collection's own single reference.
  @inlinable @inline(always)
  package func storage<Storage>(as type: Storage.Type) -> UnsafeMutablePointer<Storage> {
    (address + 32).assumingMemoryBound(to: Storage.self)
  }

  @inlinable
  package var id: UInt64 {
    @inline(always) get { (address + 40).assumingMemoryBound(to: UInt64.self).pointee }
  }

  /// The offsets behind the object header. Literals in the members above: an unoptimised build
  /// would call for a constant.
  package enum Offset {
    package static let version = 16
    package static let writer = 24
    package static let storage = 32
    package static let id = 40
    package static let creationStackID = 48
    package static let creatorThreadID = 52
    package static let type = 56
    package static let labelID = 72
    package static let kind = 76
    package static let sharing = 77
    package static let bias = 78
    package static let nextRetired = 80
  }
}

#endif
