// SPDX-License-Identifier: Apache-2.0
//
// Routes by path: made lazily, on whichever thread asks first, and filled on the way.

public final class RouteTable: @unchecked Sendable {
  private lazy var routes: [String: Int] = ["/": 0]

  public init() {}

  public func number(of path: String) -> Int {
    if let known = routes[path] { return known }
    let next = routes.count
    routes[path] = next
    return next
  }
}
