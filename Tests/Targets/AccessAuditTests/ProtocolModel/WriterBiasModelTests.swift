// SPDX-License-Identifier: Apache-2.0
//
// All interleavings of threads that claim one writer word: two are never inside at once, and every
// part of the protocol is needed for that.

#if AUDITED && canImport(Glibc)

import Testing

struct WriterBiasModelTests {
  /// The owner writes while two other threads revoke its bias.
  @Test func takenBias_letsOneIn() {
    let outcome = WriterBiasState(bias: 0, writes: [2, 1, 1]).explore()
    #expect(!outcome.isBroken && outcome.finals > 0 && outcome.states > 1_000)
  }

  /// No thread has written yet: all try to be the first.
  @Test func openBias_letsOneIn() {
    let outcome = WriterBiasState(bias: WriterBiasState.open, writes: [2, 2, 1]).explore()
    #expect(!outcome.isBroken && outcome.finals > 0 && outcome.states > 1_000)
  }

  @Test func noBias_letsOneIn() {
    let outcome = WriterBiasState(bias: WriterBiasState.none, writes: [2, 2, 2]).explore()
    #expect(!outcome.isBroken && outcome.finals > 0)
  }

  /// Where the kernel rejects the barrier, the owner's later accesses prove that its earlier stores
  /// are visible: an access stores five words here, and the buffer holds four.
  @Test func refusedBarrier_letsOneIn() {
    let outcome = WriterBiasState(bias: 0, writes: [4, 1], hasBarrier: false, capacity: 4).explore()
    #expect(!outcome.isBroken && outcome.finals > 0 && outcome.states > 1_000)
    let hasty = WriterBiasState(bias: 0, writes: [4, 1], omitting: .furtherAccesses, hasBarrier: false, capacity: 4)
    #expect(hasty.explore().isBroken, "one access is not enough")
  }

  /// Without any one of these parts two threads are inside at once.
  @Test(arguments: [
    (WriterBiasState.Omission.barrier, 0), (.waitForOwner, 0), (.revokingMark, 0), (.confirm, WriterBiasState.open),
    (.secondLook, WriterBiasState.open),
  ])
  func everyPart_isNeeded(_ omission: WriterBiasState.Omission, _ bias: Int) {
    #expect(
      WriterBiasState(bias: bias, writes: [2, 2, 1], omitting: omission).explore().isBroken, "without \(omission)")
  }
}

#endif
