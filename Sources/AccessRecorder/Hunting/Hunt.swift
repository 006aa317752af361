// SPDX-License-Identifier: Apache-2.0
//
// Hunting: accesses that another one may run into are held open for a short while. Reached from the
// slow paths of an access, with its record pushed and its window open; nothing here allocates or
// locks, and every hold is bounded.

#if AUDITED && canImport(Glibc)

package import AccessTerms
internal import CAccessRecorder
internal import Synchronization

/// Where a race may be, and how long to wait for it there.
///
/// After Li, Lu, Musuvathi, Nath, Padhye, "Efficient Scalable Thread-Safety-Violation Detection"
/// (SOSP 2019): two call sites that come near each other are held open in turn; a thread that was
/// held back by a hold was waiting for it, so the two are ordered by something. Beside these traps
/// there are probes: the first executions of a site on a collection that more than one thread
/// touches are held open without any evidence, because much happens once.
package enum Hunt {
  package static var percent: SharedWord<UInt64> { HuntBudget.percent }
  package static var seed: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_SEED) }
  /// Set when the process begins to exit: from then on nobody is held.
  package static var isEnding: SharedWord<Bool> { SharedWord(AUDIT_WORD_HUNT_ENDING) }
  package static var holds: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_HOLDS) }
  package static var heldNanoseconds: UInt64 { HuntBudget.spent.load(ordering: .relaxed) }

  static var isOff: Bool { percent.load(ordering: .relaxed) == 0 }

  /// The seed, where numbers are taken from it.
  package static var seedInUse: UInt64? {
    isOff && !StressDelay.isDelaying ? nil : seed.load(ordering: .relaxed)
  }

  /// Takes the options over.
  package static func begin(percent: Int, seed: UInt64) {
    if seed != 0 {
      Self.seed.store(seed, ordering: .relaxed)
    } else if Self.seed.load(ordering: .relaxed) == 0 {
      // Short enough to be typed.
      Self.seed.store(audit_random_seed() >> 32 | 1, ordering: .relaxed)
    }
    Self.percent.store(UInt64(percent), ordering: .relaxed)
  }

  /// Takes an access in: its record is pushed, its window open.
  package static func visit(
    _ recorder: ThreadRecorderPointer, _ monitor: HuntedMonitor, _ operation: AccessOperation, isWriting: Bool,
    frame: UInt
  ) {
    StressDelay.wait(recorder.pointee)
    if isOff { return }
    let high = recorder.pointee.stackHigh.load(ordering: .relaxed)
    // A frame outside the thread's stack: a signal stack, a fiber.
    if frame < recorder.pointee.stackLow.load(ordering: .relaxed) || frame >= high &- 32 { return }
    if audit_hunt_is_quiet(recorder, monitor.address, frame) { return remember(recorder, frame) }
    let found = HuntSite.find(
      UInt(audit_return_address(frame)), caller(of: frame, high),
      operation: UInt64(operation.code) | (isWriting ? HuntSite.writingBit : 0))
    if found >= UInt64(AUDIT_HUNT_SITES) { return }
    let site = HuntSite(index: found)
    let random = recorder.pointee.nextRandom()
    if site[HuntSite.Word.settled] != 0, random & 31 != 0 { return remember(recorder, frame) }
    let now = audit_hunt_clock()
    let collection = HuntCollection.find(monitor.id, now: now)
    let isShared = note(collection, monitor, recorder, site, isWriting, now)
    recorder.pointee.lastVisit.store(now, ordering: .relaxed)
    if !isShared {
      site.count(HuntSite.Word.alone)
      if site[HuntSite.Word.alone] > HuntLimits.alone {
        site.noteQuiet(recorder.pointee.slot)
        remember(recorder, frame)
      }
      return
    }
    site.count(HuntSite.Word.shared)
    // A writer would leave the collection to a reader that is not the only one to hold it.
    guard isWriting || audit_is_unique(monitor.address) else { return settle(site, recorder, frame) }
    var pair = UInt64(AUDIT_HUNT_PAIRS)
    let wanted = length(site, random, &pair)
    if wanted == 0 { return settle(site, recorder, frame) }
    // One side at a time: two that are held miss each other.
    if collection.isHeld(at: now) { return }
    hold(recorder, monitor, collection, site, isWriting, frame, high, wanted, pair)
  }

  static func caller(of frame: UInt, _ high: UInt) -> UInt {
    let next = UnsafePointer<UInt>(bitPattern: frame)!.pointee
    return next > frame && next <= high &- 16 && next & 7 == 0 ? UInt(audit_return_address(next)) : 0
  }

  /// Enters the access into what is known of its collection; whether more than one thread touches
  /// that.
  private static func note(
    _ collection: HuntCollection, _ monitor: HuntedMonitor, _ recorder: ThreadRecorderPointer, _ site: HuntSite,
    _ isWriting: Bool, _ now: UInt64
  ) -> Bool {
    let slot = recorder.pointee.slot
    let actor = audit_current_actor_mark()
    var isShared = collection[HuntCollection.Word.isShared] != 0
    infer(collection, recorder, site, isWriting, now)
    var own = HuntCollection.Word.firstAccess
    var oldest = UInt64.max
    var isKnown = false
    var word = HuntCollection.Word.firstAccess
    while word < HuntCollection.Word.firstAccess + 2 * HuntCollection.Word.accessCount {
      let time = collection[word]
      let party = HuntParty(word: collection[word + 1])
      if party.slot == slot {
        own = word
        isKnown = true
      } else {
        if !isKnown, time < oldest {
          oldest = time
          own = word
        }
        if party.slot != 0 {
          isShared = true
          // What one actor does is in order, whatever the threads it does it on.
          let isOrdered = actor != 0 && party.actor == actor
          if isWriting || party.isWriting, now &- time < HuntLimits.near, !isOrdered {
            near(site.index, party.site, gap: now &- time)
          }
        }
      }
      word += 2
    }
    collection[own] = now
    collection[own + 1] = HuntParty(slot: slot, site: site.index, isWriting: isWriting, actor: actor).word
    if collection[HuntCollection.Word.isShared] == 0 {
      if !isShared { isShared = isForeign(monitor, recorder) }
      if isShared { collection[HuntCollection.Word.isShared] = 1 }
    }
    return isShared
  }

  /// Whether another thread or another task made the collection than the one that is running: a
  /// pool's thread runs many tasks.
  private static func isForeign(_ monitor: HuntedMonitor, _ recorder: ThreadRecorderPointer) -> Bool {
    if monitor.creatorThreadID != recorder.pointee.threadID.load(ordering: .relaxed) { return true }
    let task = monitor.creationTask
    return task != 0 && task != audit_current_task_id() &+ 1
  }

  private static func near(_ one: UInt64, _ other: UInt64, gap: UInt64) {
    let index = HuntPair.find(one, other, making: true)
    if index >= UInt64(AUDIT_HUNT_PAIRS) { return }
    let pair = HuntPair(index: index)
    pair.count(HuntPair.Word.times)
    if gap > pair[HuntPair.Word.gap] { pair[HuntPair.Word.gap] = gap }
    let least = pair[HuntPair.Word.least]
    if least == 0 || gap < least { pair[HuntPair.Word.least] = gap | 1 }
  }

  /// A thread that made no access while another one was held, and makes its own right after, was
  /// waiting for it.
  ///
  /// One that comes by chance does so with the probability of the slack in the time between its
  /// accesses, which is no shorter than the hold: an eighth. Twice, and it is left alone.
  private static func infer(
    _ collection: HuntCollection, _ recorder: ThreadRecorderPointer, _ site: HuntSite, _ isWriting: Bool, _ now: UInt64
  ) {
    let end = collection[HuntCollection.Word.holdEnd]
    let begin = collection[HuntCollection.Word.holdBegin]
    if end == 0 || now < end || end < begin || end &- begin < HuntLimits.shortestHold { return }
    let holder = HuntParty(word: collection[HuntCollection.Word.holder])
    if holder.slot == recorder.pointee.slot || !(isWriting || holder.isWriting) { return }
    let last = recorder.pointee.lastVisit.load(ordering: .relaxed)
    let eighth = (end &- begin) / 8
    if last == 0 || last >= begin || now &- end > (eighth > 80_000 ? eighth : 80_000) { return }
    let index = HuntPair.find(site.index, holder.site, making: true)
    if index >= UInt64(AUDIT_HUNT_PAIRS) { return }
    let pair = HuntPair(index: index)
    pair.count(HuntPair.Word.waits)
    if pair[HuntPair.Word.waits] >= HuntLimits.waitsUntilOrdered { pair.order() }
  }

  /// A variable got a monitor of its own.
  package static func noteFork(from old: UInt64, to new: UInt64, by slot: UInt16) {
    if isOff { return }
    if audit_hunt_foreign_collection(old, slot) == nil { return }
    let now = audit_hunt_clock()
    HuntCollection.find(old, now: now).copy(to: HuntCollection.find(new, now: now))
  }

  /// The calling thread has seen that its access overlapped with one of another thread.
  ///
  /// - Parameter wasVisited: Whether the access was open already; then its site is the one that was
  ///   entered last.
  package static func confirm(
    _ id: UInt64, _ recorder: ThreadRecorderPointer, _ operation: AccessOperation, isWriting: Bool, frame: UInt,
    wasVisited: Bool, otherSlot: UInt16
  ) {
    if isOff { return }
    let high = recorder.pointee.stackHigh.load(ordering: .relaxed)
    if frame < recorder.pointee.stackLow.load(ordering: .relaxed) || frame >= high &- 32 { return }
    let collection = HuntCollection.find(id, now: audit_hunt_clock())
    var own = UInt64(AUDIT_HUNT_SITES)
    if wasVisited {
      own = collection.site(of: recorder.pointee.slot)
    } else {
      own = HuntSite.find(
        UInt(audit_return_address(frame)), caller(of: frame, high),
        operation: UInt64(operation.code) | (isWriting ? HuntSite.writingBit : 0))
    }
    let other = collection.site(of: otherSlot)
    if own >= UInt64(AUDIT_HUNT_SITES) || other >= UInt64(AUDIT_HUNT_SITES) { return }
    let index = HuntPair.find(own, other, making: true)
    if index < UInt64(AUDIT_HUNT_PAIRS) { HuntPair(index: index).confirm() }
  }
}

#endif
