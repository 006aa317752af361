// SPDX-License-Identifier: Apache-2.0
//
// What the hunt has learnt, as values, and what it is told by a plan. For the detector and for
// whoever asks; no access comes here.

#if AUDITED && canImport(Glibc)

package import AccessTerms
internal import CAccessRecorder
internal import Synchronization

/// A call site as the hunt tells sites apart.
package struct HuntedSite: Sendable, Hashable {
  /// The return address of the access, and the one of the function that made it; 0 for none.
  package var address: UInt64
  package var caller: UInt64
  package var operation: AccessOperation
  package var isWriting: Bool

  /// The return addresses that are known, the innermost first. The first one is in a member of the
  /// collection where that has a frame of its own.
  package var addresses: [UInt64] { caller == 0 ? [address] : [address, caller] }

  package init(address: UInt64, caller: UInt64, operation: AccessOperation, isWriting: Bool) {
    self.address = address
    self.caller = caller
    self.operation = operation
    self.isWriting = isWriting
  }
}

/// What is known of two call sites that came near each other.
package enum HuntedState: UInt64, Sendable {
  case open = 0
  /// One was seen to wait for the other.
  case ordered = 1
  /// They were seen to overlap.
  case confirmed = 2
}

/// Two call sites that came near each other on one collection, on two threads, one of them writing.
package struct HuntedPair: Sendable {
  package var one: HuntedSite
  package var other: HuntedSite
  package var state: HuntedState
  /// The largest time between the two that was seen.
  package var gapNanoseconds: UInt64
  /// How often they came near each other, and how often one was held for the other.
  package var times: UInt64
  package var holds: UInt64

  package init(
    one: HuntedSite, other: HuntedSite, state: HuntedState, gapNanoseconds: UInt64, times: UInt64, holds: UInt64
  ) {
    self.one = one
    self.other = other
    self.state = state
    self.gapNanoseconds = gapNanoseconds
    self.times = times
    self.holds = holds
  }
}

extension Hunt {
  /// How many pairs are not decided.
  ///
  /// - Complexity: O(pairs that there can be).
  package static var openPairs: Int {
    var count = 0
    forEachPair { pair in
      if pair[HuntPair.Word.times] != 0, pair[HuntPair.Word.state] == HuntedState.open.rawValue { count += 1 }
    }
    return count
  }

  /// All pairs of this process.
  ///
  /// - Complexity: O(pairs that there can be).
  package static var pairs: [HuntedPair] {
    var pairs: [HuntedPair] = []
    forEachPair { pair in
      let (one, other) = pair.sites
      guard let one = site(one), let other = site(other) else { return }
      pairs.append(
        HuntedPair(
          one: one, other: other, state: HuntedState(rawValue: pair[HuntPair.Word.state]) ?? .open,
          gapNanoseconds: pair[HuntPair.Word.gap], times: pair[HuntPair.Word.times],
          holds: pair[HuntPair.Word.holds]))
    }
    return pairs
  }

  static func forEachPair(_ body: (HuntPair) -> Void) {
    for index in 0..<UInt64(AUDIT_HUNT_PAIRS) {
      let pair = HuntPair(index: index)
      if pair[HuntPair.Word.key] != 0 { body(pair) }
    }
  }

  private static func site(_ index: UInt64) -> HuntedSite? {
    let site = HuntSite(index: index)
    let word = site[HuntSite.Word.operation]
    guard site[HuntSite.Word.address] != 0, let operation = AccessOperation(code: UInt8(truncatingIfNeeded: word))
    else { return nil }
    return HuntedSite(
      address: site[HuntSite.Word.address], caller: site[HuntSite.Word.caller], operation: operation,
      isWriting: word & HuntSite.writingBit != 0)
  }

  /// Takes a pair of an earlier run over: one that is not ordered is trapped from its first access
  /// on.
  package static func arm(_ pair: HuntedPair) {
    func index(_ site: HuntedSite) -> UInt64 {
      HuntSite.find(
        UInt(site.address), UInt(site.caller),
        operation: UInt64(site.operation.code) | (site.isWriting ? HuntSite.writingBit : 0))
    }
    let (one, other) = (index(pair.one), index(pair.other))
    guard one < UInt64(AUDIT_HUNT_SITES), other < UInt64(AUDIT_HUNT_SITES) else { return }
    let found = HuntPair.find(one, other, making: true)
    guard found < UInt64(AUDIT_HUNT_PAIRS) else { return }
    let entry = HuntPair(index: found)
    entry[HuntPair.Word.gap] = pair.gapNanoseconds
    entry[HuntPair.Word.state] = pair.state == .ordered ? HuntPair.State.ordered : HuntPair.State.open
    entry[HuntPair.Word.planned] = pair.state.rawValue + 1
    SharedWord<Bool>(AUDIT_WORD_HUNT_PLANNED).store(true, ordering: .relaxed)
  }
}

#endif
