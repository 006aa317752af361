// SPDX-License-Identifier: Apache-2.0
//
// The fix, as the adviser has it for this traffic: accesses that take milliseconds, made by tasks.
// Who has to wait is suspended, and keeps no thread.

import ConcurrentCollections

final class SerialOrderCache: OrderCache {
  private let orders = SerialDictionary<String, Order>()

  func add(_ order: Order, as id: String) async {
    await orders.updateValue(order, forKey: id)
  }

  func settle(_ id: String, receipt: UInt64) async throws {
    // One operation, so that nothing comes between the look and the change.
    let isThere = await orders.withValue(forKey: id) { order in
      order?.state = .paid
      order?.receipt = receipt
      return order != nil
    }
    guard isThere else { throw OrderMissing() }
  }

  func overview() async -> Overview {
    var overview = Overview()
    for (id, order) in await orders.snapshot() { overview.add(id, order) }
    return overview
  }
}
