// SPDX-License-Identifier: Apache-2.0
//
// Tests of the original store. Without `.auditedAccesses` they pass, or crash now and then. With
// that line, the tests that race fail, at the racing line of the store, and the others still pass.

import AccessAuditTesting
import Testing
import TestedService

@Suite(.auditedAccesses(stress: true))
struct RacedTests {
  @Test func tasks_race() async {
    let handler = RequestHandler(store: SessionStore())
    await handler.serveInParallel(users: 4, requests: 2_000)
  }

  @Test func queue_races() async {
    let store = SessionStore()
    await onQueue(workers: 4) { worker in
      for _ in 0..<2_000 { store.logIn("user-\(worker)") }
    }
  }

  @Test func threads_race() {
    let store = SessionStore()
    withThreads(count: 3) { thread in
      for _ in 0..<2_000 {
        if thread < 2 { store.logIn("user-\(thread)") } else { _ = store.activeUsers }
      }
    }
  }

  @Test func oneUser_isLawful() async {
    let handler = RequestHandler(store: SessionStore())
    await handler.serveInParallel(users: 1, requests: 2_000)
    #expect(handler.store.activeUsers == 0)
  }
}
