// SPDX-License-Identifier: Apache-2.0
//
// The mistake: request handlers on several threads share a dictionary, and nothing protects it.

/// `@unchecked Sendable` silenced the compiler's objection.
final class PlainOrderCache: OrderCache, @unchecked Sendable {
  private var orders: [String: Order] = [:]

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
    // A copy costs a reference here; the next payment pays for it and copies all the elements.
    // What another thread writes into the old ones meanwhile is lost.
    let snapshot = orders
    var overview = Overview()
    for (id, order) in snapshot { overview.add(id, order) }
    return overview
  }
}
