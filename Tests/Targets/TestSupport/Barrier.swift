// SPDX-License-Identifier: Apache-2.0
//
// A barrier for the threads of a test.

import Foundation
import Synchronization

/// Holds threads until all have arrived. It spins and yields the processor between checks, so that
/// they continue at nearly the same moment.
package final class Barrier: Sendable {
  private let missing: Atomic<Int>

  package init(_ count: Int) { missing = Atomic(count) }

  package func wait() {
    missing.subtract(1, ordering: .acquiringAndReleasing)
    while missing.load(ordering: .acquiring) > 0 { sched_yield() }
  }
}
