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

  private enum Word { static let version = 0, first = 1, second = 2, presence = 3, storage = 4 }

  /// A write of both elements. The fence after the odd version keeps the elements' stores from
  /// coming before it.
  private func writer(fence: Bool = true, ending: WeakMemoryState.Order = .releasing) -> [Step] {
    [.store(Word.version, 1, .releasing)] + (fence ? [.releasingFence] : [])
      + [.store(Word.first, 7), .store(Word.second, 7), .store(Word.version, 2, ending)]
  }

  /// A read of both. The fence before the last check keeps the elements' loads from coming after
  /// it.
  private func reader(fence: Bool = true, beginning: WeakMemoryState.Order = .acquiring) -> [Step] {
    [
      .load(Word.version, into: 0, beginning), .store(Word.presence, 1), .load(Word.first, into: 1),
      .load(Word.second, into: 2),
    ] + (fence ? [.acquiringFence] : [])
      + [.store(Word.presence, 0, .releasing), .load(Word.version, into: 3, .acquiring)]
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

  @Test func readBesideWrite_seesTheChange() { #expect(!isTorn(writer(), reader())) }

  @Test func everyOrderingOfReadAndWrite_isNeeded() {
    #expect(isTorn(writer(fence: false), reader()), "without the fence behind the odd version")
    #expect(isTorn(writer(ending: .relaxed), reader()), "without the releasing end")
    #expect(isTorn(writer(), reader(fence: false)), "without the fence in front of the last look")
    #expect(isTorn(writer(), reader(beginning: .relaxed)), "without the acquiring first look")
  }

  // MARK: `shield`

  /// A reader that publishes and a writer that checks: true when some execution lets both in.
  private func areBothInside(readerFence: Bool = true, writerFence: Bool = true) -> Bool {
    let reader: [Step] =
      [.store(Word.presence, 1)] + (readerFence ? [.fullFence] : []) + [.load(Word.version, into: 0, .acquiring)]
    let writer: [Step] =
      [.store(Word.version, 1, .releasing)] + (writerFence ? [.fullFence] : []) + [.load(Word.presence, into: 0)]
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
        [.store(Word.presence, 1)] + (readerFence ? [.fullFence] : [])
          + [.load(Word.storage, into: 0, .acquiring), .use(ifNotZero: 0)] + (endFence ? [.acquiringFence] : [])
          + [.store(Word.presence, 0, endFence ? .releasing : .relaxed)],
        [.store(Word.storage, 0)] + (dropFence ? [.fullFence] : [])
          + [.load(Word.presence, into: 0, .acquiring), .free(ifZero: 0)],
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
}

#endif
