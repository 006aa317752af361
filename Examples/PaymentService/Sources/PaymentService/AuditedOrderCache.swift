// SPDX-License-Identifier: Apache-2.0
//
// The cache of `PlainOrderCache`, audited: one type is another one.

import AuditedCollections

/// As `PlainOrderCache`, but for the type of `orders`.
final class AuditedOrderCache: OrderCache, @unchecked Sendable {
  private var orders = AuditedDictionary<String, Order>(label: "orders")

  func add(_ order: Order, as id: String) {
    orders[id] = order
  }

  func settle(_ id: String, receipt: UInt64) throws {
    guard var order = orders[id] else { throw OrderMissing() }
    order.state = .paid
    order.receipt = receipt
    orders[id] = order
  }

  func overview() -> Overview {
    let snapshot = orders
    var overview = Overview()
    for (id, order) in snapshot { overview.add(id, order) }
    return overview
  }
}
