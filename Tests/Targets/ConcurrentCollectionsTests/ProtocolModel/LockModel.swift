// SPDX-License-Identifier: Apache-2.0
//
// A model of the mutex. Every change of its words is an atomic read-modify-write, so interleavings
// cover all executions. It mirrors Lock and shares no code with it. A parked thread's time may run
// out at any moment or never: both are explored.

/// One lock and the threads that take it.
struct LockModel: ModelState {
  static let held = 1
  static let parked = 2
  static let wanted = 4
  static let registered = 8

  enum Step: Hashable {
    case start, fastTake, look, parkLook, parkTake, futexWait, asleep, takeAfterPark
    case register, takeTicket, waitForGrant
    case inside, unlock, slowUnlock, giveGrant, wakeOne
    case cancelled
    case done
  }

  struct Thread: ModelThread {
    var step: Step = .start
    var turns: Int
    /// True when it may give up while it spins, as a reader does when reads are shared again.
    var mayBeCancelled: Bool
    /// True when its time may run out, so that it registers.
    var mayBeImpatient: Bool
    var wasParked = false
    /// The number of wake-ups when it began to park.
    var wakesSeen = 0
    /// The number of its hand-over, once it has registered.
    var ticket = 0
  }

  /// A part of the protocol that is omitted on purpose: the checker has to find the resulting
  /// fault.
  enum Omission: Hashable {
    case wakesRead, keptParked, cancelledWake, grantBeforeTaking, keptParkedOfRegistered
  }

  var word = 0
  var wakes = 0
  var grants = 0
  var tickets = 0
  var threads: [Thread]
  var omitted: Omission?

  /// - Parameters:
  ///   - cancelled: The thread that may give up.
  ///   - impatient: The threads whose time may run out.
  init(turns: [Int], cancelled: Int? = nil, impatient: Set<Int> = [], omitting omitted: Omission? = nil) {
    threads = turns.indices.map {
      Thread(turns: turns[$0], mayBeCancelled: $0 == cancelled, mayBeImpatient: impatient.contains($0))
    }
    self.omitted = omitted
  }

  var isBroken: Bool { threads.count { $0.step == .inside } > 1 }
  var isFinal: Bool {
    threads.allSatisfy { $0.step == .done } && word & ~(Self.parked | Self.wanted) == 0 && grants == tickets
  }

  /// True when a thread may take the lock without a hand-over. The precedence of registered threads
  /// is fairness, which this model does not check.
  private var isFreeForAll: Bool { word & Self.held == 0 && word < Self.registered }

  func successors(of t: Int) -> [LockModel] {
    switch threads[t].step {
    case .done: return []
    case .start: return [goes(t, threads[t].turns > 0 ? .fastTake : .done)]
    case .fastTake: return [word == 0 ? goes(t, .inside) { $0.word = Self.held } : goes(t, .look)]
    case .look:
      var next = [goes(t, .parkLook)]
      if isFreeForAll { next.append(takes(t)) }
      if word & (Self.held | Self.wanted) == Self.held, word < Self.registered {
        next.append(changed { $0.word |= Self.wanted })
      }
      if threads[t].mayBeCancelled { next.append(goes(t, .cancelled)) }
      if threads[t].mayBeImpatient, threads[t].wasParked { next.append(goes(t, .register)) }
      return next
    case .parkLook:
      return [goes(t, .parkTake) { $0.threads[t].wakesSeen = $0.wakes }]
    case .parkTake:
      let noted = changed {
        $0.threads[t].wasParked = true
        if omitted == .wakesRead { $0.threads[t].wakesSeen = -1 }
      }
      if isFreeForAll { return [noted.takes(t)] }
      return [noted.goes(t, .futexWait) { $0.word |= Self.parked }]
    case .futexWait:
      // Without the comparison the thread always sleeps.
      return [goes(t, wakes == threads[t].wakesSeen || omitted == .wakesRead ? .asleep : .takeAfterPark)]
    case .asleep: return threads[t].mayBeImpatient ? [goes(t, .takeAfterPark)] : []
    case .takeAfterPark: return [isFreeForAll ? takes(t) : goes(t, .look)]
    case .register:
      if isFreeForAll { return [takes(t)] }
      let bits = omitted == .keptParkedOfRegistered ? 0 : Self.parked
      return [goes(t, .takeTicket) { $0.word = ($0.word | bits) + Self.registered }]
    case .takeTicket:
      return [
        goes(t, .waitForGrant) {
          $0.threads[t].ticket = $0.tickets
          $0.tickets += 1
        }
      ]
    case .waitForGrant: return grants > threads[t].ticket ? [goes(t, .inside)] : []
    case .inside: return [goes(t, .unlock)]
    case .unlock:
      let released = changed { $0.word -= Self.held }
      return [released.word == 0 ? released.ended(t) : released.goes(t, .slowUnlock)]
    case .slowUnlock: return [slowUnlock(t)]
    case .giveGrant: return [ended(t).changed { $0.grants += 1 }]
    case .wakeOne: return wakingOne(t)
    case .cancelled:
      if !threads[t].wasParked || omitted == .cancelledWake || word & Self.parked != 0 { return [ended(t)] }
      return word & Self.held == 0 ? [goes(t, .wakeOne)] : [ended(t).changed { $0.word |= Self.parked }]
    }
  }

  // MARK: Memory

  private func ended(_ t: Int) -> LockModel {
    goes(t, .start) {
      $0.threads[t].turns -= 1
      $0.threads[t].wasParked = false
      $0.threads[t].wakesSeen = 0
      $0.threads[t].ticket = 0
    }
  }

  /// Takes the lock; a thread that was parked keeps the wake requests of others.
  private func takes(_ t: Int) -> LockModel {
    goes(t, .inside) {
      $0.word = $0.word & ~Self.wanted | Self.held
      if $0.threads[t].wasParked, omitted != .keptParked { $0.word |= Self.parked }
    }
  }

  private func slowUnlock(_ t: Int) -> LockModel {
    if word & Self.held != 0 || word & ~Self.wanted == 0 { return ended(t) }
    if word >= Self.registered {
      let handedOver = changed { $0.word = $0.word - Self.registered + (omitted == .grantBeforeTaking ? 0 : Self.held) }
      return handedOver.goes(t, .giveGrant)
    }
    return goes(t, .wakeOne) { $0.word &= Self.wanted }
  }

  private func wakingOne(_ t: Int) -> [LockModel] {
    let woken = ended(t).changed { $0.wakes += 1 }
    let asleep = threads.indices.filter { threads[$0].step == .asleep }
    return asleep.isEmpty ? [woken] : asleep.map { woken.goes($0, .takeAfterPark) }
  }
}
