// SPDX-License-Identifier: Apache-2.0

@testable import ConcurrentCollections

extension Duration {
  /// Half of the time for which the machine has run, an hour at most: with this lifetime an element
  /// that says it was written when the machine started is too old, and one that a test writes is
  /// young, on a machine that has just started too.
  static var halfOfUptime: Duration { .nanoseconds(Int64(min(Moment.now.nanoseconds / 2, 3_600_000_000_000))) }
}
