// SPDX-License-Identifier: Apache-2.0
//
// The steps of a request: log in, work, log out. Independent of the store's implementation.

/// Handles the requests of many users.
public struct RequestHandler: Sendable {
  public let store: any SessionStoring

  public init(store: any SessionStoring) { self.store = store }

  /// Serves one user's requests one after another; requests of different users run at the same
  /// time.
  public func serve(_ user: String, requests: Int) {
    store.logIn(user)
    for _ in 0..<requests { store.countRequest(of: user) }
    store.logOut(user)
  }

  /// Serves `users` users, each on a separate task.
  public func serveInParallel(users: Int, requests: Int) async {
    await withTaskGroup(of: Void.self) { group in
      for user in 0..<users {
        group.addTask { serve("user-\(user)", requests: requests) }
      }
    }
  }
}
