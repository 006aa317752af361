// SPDX-License-Identifier: Apache-2.0
//
// One lock of the pool and the queue in front of it. Everything here happens under the mutex of the
// lock's stripe; nothing here waits or runs a caller's code.

/// How a key is held: alone, or beside others who only look.
@usableFromInline
enum KeyAccess: Int, Sendable {
  case exclusive, shared
}

/// A lock for whichever key needs one at the moment. It belongs to a key from the first who has to
/// wait to the last who leaves, then to the pool of its stripe.
///
/// The holder passes it on to the first in the queue, so it is never free while somebody waits:
/// first come, first served. Those who share it get it together when they stand in a row.
@usableFromInline
final class KeyLock {
  private var queue = WaitQueue()
  /// How many share the key; 0 while one holds it alone.
  @usableFromInline var sharers = 0

  @usableFromInline
  init() {}

  var waiterCount: Int { queue.count }

  /// Whether somebody who shares may join those inside.
  @usableFromInline var admitsSharers: Bool { sharers > 0 && queue.isEmpty }

  @usableFromInline
  func append(_ waiter: Waiter) {
    waiter.lock = self
    queue.append(waiter)
  }

  /// Passes the lock on; the last of its holders has left.
  ///
  /// - Returns: The holders now, in a chain, to be told after the mutex is released; nil if
  ///   nobody waits.
  @usableFromInline
  func passOn() -> Waiter? {
    guard let first = queue.popFirst() else { return nil }
    first.lock = nil
    guard first.tag == KeyAccess.shared.rawValue else { return first }
    sharers = 1
    var chain = WaiterChain()
    chain.append(first)
    admitSharers(&chain)
    return chain.first
  }

  private func admitSharers(_ chain: inout WaiterChain) {
    while let next = queue.first, next.tag == KeyAccess.shared.rawValue {
      _ = queue.remove(next)
      next.lock = nil
      sharers += 1
      chain.append(next)
    }
  }

  /// Takes a waiter out of the queue.
  ///
  /// - Returns: Whether it was there; and the waiters that waited only because of it, in a chain.
  func remove(_ waiter: Waiter) -> (wasThere: Bool, admitted: Waiter?) {
    guard queue.remove(waiter) else { return (false, nil) }
    waiter.lock = nil
    var chain = WaiterChain()
    if sharers > 0 { admitSharers(&chain) }
    return (true, chain.first)
  }
}
