// SPDX-License-Identifier: Apache-2.0
//
// Hunting: accesses that another one may run into are held open for a short while. Reached from the slow paths of an
// access, with its record pushed and its window open; nothing here allocates or locks, and every hold is bounded.

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// Where a race may be, and how long to wait for it there.
///
/// After Li, Lu, Musuvathi, Nath, Padhye, "Efficient Scalable Thread-Safety-Violation Detection" (SOSP 2019): two call sites
/// that come near each other are held open in turn; a thread that was held back by a hold was waiting for it, so the two are
/// ordered by something. Beside these traps there are probes: the first executions of a site on a collection that more than
/// one thread touches are held open without any evidence, because much happens once.
package enum Hunt {
  static let longestHold: UInt64 = 20_000_000
  private static let shortestHold: UInt64 = 100_000
  private static let nearNanoseconds: UInt64 = 100_000_000
  private static let slice: UInt64 = 250_000

  /// What is being tried.
  nonisolated(unsafe) package static var tuning = HuntTuning()

  package static var seed: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_SEED) }
  package static var isEnding: SharedWord<Bool> { SharedWord(AUDIT_WORD_HUNT_ENDING) }
  package static var holds: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_HOLDS) }
  package static var percent: SharedWord<UInt64> { HuntBudget.percent }

  /// Takes the options over.
  package static func begin(percent: Int, seed: UInt64) {
    if seed != 0 {
      Self.seed.store(seed, ordering: .relaxed)
    } else if Self.seed.load(ordering: .relaxed) == 0 {
      Self.seed.store(audit_random_seed() >> 16 | 1, ordering: .relaxed)
    }
    Self.percent.store(UInt64(percent), ordering: .relaxed)
    if let text = getenv("HUNT_T") { tuning = HuntTuning(String(cString: text)) }
  }

  private static var sightings: SharedWord<UInt64> { SharedWord(AUDIT_WORD_SIGHTINGS) }

  /// Takes an access in: its record is pushed, its window open.
  package static func visit(
    _ recorder: ThreadRecorderPointer, _ monitor: MonitorReference, _ operation: AccessOperation, isWriting: Bool,
    frame: UInt
  ) {
    StressDelay.wait(recorder.pointee)
    if percent.load(ordering: .relaxed) == 0 { return }
    let high = recorder.pointee.stackHigh.load(ordering: .relaxed)
    if frame < recorder.pointee.stackLow.load(ordering: .relaxed) || frame >= high &- 32 { return }
    let found = HuntSite.find(
      UInt(audit_return_address(frame)), caller(of: frame, high),
      operation: UInt64(operation.code) | (isWriting ? 256 : 0))
    if found >= UInt64(AUDIT_HUNT_SITES) { return }
    let site = HuntSite(index: found)
    let random = nextRandom(recorder)
    if site[HuntSite.Word.settled] != 0, random & 31 != 0 { return remember(recorder, frame) }
    let now = audit_hunt_clock()
    let collection = HuntCollection.find(monitor.id, now: now)
    let isShared = note(collection, monitor, recorder, site, isWriting, now)
    recorder.pointee.lastVisit.store(now, ordering: .relaxed)
    if !isShared {
      site.count(HuntSite.Word.alone)
      if site[HuntSite.Word.alone] > tuning.aloneLimit { remember(recorder, frame) }
      return
    }
    site.count(HuntSite.Word.shared)
    guard isWriting || audit_is_unique(monitor.address) else { return settle(site, recorder, frame) }
    var pair = UInt64(AUDIT_HUNT_PAIRS)
    let wanted = length(site, random, &pair)
    if wanted == 0 { return settle(site, recorder, frame) }
    if collection.isHeld(at: now) { return }
    hold(recorder, monitor, collection, site, isWriting, frame, high, wanted, pair)
  }

  private static func caller(of frame: UInt, _ high: UInt) -> UInt {
    let next = UnsafePointer<UInt>(bitPattern: frame)!.pointee
    return next > frame && next <= high &- 16 && next & 7 == 0 ? UInt(audit_return_address(next)) : 0
  }

  private static func nextRandom(_ recorder: ThreadRecorderPointer) -> UInt64 {
    recorder.pointee.nextRandom()
  }

  // MARK: What was seen

  /// Enters the access into what is known of its collection; whether more than one thread touches that.
  private static func note(
    _ collection: HuntCollection, _ monitor: MonitorReference, _ recorder: ThreadRecorderPointer, _ site: HuntSite,
    _ isWriting: Bool, _ now: UInt64
  ) -> Bool {
    let slot = recorder.pointee.slot
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
          if isWriting || party.isWriting, now &- time < nearNanoseconds {
            near(site.index, party.site, gap: now &- time)
          }
        }
      }
      word += 2
    }
    collection[own] = now
    collection[own + 1] = HuntParty(slot: slot, site: site.index, isWriting: isWriting).word
    if collection[HuntCollection.Word.isShared] == 0 {
      let creator = monitor.address.load(fromByteOffset: MonitorReference.Offset.creatorThreadID, as: Int32.self)
      if creator != recorder.pointee.threadID.load(ordering: .relaxed) { isShared = true }
      let task = collection[HuntCollection.Word.task]
      if task != 0, task != audit_current_task_id() &+ 1 { isShared = true }
      if isShared { collection[HuntCollection.Word.isShared] = 1 }
    }
    return isShared
  }

  private static func near(_ one: UInt64, _ other: UInt64, gap: UInt64) {
    let index = HuntPair.find(one, other, making: true)
    if index >= UInt64(AUDIT_HUNT_PAIRS) { return }
    let pair = HuntPair(index: index)
    pair.count(HuntPair.Word.times)
    if gap > pair[HuntPair.Word.gap] { pair[HuntPair.Word.gap] = gap }
  }

  /// A thread that made no access while another one was held, and makes its own right after, was waiting for it.
  private static func infer(
    _ collection: HuntCollection, _ recorder: ThreadRecorderPointer, _ site: HuntSite, _ isWriting: Bool, _ now: UInt64
  ) {
    let end = collection[HuntCollection.Word.holdEnd]
    let begin = collection[HuntCollection.Word.holdBegin]
    if end == 0 || now < end || end < begin { return }
    let length = end &- begin
    let holder = HuntParty(word: collection[HuntCollection.Word.holder])
    if holder.slot == recorder.pointee.slot || !(isWriting || holder.isWriting) { return }
    let last = recorder.pointee.lastVisit.load(ordering: .relaxed)
    let slack = length / 8 > 80_000 ? length / 8 : 80_000
    if now &- end > slack || last == 0 || last >= begin || length < shortestHold { return }
    let index = HuntPair.find(site.index, holder.site, making: true)
    if index >= UInt64(AUDIT_HUNT_PAIRS) { return }
    let pair = HuntPair(index: index)
    pair.count(HuntPair.Word.waits)
    if pair[HuntPair.Word.waits] >= tuning.waitsUntilOrdered, pair[HuntPair.Word.state] == HuntPair.State.open {
      pair[HuntPair.Word.state] = HuntPair.State.ordered
    }
  }

  /// Two parties were seen to overlap.
  package static func confirm(
    _ id: UInt64, _ recorder: ThreadRecorderPointer, frame: UInt, otherSlot: UInt16
  ) {
    if percent.load(ordering: .relaxed) == 0 { return }
    let high = recorder.pointee.stackHigh.load(ordering: .relaxed)
    if frame < recorder.pointee.stackLow.load(ordering: .relaxed) || frame >= high &- 32 { return }
    let own = HuntSite.find(UInt(audit_return_address(frame)), caller(of: frame, high), operation: 0)
    if own >= UInt64(AUDIT_HUNT_SITES) { return }
    let collection = HuntCollection.find(id, now: audit_hunt_clock())
    var word = HuntCollection.Word.firstAccess
    while word < HuntCollection.Word.firstAccess + 2 * HuntCollection.Word.accessCount {
      let party = HuntParty(word: collection[word + 1])
      if party.slot == otherSlot {
        let index = HuntPair.find(own, party.site, making: true)
        if index < UInt64(AUDIT_HUNT_PAIRS) {
          HuntPair(index: index)[HuntPair.Word.state] = HuntPair.State.confirmed
        }
      }
      word += 2
    }
  }

  // MARK: What is held

  /// How long to hold an execution of the site open; 0 for not at all. `pair` becomes the pair that it is for.
  private static func length(_ site: HuntSite, _ random: UInt64, _ pair: inout UInt64) -> UInt64 {
    var word = HuntSite.Word.firstPair
    var areOrdered = false
    var best: UInt64 = 0
    while word < HuntSite.Word.firstPair + HuntSite.Word.pairCount {
      let reference = site[word]
      if reference == 0 { break }
      let candidate = HuntPair(index: reference - 1)
      if candidate[HuntPair.Word.state] == HuntPair.State.open {
        areOrdered = false
        let shift = candidate[HuntPair.Word.fruitless] / 2
        if shift < 8, (random >> 8) & ((1 << shift) - 1) == 0 {
          var wanted = 2 * candidate[HuntPair.Word.gap]
          if wanted < shortestHold { wanted = shortestHold }
          if wanted > longestHold { wanted = longestHold }
          if wanted > best {
            best = wanted
            pair = candidate.index
          }
        }
      } else if word == HuntSite.Word.firstPair {
        areOrdered = true
      }
      word += 1
    }
    if best != 0 { return best }
    if !areOrdered, site[HuntSite.Word.probes] < tuning.probes { return tuning.probeNanoseconds }
    if (random >> 24) & 63 == 0 { return (random >> 32) % 1_000_000 + shortestHold }
    return 0
  }

  /// A site that nothing more is expected of goes back to the fast path.
  private static func settle(_ site: HuntSite, _ recorder: ThreadRecorderPointer, _ frame: UInt) {
    if site[HuntSite.Word.shared] < tuning.sharedLimit { return }
    site[HuntSite.Word.settled] = 1
    remember(recorder, frame)
  }

  private static func hold(
    _ recorder: ThreadRecorderPointer, _ monitor: MonitorReference, _ collection: HuntCollection, _ site: HuntSite,
    _ isWriting: Bool, _ frame: UInt, _ high: UInt, _ wanted: UInt64, _ pair: UInt64
  ) {
    if isEnding.load(ordering: .relaxed) { return }
    // The detector is one.
    let threads = audit_thread_count()
    if threads < 3 || audit_is_in_signal_handler(frame, high) { return }
    let limit = Int(threads - 1) / 2
    guard HuntBudget.enter(limit: limit < 1 ? 1 : limit > 4 ? 4 : limit) else { return }
    defer { HuntBudget.leave() }
    let begin = audit_hunt_clock()
    let length = HuntBudget.allowance(wanted, now: begin, initial: tuning.initialNanoseconds)
    if length < shortestHold { return }
    collection[HuntCollection.Word.holdBegin] = begin
    collection[HuntCollection.Word.holdEnd] = 0
    collection[HuntCollection.Word.holder] =
      HuntParty(slot: recorder.pointee.slot, site: site.index, isWriting: isWriting).word
    wait(recorder, monitor, isWriting, from: begin, to: begin &+ length)
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

  private static func wait(
    _ recorder: ThreadRecorderPointer, _ monitor: MonitorReference, _ isWriting: Bool, from begin: UInt64, to end: UInt64
  ) {
    // Who is held is asleep, and says whose address it has loaded: see `Quiescence` and `Arrivals`.
    let held = recorder.pointee.held.exchange(UInt(bitPattern: monitor.address), ordering: .sequentiallyConsistent)
    recorder.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent)
    let version = monitor.version.pointee.load(ordering: .relaxed)
    let seen = sightings.load(ordering: .relaxed)
    let detector = SharedWord<Int32>(AUDIT_WORD_DETECTOR_THREAD).load(ordering: .relaxed)
    var now = begin
    var rounds = 0
    while now < end {
      let next = now &+ (rounds == 0 ? 150_000 : slice)
      audit_hunt_sleep(next < end ? next : end)
      now = audit_hunt_clock()
      rounds += 1
      if isEnding.load(ordering: .relaxed) || audit_mode() == AUDIT_MODE_HALTING { break }
      if sightings.load(ordering: .relaxed) != seen { break }
      if monitor.version.pointee.load(ordering: .relaxed) != version { break }
      if tuning.looksAtOthers, now < end, audit_others_wait(detector) { break }
    }
    recorder.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent)
    recorder.pointee.held.store(held, ordering: .sequentiallyConsistent)
  }

  /// A collection was made by the running task, if there is one.
  package static func noteCreation(_ id: UInt64) {
    if percent.load(ordering: .relaxed) == 0 { return }
    let task = audit_current_task_id()
    if task == 0 { return }
    HuntCollection.find(id, now: audit_hunt_clock())[HuntCollection.Word.task] = task &+ 1
  }

  /// A variable got a monitor of its own.
  package static func noteFork(from old: UInt64, to new: UInt64) {
    if percent.load(ordering: .relaxed) == 0 { return }
    let now = audit_hunt_clock()
    HuntCollection.find(old, now: now).copy(to: HuntCollection.find(new, now: now))
  }

  // MARK: The fast path

  /// Lets executions of the access's chain take the fast path, until the detector's next round.
  private static func remember(_ recorder: ThreadRecorderPointer, _ frame: UInt) {
    let word = recorder.pointee.depth.load(ordering: .relaxed)
    if recorder.pointee.walkedFrame.load(ordering: .relaxed) != frame || StressDelay.isDelaying { return }
    let stack = UInt32(truncatingIfNeeded: recorder.pointee.walkedStack.load(ordering: .relaxed))
    let index = audit_chain_index(UInt64(audit_return_address(frame)))
    let entry = recorder.pointee.chains + Int(truncatingIfNeeded: index)
    audit_remember_chain(
      entry, frame, recorder.pointee.stackHigh.load(ordering: .relaxed), word & StressDelay.depthMask, stack)
    // Walked with this depth, and good for this generation.
    if entry.pointee.frame == frame, entry.pointee.stack_id == UInt64(stack) { entry.pointee.depth = word }
  }

  /// Called by the detector in each round: what took the fast path is looked at again.
  package static func beginRound() {
    if percent.load(ordering: .relaxed) == 0 { return }
    let generation = SharedWord<UInt64>(AUDIT_WORD_HUNT_GENERATION)
    generation.store(generation.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    ThreadRegistry.forEachInUse { recorder in
      let depth = recorder.pointee.walkDepth
      recorder.pointee.depth.store(StressDelay.depthWord(Int(depth)), ordering: .relaxed)
    }
  }
}

/// What is being tried.
package struct HuntTuning {
  package var probes: UInt64 = 3
  package var probeNanoseconds: UInt64 = 2_000_000
  package var initialNanoseconds: UInt64 = 50_000_000
  package var waitsUntilOrdered: UInt64 = 2
  package var aloneLimit: UInt64 = 64
  package var sharedLimit: UInt64 = 256
  package var looksAtOthers = true

  init() {}

  package init(_ text: String) {
    for part in text.split(separator: ";") {
      let words = part.split(separator: ":")
      guard words.count == 2, let value = UInt64(words[1]) else { continue }
      switch words[0] {
      case "probes": probes = value
      case "probe": probeNanoseconds = value * 1000
      case "initial": initialNanoseconds = value * 1000
      case "waits": waitsUntilOrdered = value
      case "alone": aloneLimit = value
      case "shared": sharedLimit = value
      case "others": looksAtOthers = value != 0
      default: break
      }
    }
  }
}
