// SPDX-License-Identifier: Apache-2.0
//
// Whose a recorder is, and whether that thread still runs. Code here only packs and unpacks a word.

#if AUDITED && canImport(Glibc)

/// The owner of a recorder and how far its life has come, in one word: one load sees both of
/// one moment.
///
///     bit 63 … 3   number of the owner; 0 before the first one
///     bit 2 … 0    phase
///
/// The phases of one owner follow each other: adopting, owned, ended, free. In a forked child an
/// owner that stayed behind has vanished. Only the thread that adopts changes free and adopting,
/// only the owner changes owned, only the detector changes ended; so nobody has to wait.
package struct RecorderLife: Equatable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let phaseMask: UInt64 = 7
  /// Read to the end, and to be given to a new thread.
  package static let free: UInt64 = 0
  /// A thread is making it its own: what the recorder says of its owner is being changed.
  package static let adopting: UInt64 = 1
  /// A running thread's.
  package static let owned: UInt64 = 2
  /// The thread has ended; its last records have not been read yet.
  package static let ended: UInt64 = 3
  /// The thread stayed behind in the parent when the process forked.
  package static let vanished: UInt64 = 4

  package var owner: UInt64 { rawValue >> 3 }
  package var phase: UInt64 { rawValue & Self.phaseMask }

  package var isOwned: Bool { phase == Self.owned }
  package var hasEnded: Bool { phase == Self.ended }
  package var hasVanished: Bool { phase == Self.vanished }

  /// The same owner in another phase.
  package func entering(_ phase: UInt64) -> RecorderLife {
    RecorderLife(rawValue: rawValue & ~Self.phaseMask | phase)
  }

  /// The next owner, who is adopting.
  package var withNextOwner: RecorderLife {
    RecorderLife(rawValue: (rawValue | Self.phaseMask) + 1 | Self.adopting)
  }
}

#endif
