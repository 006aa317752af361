// SPDX-License-Identifier: Apache-2.0
//
// How the same code is hunted once more: by the next test, and in the next run of a test. No access
// comes here.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Synchronization

extension Hunt {
  /// A test begins: what it executes counts as executed for the first time.
  ///
  /// What earlier tests have shown of a pair stays known, but no longer says that nothing is to be
  /// found: one test may share without a lock what another one locks, and each is told of its own
  /// races. The budget goes on.
  ///
  /// - Complexity: O(sites and pairs that there can be).
  package static func beginTest() {
    if isOff { return }
    forEachPair { pair in
      pair[HuntPair.Word.fruitless] = 0
      pair[HuntPair.Word.waits] = 0
      if pair[HuntPair.Word.state] != HuntPair.State.open { pair[HuntPair.Word.isOpenAgain] = 1 }
    }
    var index: UInt64 = 0
    while index < UInt64(AUDIT_HUNT_SITES) {
      let site = HuntSite(index: index)
      if site[HuntSite.Word.key] != 0 {
        site[HuntSite.Word.alone] = 0
        site[HuntSite.Word.shared] = 0
        site[HuntSite.Word.probes] = 0
        site[HuntSite.Word.settled] = 0
        site[HuntSite.Word.lock] = 0
      }
      index &+= 1
    }
    // Chains that threads remember end with the generation.
    beginRound()
  }

  /// Has every pair that is open trapped again as if none of its holds had been fruitless; whether
  /// there is one.
  @discardableResult
  package static func rearm() -> Bool {
    var areThere = false
    forEachPair { pair in
      guard pair.isOpen else { return }
      // What earlier tests have shown is no reason to run this one again.
      if pair[HuntPair.Word.isOpenAgain] == 0 { areThere = true }
      pair[HuntPair.Word.fruitless] = 0
      HuntSite(index: pair.sites.0)[HuntSite.Word.settled] = 0
      HuntSite(index: pair.sites.1)[HuntSite.Word.settled] = 0
    }
    return areThere
  }
}

#endif
