// SPDX-License-Identifier: Apache-2.0
//
// What a request does to the store: log in, work, log out. Nothing here knows which store it is.

/// Handles the requests of many users.
public struct RequestHandler: Sendable {
  public let store: any SessionStoring

  public init(store: any SessionStoring) { self.store = store }

  /// Serves a user's requests one after another; users are served at the same time.
  public func serve(_ user: String, requests: Int) {
    store.logIn(user)
    for _ in 0..<requests { store.countRequest(of: user) }
    store.logOut(user)
  }

  /// Serves `users` users on as many tasks.
  public func serveInParallel(users: Int, requests: Int) async {
    await withTaskGroup(of: Void.self) { group in
      for user in 0..<users {
        group.addTask { serve("user-\(user)", requests: requests) }
      }
    }
  }
}
