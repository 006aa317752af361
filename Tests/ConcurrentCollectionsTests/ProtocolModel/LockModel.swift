// SPDX-License-Identifier: Apache-2.0
//
// A model of the mutex on a processor that delays stores: the store that unlocks waits in a buffer, while the look at the wishes
// is made at once, as on x86-64. It mirrors Lock and shares no code with it. Nobody wakes by itself, and nobody is impatient: what
// is shown is that neither is needed.

/// One lock and the threads that want it.
struct LockModel: ModelState {
  static let wake = 1
  static let looking = 4

  enum Step: Hashable {
    case start, fastTake
    case beginLook, look, endLook(taken: Bool)
    case wish, barrier, parkTake, futexWait, parked
    case keepWish, inside, unlock, lookAtWishes, clearWish, wakeOne
    case endFutile, futileWish, futileLook, futileBarrier, futileLookAtWord
    case done
  }

  struct Thread: ModelThread {
    var step: Step = .start
    var turns: Int
    /// Whether it gives up at times while it looks, as a reader does when reads are shared again.
    var mayFindItFutile: Bool
    var hasParked = false
    /// The wishes with its own among them: it is parked only if nobody has changed them.
    var seen = 0
    /// Whether its store of 0 into the word has not arrived.
    var isUnlockDelayed = false
  }

  /// A part of the protocol that is left out on purpose: the checker has to find what that leads to.
  enum Omission: Hashable {
    case barrier, compare, keptWish, futileWake, futileBarrier, endOfLook
  }

  var word = 0
  var wishes = 0
  var threads: [Thread]
  var omitted: Omission?

  /// - Parameter futile: The thread that may give up.
  init(turns: [Int], futile: Int? = nil, omitting omitted: Omission? = nil) {
    threads = turns.indices.map { Thread(turns: turns[$0], mayFindItFutile: $0 == futile) }
    self.omitted = omitted
  }

  var isBroken: Bool { threads.count { $0.step == .inside } > 1 }
  var isFinal: Bool { threads.allSatisfy { $0.step == .done && !$0.isUnlockDelayed } }

  func successors(of t: Int) -> [LockModel] {
    var next: [LockModel] = []
    if threads[t].isUnlockDelayed { next.append(changed { $0.drain(t) }) }
    switch threads[t].step {
    case .done, .parked: break
    case .start: next.append(goes(t, threads[t].turns > 0 ? .fastTake : .done))
    case .fastTake: next.append(takes(t, .inside, else: .beginLook))
    case .beginLook: next.append(goes(t, .look) { $0.change(t, by: -Self.looking) })
    case .look:
      if word == 0 { next.append(takes(t, .endLook(taken: true), else: .look)) }
      next.append(goes(t, .endLook(taken: false)))
      if threads[t].mayFindItFutile { next.append(goes(t, .endFutile)) }
    case .endLook(let taken):
      let after: Step = taken ? (threads[t].hasParked ? .keepWish : .inside) : .wish
      next.append(goes(t, after) { if omitted != .endOfLook { $0.change(t, by: Self.looking) } })
    case .wish:
      next.append(
        goes(t, .barrier) {
          $0.setWake(t)
          $0.threads[t].seen = $0.wishes
          $0.threads[t].hasParked = true
        })
    case .barrier: next.append(goes(t, .parkTake) { if omitted != .barrier { $0.drainAll() } })
    case .parkTake: next.append(takes(t, .keepWish, else: .futexWait))
    case .futexWait:
      next.append(goes(t, wishes == threads[t].seen || omitted == .compare ? .parked : .beginLook))
    case .keepWish: next.append(goes(t, .inside) { if omitted != .keptWish { $0.setWake(t) } })
    case .inside: next.append(goes(t, .unlock))
    case .unlock: next.append(goes(t, .lookAtWishes) { $0.threads[t].isUnlockDelayed = true })
    case .lookAtWishes: next.append(wishes > 0 ? goes(t, .clearWish) : ended(t))
    case .clearWish: next.append(clearsWish(t))
    case .wakeOne: next += wakingOne(t)
    case .endFutile:
      next.append(goes(t, threads[t].hasParked ? .futileWish : .futileLook) { $0.change(t, by: Self.looking) })
    case .futileWish: next.append(goes(t, .futileLook) { $0.setWake(t) })
    case .futileLook:
      next.append(wishes > 0 && omitted != .futileWake ? goes(t, .futileBarrier) : ended(t))
    case .futileBarrier:
      next.append(goes(t, .futileLookAtWord) { if omitted != .futileBarrier { $0.drainAll() } })
    case .futileLookAtWord: next.append(word == 0 ? goes(t, .clearWish) : ended(t))
    }
    return next
  }

  // MARK: Memory

  private func ended(_ t: Int) -> LockModel {
    goes(t, .start) {
      $0.threads[t].turns -= 1
      $0.threads[t].hasParked = false
      $0.threads[t].seen = 0
    }
  }

  /// A compare-and-swap of the word; like every locked instruction it lets the own store arrive first.
  private func takes(_ t: Int, _ step: Step, else other: Step) -> LockModel {
    changed {
      $0.drain(t)
      $0.threads[t].step = $0.word == 0 ? step : other
      if $0.word == 0 { $0.word = 1 }
    }
  }

  private func clearsWish(_ t: Int) -> LockModel {
    let cleared = changed {
      $0.drain(t)
      $0.wishes &= ~Self.wake
    }
    return wishes & Self.wake != 0 ? cleared.goes(t, .wakeOne) : cleared.ended(t)
  }

  private func wakingOne(_ t: Int) -> [LockModel] {
    let parked = threads.indices.filter { threads[$0].step == .parked }
    return parked.isEmpty ? [ended(t)] : parked.map { ended(t).goes($0, .beginLook) }
  }

  private mutating func drain(_ t: Int) {
    if threads[t].isUnlockDelayed { word = 0 }
    threads[t].isUnlockDelayed = false
  }

  private mutating func drainAll() { for t in threads.indices { drain(t) } }

  private mutating func change(_ t: Int, by number: Int) {
    drain(t)
    wishes += number
  }

  private mutating func setWake(_ t: Int) {
    drain(t)
    wishes |= Self.wake
  }
}
