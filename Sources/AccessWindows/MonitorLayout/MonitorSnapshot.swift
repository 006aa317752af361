// SPDX-License-Identifier: Apache-2.0
//
// Looking at a monitor that may be gone: its memory is copied by the kernel, and the copy is
// believed only if it is that very monitor's. Nothing here touches the monitor itself.

#if AUDITED && canImport(Glibc)

package import AccessRecorder
internal import CAccessRecorder

/// The words of a monitor at one moment.
package struct MonitorSnapshot {
  private static var size: Int { MonitorReference.Offset.nextRetired }
  private let words: [UInt64]

  /// - Returns: `nil` when the memory at `address` is not, or no longer, the pinned monitor of the
  ///   collection with this ID.
  package init?(address: UInt, id: UInt64) {
    guard address != 0, let metadata = Monitor.metadataOfPinned else { return nil }
    var copied = false
    words = [UInt64](unsafeUninitializedCapacity: Self.size / 8) { buffer, count in
      copied = audit_read_memory(address, buffer.baseAddress, Self.size)
      count = copied ? Self.size / 8 : 0
    }
    // An object's first word is its class. Freed memory has lost it, and another object has
    // another.
    guard copied, words[0] == UInt64(UInt(bitPattern: metadata)), word(MonitorReference.Offset.id) == id else {
      return nil
    }
  }

  private func word(_ offset: Int) -> UInt64 { words[offset / 8] }

  package var version: VersionWord { VersionWord(rawValue: word(MonitorReference.Offset.version)) }
  /// The address of the type's metadata.
  package var typeAddress: UInt { UInt(word(MonitorReference.Offset.type)) }
  package var type: Any.Type { unsafeBitCast(typeAddress, to: Any.Type.self) }

  /// The number of elements; `nil` when the storage is gone.
  package var count: Int? { Self.elementCount(inStorage: UInt(word(MonitorReference.Offset.storage))) }

  /// The number of elements in a storage, which Dictionary, Set and Array keep behind the object
  /// header (`collectionCount_isBehindTheHeader` holds that); `nil` when the storage is gone.
  static func elementCount(inStorage storage: UInt) -> Int? {
    var count: UInt64 = 0
    return audit_read_word(storage &+ 16, &count) && count < 1 << 40 ? Int(count) : nil
  }
}

#endif
