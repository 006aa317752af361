// SPDX-License-Identifier: Apache-2.0
//
// All interleavings of threads that claim one home: never are two inside, and every part of the protocol is needed for that.

import Testing

struct HomeBiasModelTests {
  /// The owner writes while two others take its bias away.
  @Test func takenBias_letsOneIn() {
    let outcome = HomeBiasState(bias: 0, writes: [2, 1, 1]).explore()
    #expect(!outcome.isBroken && outcome.finals > 0 && outcome.states > 1_000)
  }

  /// Nobody has written yet: all want to be the first.
  @Test func openBias_letsOneIn() {
    let outcome = HomeBiasState(bias: HomeBiasState.open, writes: [2, 2, 1]).explore()
    #expect(!outcome.isBroken && outcome.finals > 0 && outcome.states > 1_000)
  }

  @Test func noBias_letsOneIn() {
    let outcome = HomeBiasState(bias: HomeBiasState.none, writes: [2, 2, 2]).explore()
    #expect(!outcome.isBroken && outcome.finals > 0)
  }

  /// Without any one of these parts two threads get in.
  @Test(arguments: [
    (HomeBiasState.Omission.barrier, 0), (.waitForOwner, 0), (.revokingMark, 0), (.confirm, HomeBiasState.open),
    (.secondLook, HomeBiasState.open),
  ])
  func everyPart_isNeeded(_ omission: HomeBiasState.Omission, _ bias: Int) {
    #expect(HomeBiasState(bias: bias, writes: [2, 2, 1], omitting: omission).explore().isBroken, "without \(omission)")
  }
}
