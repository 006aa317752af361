// SPDX-License-Identifier: Apache-2.0
//
// Background work on the store that the whole process shares, on separate threads. The first caller
// creates the store; the races on it belong to no caller.

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
