// SPDX-License-Identifier: Apache-2.0
//
// Work in the background on the store that the whole process shares, on threads of its own. Whoever calls it first makes
// the store; nobody in particular races on it.

import Foundation

extension SessionStore {
  /// The process's store.
  public static let shared = SessionStore()
}

/// Logs forgotten users in and out again, to keep their sessions fresh.
public enum Janitor {
  /// Refreshes users of the shared store on two threads; returns when they have ended.
  public static func refresh(rounds: Int) {
    let group = DispatchGroup()
    for worker in 0..<2 {
      group.enter()
      Thread {
        for round in 0..<rounds { refresh("forgotten-\(worker)-\(round % 8)") }
        group.leave()
      }.start()
    }
    group.wait()
  }

  private static func refresh(_ user: String) {
    SessionStore.shared.logOut(user)
    SessionStore.shared.logIn(user)
  }
}
