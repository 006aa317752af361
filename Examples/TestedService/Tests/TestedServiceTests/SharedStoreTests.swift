// SPDX-License-Identifier: Apache-2.0
//
// A race of background threads on a global store: no evidence links it to a test. The tests pass,
// and their suite records the issue once.

import AccessAuditTesting
import Testing
import TestedService

@Suite(.auditedAccesses(stress: true))
struct SharedStoreTests {
  @Test func janitor_races() {
    Janitor.refresh(rounds: 20_000)
  }

  @Test func bystander_isNotBlamed() {
    let store = SessionStore()
    store.logIn("user")
    #expect(store.activeUsers == 1)
  }
}

/// A test without a suite: an unattributed violation is recorded outside any test.
@Test(.auditedAccesses(stress: true)) func loneTest_isNotBlamed() {
  Janitor.refresh(rounds: 20_000)
}
