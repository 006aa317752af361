// SPDX-License-Identifier: Apache-2.0
//
// The cache, with the mistake and without.

import AuditedCollections
import ConcurrentCollections

struct Order: Sendable {
  var count = 0
  var total = 0
}

protocol OrderCache: AnyObject, Sendable {
  /// Adds an order; returns the sum of the customer's orders.
  func add(_ request: OrderRequest) -> Order
  /// The sum of the customer's orders.
  func orders(of customer: String) -> Order?
  var customers: Int { get }
}

/// The mistake: request handlers on several threads share `orders`, and nothing protects it.
/// `@unchecked Sendable` silenced the compiler's objection.
final class RacedOrderCache: OrderCache, @unchecked Sendable {
  private var orders = AuditedDictionary<String, Order>(label: "orders")

  func add(_ request: OrderRequest) -> Order {
    orders[request.customer, default: Order()].count += 1
    orders[request.customer, default: Order()].total += request.amount
    return orders[request.customer] ?? Order()
  }

  func orders(of customer: String) -> Order? { orders[customer] }

  var customers: Int { orders.count }
}

/// The fix: a dictionary that is safe to share. Adding an order is one operation on it, so no order
/// is lost between two operations.
final class SharedOrderCache: OrderCache {
  private let orders = LockedDictionary<String, Order>()

  func add(_ request: OrderRequest) -> Order {
    orders.withValue(forKey: request.customer, default: Order()) { order in
      order.count += 1
      order.total += request.amount
      return order
    }
  }

  func orders(of customer: String) -> Order? { orders[customer] }

  var customers: Int { orders.count }
}
