// SPDX-License-Identifier: Apache-2.0
//
// The same tests for teams that use XCTest: a base class in place of `XCTestCase`, or an observer
// where the base class cannot change.

import AccessAuditTesting
import Dispatch
import TestedService
import XCTest

final class RacedXCTests: AccessAuditTestCase {
  override var auditOptions: AccessAuditOptions { AccessAuditOptions(stress: true) }

  func testThreads_race() {
    let store = SessionStore()
    withThreads(count: 2) { thread in
      for _ in 0..<2_000 { store.logIn("user-\(thread)") }
    }
  }

  func testTasks_race() async {
    let handler = RequestHandler(store: SessionStore())
    await handler.serveInParallel(users: 4, requests: 2_000)
  }

  func testOneUser_isLawful() {
    let handler = RequestHandler(store: SessionStore())
    handler.serve("user", requests: 2_000)
    XCTAssertEqual(handler.store.activeUsers, 0)
  }
}

final class FixedXCTests: AccessAuditTestCase {
  override var auditOptions: AccessAuditOptions { AccessAuditOptions(stress: true) }

  func testThreads_areServed() {
    let store = GuardedSessionStore()
    withThreads(count: 2) { thread in
      for _ in 0..<2_000 { store.logIn("user-\(thread)") }
    }
    XCTAssertEqual(store.activeUsers, 2)
  }

  func testRace_isExpected() throws {
    expectViolations(.concurrentWrites)
    let store = SessionStore()
    store.logIn("held")
    try withAccessHeld(
      first: { trap in store.update { _ in trap.spring() } },
      second: { store.logIn("user") })
  }
}

/// Background threads race on a global store: no evidence links the race to a test.
final class SharedStoreXCTests: AccessAuditTestCase {
  override var auditOptions: AccessAuditOptions { AccessAuditOptions(stress: true) }

  func testJanitor_isNotBlamed() { Janitor.refresh(rounds: 20_000) }
}

/// A class that cannot change its base class: the observer audits it.
final class ObservedXCTests: XCTestCase {
  override class func setUp() {
    AccessAuditObserver.install(options: AccessAuditOptions(stress: true))
  }

  func testThreads_race() {
    let store = SessionStore()
    withThreads(count: 2) { thread in
      for _ in 0..<2_000 { store.logIn("user-\(thread)") }
    }
  }

  func testQueue_races() {
    let store = SessionStore()
    let group = DispatchGroup()
    for worker in 0..<2 {
      DispatchQueue.global().async(group: group) {
        for _ in 0..<2_000 { store.logIn("user-\(worker)") }
      }
    }
    group.wait()
  }

  func testOneUser_isLawful() {
    let store = SessionStore()
    store.logIn("user")
    XCTAssertEqual(store.activeUsers, 1)
  }
}
