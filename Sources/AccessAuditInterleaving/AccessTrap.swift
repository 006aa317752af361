// SPDX-License-Identifier: Apache-2.0
//
// Stopping a thread in the middle of an access: a trap, and a key whose hashing springs it. What a trap runs is the
// test's; nothing here waits by itself.

internal import Synchronization

/// Code to run in the middle of an access: once, on whichever thread comes first after it was armed.
///
/// A mutation hashes and compares its key, and calls the caller's closures, inside its window. A trap sprung there can
/// hold the access open until the other side has run into it.
public final class AccessTrap: Sendable {
  private let action = Mutex<(@Sendable () -> Void)?>(nil)

  /// Makes a trap that is not armed.
  public init() {}

  /// Has `body` run by the next call of ``spring()``, in place of what the trap was armed with before.
  public func arm(_ body: @escaping @Sendable () -> Void) { action.withLock { $0 = body } }

  /// Takes the code back, if it has not run.
  public func disarm() { action.withLock { $0 = nil } }

  /// Runs what the trap is armed with, and disarms it.
  ///
  /// - Blocking: as long as what it is armed with.
  public func spring() {
    let body = action.withLock { action in
      defer { action = nil }
      return action
    }
    body?()
  }
}

/// A key that springs a trap when it is hashed: inside the access it is used in.
///
/// Keys are equal, and hash alike, when their bases do, with or without a trap.
public struct GatedKey<Base: Hashable>: Hashable {
  public let base: Base
  /// Sprung by each hashing; it runs once.
  public let trap: AccessTrap?

  public init(_ base: Base, _ trap: AccessTrap? = nil) {
    self.base = base
    self.trap = trap
  }

  public static func == (left: GatedKey, right: GatedKey) -> Bool { left.base == right.base }

  public func hash(into hasher: inout Hasher) {
    trap?.spring()
    hasher.combine(base)
  }
}

extension GatedKey: Sendable where Base: Sendable {}
