// SPDX-License-Identifier: Apache-2.0
//
// Both races; the tests themselves pass.

import Ledger
import Testing

@Suite(.serialized) struct LedgerTests {
  @Test func writes() { ForcedRaces.writes() }
  @Test func readDuringWrite() { ForcedRaces.readDuringWrite() }
}
