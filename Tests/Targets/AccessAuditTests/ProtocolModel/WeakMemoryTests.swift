// SPDX-License-Identifier: Apache-2.0
//
// The windows on a processor that reorders loads and stores: with the orderings in the sources they
// hold, and without any one of them they do not. The words of the programs below are those of
// ReadWindow, WriteWindow, Shield and ShieldedDrop.

#if AUDITED && canImport(Glibc)

import Testing

struct WeakMemoryTests {
  private typealias Step = WeakMemoryState.Step

  // MARK: a read beside a write

  private enum Word { static let version = 0, first = 1, second = 2, hazard = 3, storage = 4 }

  /// A write of both elements. The fence after the odd version keeps the elements' stores from
  /// coming before it: the Swift functions' is releasing, the assembly's orders stores alone.
  private func writer(fence: Step? = .releasingFence, ending: WeakMemoryState.Order = .releasing) -> [Step] {
    [.store(Word.version, 1, .releasing)] + (fence.map { [$0] } ?? [])
      + [.store(Word.first, 7), .store(Word.second, 7), .store(Word.version, 2, ending)]
  }

  /// A read of both. The fence before the last check keeps the elements' loads from coming after
  /// it.
  private func reader(fence: Bool = true, beginning: WeakMemoryState.Order = .acquiring) -> [Step] {
    [
      .load(Word.version, into: 0, beginning), .store(Word.hazard, 1), .load(Word.first, into: 1),
      .load(Word.second, into: 2),
    ] + (fence ? [.acquiringFence] : [])
      + [.store(Word.hazard, 0, .releasing), .load(Word.version, into: 3, .acquiring)]
  }

  /// True when some execution ends with a read that saw no change of the version, and elements that
  /// do not belong to that version.
  private func isTorn(_ writer: [Step], _ reader: [Step]) -> Bool {
    WeakMemoryState(words: 5, [writer, reader]).outcomes().contains { state in
      let seen = state.registers[1]
      guard seen[0] == seen[3], seen[0] % 2 == 0 else { return false }
      let value = seen[0] == 2 ? 7 : 0
      return seen[1] != value || seen[2] != value
    }
  }

  @Test func readBesideWrite_seesTheChange() {
    #expect(!isTorn(writer(), reader()) && !isTorn(writer(fence: .storeFence), reader()))
  }

  @Test func everyOrderingOfReadAndWrite_isNeeded() {
    #expect(isTorn(writer(fence: nil), reader()), "without the fence behind the odd version")
    #expect(isTorn(writer(ending: .relaxed), reader()), "without the releasing end")
    #expect(isTorn(writer(), reader(fence: false)), "without the fence in front of the last look")
    #expect(isTorn(writer(), reader(beginning: .relaxed)), "without the acquiring first look")
  }

  // MARK: `shield`

  /// A reader that publishes and a writer that checks: true when some execution lets both in.
  private func areBothInside(readerFence: Bool = true, writerFence: Bool = true) -> Bool {
    let reader: [Step] =
      [.store(Word.hazard, 1)] + (readerFence ? [.fullFence] : []) + [.load(Word.version, into: 0, .acquiring)]
    let writer: [Step] =
      [.store(Word.version, 1, .releasing)] + (writerFence ? [.fullFence] : []) + [.load(Word.hazard, into: 0)]
    return WeakMemoryState(words: 5, [reader, writer]).outcomes().contains {
      $0.registers[0][0] == 0 && $0.registers[1][0] == 0
    }
  }

  @Test func shield_letsOneIn() {
    #expect(!areBothInside())
    #expect(areBothInside(readerFence: false) && areBothInside(writerFence: false))
  }

  /// A late read, and the thread that drops the elements: it empties the monitor, checks for
  /// publications, and frees the elements when there is none.
  private func isUsedAfterFree(readerFence: Bool = true, dropFence: Bool = true, endFence: Bool = true) -> Bool {
    var state = WeakMemoryState(
      words: 5,
      [
        [.store(Word.hazard, 1)] + (readerFence ? [.fullFence] : [])
          + [.load(Word.storage, into: 0, .acquiring), .use(ifNotZero: 0)] + (endFence ? [.acquiringFence] : [])
          + [.store(Word.hazard, 0, endFence ? .releasing : .relaxed)],
        [.store(Word.storage, 0)] + (dropFence ? [.fullFence] : [])
          + [.load(Word.hazard, into: 0, .acquiring), .free(ifZero: 0)],
      ])
    state.memory[Word.storage] = 1
    return state.outcomes().contains { $0.isBroken }
  }

  @Test func lateRead_usesNothingThatWasFreed() {
    #expect(!isUsedAfterFree())
    #expect(isUsedAfterFree(readerFence: false) && isUsedAfterFree(dropFence: false))
    #expect(isUsedAfterFree(endFence: false), "without the order of the use and the end of the publication")
  }

  /// A thread that finds the address of a forked monitor in the variable sees the monitor
  /// initialised.
  @Test func forkedMonitor_isWhole() {
    func isHalf(_ order: WeakMemoryState.Order) -> Bool {
      // The second load goes through the address that the first one found, so no processor
      // exchanges them.
      let outcomes = WeakMemoryState(
        words: 5,
        [
          [.store(Word.version, 1), .store(Word.storage, 1, order)],
          [.load(Word.storage, into: 0, .acquiring), .load(Word.version, into: 1)],
        ]
      ).outcomes()
      return outcomes.contains { $0.registers[1][0] == 1 && $0.registers[1][1] == 0 }
    }
    #expect(!isHalf(.releasing) && isHalf(.relaxed))
  }

  // MARK: a record

  private enum Slot { static let head = 0, header = 1, body = 2 }

  /// A producer that replaces record 10 by record 20, as the assembly appends: the index of the
  /// record before, a fence, the body, the header, the index. A reader takes a record whose header
  /// is the one it asks for, if the index behind it says that nobody was replacing it.
  private func takesHalf(fence: Bool = true, header: WeakMemoryState.Order = .releasing) -> Bool {
    let producer: [Step] =
      [.store(Slot.head, 1, .releasing)] + (fence ? [.storeFence] : [])
      + [.store(Slot.body, 20), .store(Slot.header, 20, header), .store(Slot.head, 2, .releasing)]
    let reader: [Step] = [
      .load(Slot.header, into: 0, .acquiring), .load(Slot.body, into: 1, .acquiring),
      .load(Slot.head, into: 2, .acquiring),
    ]
    var state = WeakMemoryState(words: 3, [producer, reader])
    state.memory = [0, 10, 10]
    return state.outcomes().contains { state in
      let seen = state.registers[1]
      let isTaken = seen[0] == 10 && seen[2] == 0 || seen[0] == 20 && seen[2] == 2
      return isTaken && seen[1] != seen[0]
    }
  }

  @Test func record_isTakenWholeOrNotAtAll() {
    #expect(!takesHalf())
    #expect(takesHalf(fence: false), "without the fence in front of the record")
    #expect(takesHalf(header: .relaxed), "without the releasing header")
  }

  // MARK: the claim by bias

  private enum Bias { static let bias = 0, claiming = 1, writer = 2, element = 3 }

  /// The owner's claim, and behind it whether it is inside: it found the bias its own, register 0,
  /// and no writer, register 1. With `earlier`, it has made a write before.
  private func owner(saidReleasing: Bool = true, looksAtBias: Bool = true, earlier: Bool) -> [Step] {
    let before: [Step] = [
      .store(Bias.claiming, 1), .store(Bias.writer, 1), .store(Bias.claiming, 0, .releasing), .store(Bias.element, 7),
      .store(Bias.writer, 0, .releasing),
    ]
    return (earlier ? before : []) + [
      .store(Bias.claiming, 1), .load(looksAtBias ? Bias.bias : Bias.claiming, into: 0),
      .load(Bias.writer, into: 1, .acquiring), .storeIf(Bias.writer, 1, one: 0, zero: 1),
      .store(Bias.claiming, 0, saidReleasing ? .releasing : .relaxed),
    ]
  }

  /// Another writer, that takes the bias away: inside when it found no writer, register 0.
  private func other(barrier: Bool = true, waits: Bool = true) -> [Step] {
    [.store(Bias.bias, 2)] + (barrier ? [.barrier(on: 0)] : []) + (waits ? [.await(Bias.claiming, 0)] : [])
      + [.store(Bias.bias, 0, .releasing), .exchange(Bias.writer, 2, into: 0)]
  }

  private func outcomes(_ owner: [Step], _ other: [Step]) -> Set<WeakMemoryState> {
    var state = WeakMemoryState(words: 4, [owner, other])
    state.memory[Bias.bias] = 1
    return state.outcomes()
  }

  private func claimedBoth(_ owner: [Step], _ other: [Step]) -> Bool {
    outcomes(owner, other).contains {
      $0.registers[0][0] == 1 && $0.registers[0][1] == 0 && $0.registers[1][0] == 0
    }
  }

  @Test func claimByBias_letsOneIn() {
    for earlier in [false, true] {
      let owner = owner(earlier: earlier)
      #expect(!claimedBoth(owner, other()))
      // Either may be the one.
      #expect(outcomes(owner, other()).contains { $0.memory[Bias.writer] == 1 })
      #expect(outcomes(owner, other()).contains { $0.memory[Bias.writer] == 2 })
    }
  }

  @Test func everyPartOfTheClaimByBias_isNeeded() {
    let usual = owner(earlier: false)
    #expect(claimedBoth(usual, other(barrier: false)), "without the barrier on the owner")
    #expect(claimedBoth(usual, other(waits: false)), "without the wait for the owner")
    #expect(claimedBoth(owner(looksAtBias: false, earlier: false), other()), "without the look at the bias")
    #expect(claimedBoth(owner(saidReleasing: false, earlier: false), other()), "without the releasing end of the claim")
  }

  /// The write before may have ended on another thread than it began on; then the owner, which
  /// claims by its bias, sees all of it.
  @Test func claimByBias_seesTheWriteBefore() {
    func isStale(_ order: WeakMemoryState.Order) -> Bool {
      var state = WeakMemoryState(
        words: 4,
        [
          [.load(Bias.writer, into: 0, order), .load(Bias.element, into: 1)],
          [.store(Bias.element, 7), .store(Bias.writer, 0, .releasing)],
        ])
      state.memory[Bias.writer] = 1
      return state.outcomes().contains { $0.registers[0][0] == 0 && $0.registers[0][1] == 0 }
    }
    #expect(!isStale(.acquiring) && isStale(.relaxed))
  }
}

#endif
