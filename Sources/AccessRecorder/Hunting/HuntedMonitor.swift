// SPDX-License-Identifier: Apache-2.0
//
// What hunting needs of a collection's monitor. The layer above knows a monitor's layout, and says
// where these words lie. Nothing here retains.

#if AUDITED && canImport(Glibc)

package import Synchronization

/// The monitor of the collection that an access is open to.
package struct HuntedMonitor {
  let address: UnsafeMutableRawPointer
  let id: UInt64
  let creatorThreadID: Int32
  /// The task that made the collection, and 1; 0 when that is not known.
  let creationTask: UInt64
  /// See `VersionWord`.
  let version: UnsafeMutablePointer<Atomic<UInt64>>

  @inline(__always)
  package init(
    address: UnsafeMutableRawPointer, id: UInt64, creatorThreadID: Int32, creationTask: UInt64,
    version: UnsafeMutablePointer<Atomic<UInt64>>
  ) {
    self.address = address
    self.id = id
    self.creatorThreadID = creatorThreadID
    self.creationTask = creationTask
    self.version = version
  }
}

#endif
