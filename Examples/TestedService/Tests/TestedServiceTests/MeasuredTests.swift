// SPDX-License-Identifier: Apache-2.0
//
// Short races, as tests of real services have them; `measure` runs them a hundred times with and
// without stress. They are off unless `measure` enables them, because detection is left to chance.

import AccessAuditTesting
import Foundation
import Testing
import TestedService

private let stress = ProcessInfo.processInfo.environment["TESTED_SERVICE_STRESS"]

@Suite(.enabled(if: stress != nil, "run by the script `measure`"), .auditedAccesses(stress: stress == "1"), .serialized)
struct MeasuredTests {
  @Test func twoThreads_twentyLogInsEach() {
    let store = SessionStore()
    withThreads(count: 2) { thread in
      for number in 0..<20 { store.logIn("user-\(thread)-\(number)") }
    }
  }

  @Test func fourTasks_fiftyRequestsEach() async {
    let handler = RequestHandler(store: SessionStore())
    await handler.serveInParallel(users: 4, requests: 50)
  }

  @Test func oneWriter_oneReader_hundredEach() {
    let store = SessionStore()
    withThreads(count: 2) { thread in
      for number in 0..<100 {
        if thread == 0 { store.logIn("user-\(number)") } else { _ = store.activeUsers }
      }
    }
  }

  @Test func fixed_fourTasks_fiftyRequestsEach() async {
    let handler = RequestHandler(store: GuardedSessionStore())
    await handler.serveInParallel(users: 4, requests: 50)
  }
}
