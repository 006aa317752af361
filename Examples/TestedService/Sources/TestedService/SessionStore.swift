// SPDX-License-Identifier: Apache-2.0
//
// The sessions of a service, in the original and in the corrected version. The original has no
// lock: the tests find its race.

import AuditedCollections
import Synchronization

/// One logged-in user.
public struct Session: Sendable, Hashable {
  public var user: String
  public var requests: Int
}

/// The operations of both versions of the store.
public protocol SessionStoring: Sendable {
  func logIn(_ user: String)
  func countRequest(of user: String)
  func logOut(_ user: String)
  var activeUsers: Int { get }
}

/// The original store: it is marked `@unchecked Sendable`, but nothing protects it.
public final class SessionStore: SessionStoring, @unchecked Sendable {
  private var sessions = AuditedDictionary<String, Session>(label: "sessions")

  public init() {}

  public func logIn(_ user: String) {
    sessions[user] = Session(user: user, requests: 0)
  }

  public func countRequest(of user: String) {
    sessions[user]?.requests += 1
  }

  public func logOut(_ user: String) {
    sessions.removeValue(forKey: user)
  }

  /// Applies `change` to every session, inside one mutation.
  public func update(_ change: (inout Session) -> Void) {
    sessions.merge(sessions.dictionary) { session, _ in
      var session = session
      change(&session)
      return session
    }
  }

  public var activeUsers: Int { sessions.count }
}

/// The corrected store: the same dictionary, guarded by a mutex.
public final class GuardedSessionStore: SessionStoring {
  private let sessions = Mutex(AuditedDictionary<String, Session>(label: "sessions"))

  public init() {}

  public func logIn(_ user: String) {
    sessions.withLock { $0[user] = Session(user: user, requests: 0) }
  }

  public func countRequest(of user: String) {
    sessions.withLock { _ = $0[user]?.requests += 1 }
  }

  public func logOut(_ user: String) {
    sessions.withLock { _ = $0.removeValue(forKey: user) }
  }

  public var activeUsers: Int { sessions.withLock { $0.count } }
}
