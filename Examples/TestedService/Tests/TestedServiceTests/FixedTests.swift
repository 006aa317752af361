// SPDX-License-Identifier: Apache-2.0
//
// The same tests of the corrected store: they pass, audited and stressed.

import AccessAuditTesting
import Testing
import TestedService

@Suite(.auditedAccesses(stress: true))
struct FixedTests {
  @Test func tasks_areServed() async {
    let handler = RequestHandler(store: GuardedSessionStore())
    await handler.serveInParallel(users: 4, requests: 2_000)
    #expect(handler.store.activeUsers == 0)
  }

  @Test func queue_isServed() async {
    let store = GuardedSessionStore()
    await onQueue(workers: 4) { worker in
      for _ in 0..<2_000 { store.logIn("user-\(worker)") }
    }
    #expect(store.activeUsers == 4)
  }

  @Test func threads_areServed() {
    let store = GuardedSessionStore()
    withThreads(count: 3) { thread in
      for _ in 0..<2_000 {
        if thread < 2 { store.logIn("user-\(thread)") } else { _ = store.activeUsers }
      }
    }
    #expect(store.activeUsers == 2)
  }

  /// A test can also require a race: this one fails unless the original store shows an overlap.
  @Test func race_isShown() throws {
    let violations = try requireOverlap { attempt in
      let store = SessionStore()
      withThreads(count: 2) { thread in
        attempt.jitter(thread: thread)
        for _ in 0..<50 { store.logIn("user-\(thread)") }
      }
    }
    #expect(violations.allSatisfy { $0.container.label == "sessions" })
  }
}
