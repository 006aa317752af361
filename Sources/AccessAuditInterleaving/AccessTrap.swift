// SPDX-License-Identifier: Apache-2.0
//
// Stops a thread in the middle of an access: a trap, and a key whose hashing springs it. The test
// supplies the code that a trap runs; nothing here waits.

internal import Synchronization

/// Code to run in the middle of an access: once, on the first thread that springs the trap after it
/// was armed.
///
/// A mutation hashes and compares its key, and calls the caller's closures, inside its window. A
/// trap sprung there can hold the access open until another access has overlapped with it.
public final class AccessTrap: Sendable {
  private let action = Mutex<(@Sendable () -> Void)?>(nil)

  /// Makes a trap that is not armed.
  public init() {}

  /// Lets the next call of ``spring()`` run `body`, in place of the code that the trap held before.
  public func arm(_ body: @escaping @Sendable () -> Void) { action.withLock { $0 = body } }

  /// Removes the code, if it has not run.
  public func disarm() { action.withLock { $0 = nil } }

  /// Runs the trap's code, if any, and disarms the trap.
  ///
  /// - Blocking: as long as the trap's code.
  public func spring() {
    let body = action.withLock { action in
      defer { action = nil }
      return action
    }
    body?()
  }
}

/// A key that springs a trap when it is hashed, inside the access that uses the key.
///
/// Keys are equal, and hash alike, when their bases do, with or without a trap.
public struct GatedKey<Base: Hashable>: Hashable {
  public let base: Base
  /// The trap that each hashing springs; its code runs once.
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
