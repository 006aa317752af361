// SPDX-License-Identifier: Apache-2.0
//
// The new user's cache: a dictionary that request handlers share, and nothing protects.

public final class OrderCache: @unchecked Sendable {
  private var orders: [String: Int] = [:]

  public init() {}

  public func add(_ customer: String) {
    orders[customer, default: 0] += 1
  }

  public func count(of customer: String) -> Int {
    orders[customer] ?? 0
  }
}
