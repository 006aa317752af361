// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Runs `body` once for each worker on a concurrent queue, and suspends until all have ended.
///
/// A test that waited with `group.wait()` would block a thread of the pool that its blocks run on:
/// on two cores it would leave them one thread, and they could not race.
func onQueue(workers: Int, _ body: @escaping @Sendable (Int) -> Void) async {
  let queue = DispatchQueue(label: "workers", attributes: .concurrent)
  await withCheckedContinuation { done in
    let group = DispatchGroup()
    for worker in 0..<workers {
      queue.async(group: group) { body(worker) }
    }
    group.notify(queue: queue) { done.resume() }
  }
}
