// SPDX-License-Identifier: Apache-2.0
//
// Which executions of a site are held open, for how long, and the hold itself. Nothing here
// allocates or locks.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Synchronization

extension Hunt {
  /// How long to hold an execution of the site open; 0 for not at all. `pair` becomes the pair that
  /// it is for, if it is for one.
  static func length(_ site: HuntSite, _ random: UInt64, _ pair: inout UInt64) -> UInt64 {
    var word = HuntSite.Word.firstPair
    var areOrdered = site[HuntSite.Word.firstPair] != 0
    var longest: UInt64 = 0
    while word < HuntSite.Word.firstPair + HuntSite.Word.pairCount, site[word] != 0 {
      let candidate = HuntPair(index: site[word] - 1)
      if isOpen(candidate) {
        areOrdered = false
        // After every second hold in vain, half as often.
        let fruitless = candidate[HuntPair.Word.fruitless]
        if fruitless < 16, (random >> 8) & ((1 << (fruitless / 2)) - 1) == 0 {
          let wanted = length(candidate, fruitless)
          if wanted > longest { (longest, pair) = (wanted, candidate.index) }
        }
      }
      word += 1
    }
    if longest != 0 { return longest }
    if !areOrdered, site[HuntSite.Word.lock] == 0, site[HuntSite.Word.probes] < HuntLimits.probes {
      return HuntLimits.probe
    }
    return (random >> 24) & 63 == 0 ? bounded((random >> 32) % 1_000_000) : 0
  }

  /// Whether nothing is known that keeps the two apart. What holds one lock is.
  private static func isOpen(_ pair: HuntPair) -> Bool {
    if !pair.isOpen { return false }
    let (one, other) = pair.sites
    let lock = HuntSite(index: one)[HuntSite.Word.lock]
    if lock == 0 || HuntSite(index: other)[HuntSite.Word.lock] != lock { return true }
    pair.order()
    return false
  }

  /// Twice the time between the two: the largest at first, then from the smallest on twice as long
  /// after every second hold.
  private static func length(_ pair: HuntPair, _ fruitless: UInt64) -> UInt64 {
    let most = bounded(2 &* pair[HuntPair.Word.gap])
    if fruitless < 2 {
      return pair[HuntPair.Word.planned] != 0 && most < HuntLimits.planned ? HuntLimits.planned : most
    }
    let wanted = bounded(pair[HuntPair.Word.least] << (fruitless / 2))
    return wanted < most ? wanted : most
  }

  private static func bounded(_ time: UInt64) -> UInt64 {
    if time < HuntLimits.shortestHold { return HuntLimits.shortestHold }
    return time > HuntLimits.longestHold ? HuntLimits.longestHold : time
  }

  static func hold(
    _ recorder: ThreadRecorderPointer, _ monitor: HuntedMonitor, _ collection: HuntCollection, _ site: HuntSite,
    _ isWriting: Bool, _ frame: UInt, _ high: UInt, _ wanted: UInt64, _ pair: UInt64
  ) {
    if isEnding.load(ordering: .relaxed) { return }
    let threads = Int(audit_thread_count())
    // The detector is one of them.
    if threads < 3 || audit_is_in_signal_handler(frame, high) { return }
    let limit = (threads - 1) / 2
    guard HuntBudget.enter(limit: limit < HuntLimits.threads ? limit : HuntLimits.threads) else { return }
    let begin = audit_hunt_clock()
    let length = HuntBudget.allowance(wanted, now: begin)
    if length >= HuntLimits.shortestHold {
      collection.beginHold(HuntParty(slot: recorder.pointee.slot, site: site.index, isWriting: isWriting), at: begin)
      // Half of what is left of the budget is kept for the next ones.
      let most = HuntBudget.allowance(2 &* stretched(length), now: begin) / 2
      sleep(
        recorder, monitor, site, from: begin, to: begin &+ length, atMost: begin &+ (most > length ? most : length))
      let end = audit_hunt_clock()
      collection[HuntCollection.Word.holdEnd] = end
      HuntBudget.spend(from: begin, to: end)
      holds.wrappingAdd(1, ordering: .relaxed)
      recorder.pointee.lastVisit.store(end, ordering: .relaxed)
      if pair < UInt64(AUDIT_HUNT_PAIRS) {
        HuntPair(index: pair).count(HuntPair.Word.holds)
        HuntPair(index: pair).count(HuntPair.Word.fruitless)
      } else {
        site.count(HuntSite.Word.probes)
      }
    }
    HuntBudget.leave()
  }

  /// How long a hold may become while the others have no processor.
  private static func stretched(_ length: UInt64) -> UInt64 {
    let stretched = length &* HuntLimits.stretch
    return stretched < HuntLimits.longestHold ? HuntLimits.longestHold : stretched
  }

  /// Sleeps in the middle of an access, until the time is up or there is nothing more to wait for.
  private static func sleep(
    _ recorder: ThreadRecorderPointer, _ monitor: HuntedMonitor, _ site: HuntSite, from begin: UInt64,
    to end: UInt64, atMost last: UInt64
  ) {
    // Who is held is asleep, and says whose address it has loaded: see `Quiescence` and `Arrivals`.
    let outer = recorder.pointee.hold(UInt(bitPattern: monitor.address))
    recorder.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent)
    let pendingReports = SharedWord<UInt64>(AUDIT_WORD_PENDING_REPORTS)
    let version = monitor.version.pointee.load(ordering: .relaxed)
    let seen = pendingReports.load(ordering: .relaxed)
    let detector = SharedWord<Int32>(AUDIT_WORD_DETECTOR_THREAD).load(ordering: .relaxed)
    var end = end
    var now = begin
    var next = begin &+ HuntLimits.firstSlice
    while now < end {
      audit_hunt_sleep(next < end ? next : end)
      now = audit_hunt_clock()
      next = now &+ HuntLimits.slice
      if isEnding.load(ordering: .relaxed) || audit_mode() == AUDIT_MODE_HALTING { break }
      // Somebody came, here or elsewhere.
      if pendingReports.load(ordering: .relaxed) != seen { break }
      if monitor.version.pointee.load(ordering: .relaxed) != version { break }
      var lock: UInt64 = 0
      let others = audit_look_at_others(detector, &lock)
      // Who comes under the same lock waits for this thread; who comes without it comes soon, or
      // another time.
      if lock != 0 { site[HuntSite.Word.lock] = lock }
      if others == AUDIT_OTHERS_WAIT || lock != 0 && now &- begin >= HuntLimits.underLock { break }
      // A thread that wants to run and has no processor may be the one that is waited for.
      if others == AUDIT_OTHERS_STARVE, now >= end, now < last { end = next }
    }
    recorder.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent)
    recorder.pointee.letGo(outer)
  }
}

#endif
