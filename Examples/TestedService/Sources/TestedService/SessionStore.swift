// SPDX-License-Identifier: Apache-2.0
//
// The sessions of a service, as it was written and as it was corrected. The first has no lock: that is the race the
// tests find.

import AuditedCollections
import Synchronization

/// Who is logged in.
public struct Session: Sendable, Hashable {
  public var user: String
  public var requests: Int
}

/// What both versions of the store can do.
public protocol SessionStoring: Sendable {
  func logIn(_ user: String)
  func countRequest(of user: String)
  func logOut(_ user: String)
  var activeUsers: Int { get }
}

/// The store as it was written: `@unchecked Sendable` is a promise that nothing keeps.
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

  /// Has `change` change every session, inside one mutation.
  public func update(_ change: (inout Session) -> Void) {
    sessions.merge(sessions.dictionary) { session, _ in
      var session = session
      change(&session)
      return session
    }
  }

  public var activeUsers: Int { sessions.count }
}

/// The store as it was corrected: the same dictionary, guarded.
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
