// SPDX-License-Identifier: Apache-2.0
//
// The new user's tests, with the test kit.

import AccessAuditTesting
import Foundation
import Shop
import Testing
import XCTest

private func serve(_ threads: Int) {
  let cache = OrderCache()
  withThreads(count: threads) { _ in
    for request in 0..<5_000 { cache.add("customer \(request % 10)") }
  }
}

@Suite(.auditedAccesses(shield: true), .serialized)
struct ShopTests {
  @Test func raced() { serve(3) }
  @Test func fixed_isClean() { serve(1) }
}

final class RacedXCTests: AccessAuditTestCase {
  override var auditOptions: AccessAuditOptions { AccessAuditOptions(shield: true) }
  func testRace() { serve(3) }
}
