// SPDX-License-Identifier: Apache-2.0
//
// An order, and what the service asks of a cache of orders.

struct Order: Sendable {
  enum State: Sendable {
    case open
    case paid
  }

  var amount: Int
  var state = State.open
  var receipt: UInt64 = 0
}

/// The order that must be there is not.
struct OrderMissing: Error {}

/// What the office looks at: sums over all orders.
struct Overview: Sendable {
  var orders = 0
  var openAmount = 0
  /// Of the identifiers and the receipts, to compare with the bank's.
  var checksum: UInt64 = 0

  mutating func add(_ id: String, _ order: Order) {
    orders += 1
    if order.state == .open { openAmount += order.amount }
    for byte in id.utf8 { checksum = checksum &* 31 &+ UInt64(byte) }
    checksum ^= order.receipt
  }
}

protocol OrderCache: AnyObject, Sendable {
  func add(_ order: Order, as id: String) async throws
  /// Notes that the order was paid.
  func settle(_ id: String, receipt: UInt64) async throws
  func overview() async throws -> Overview
}
