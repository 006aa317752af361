// SPDX-License-Identifier: Apache-2.0
//
// A model of readers in parallel and of a writer that ends the sharing. Every access is
// sequentially consistent, as in BravoReaders, which it mirrors without sharing code. The gate is
// taken and released in one step each; LockModel covers its details.

/// One reader/writer lock and the threads that use it.
struct SharingModel: ModelState {
  enum Operation: Hashable { case read, longRead, write }

  enum Step: Hashable {
    case start
    // Readers in parallel.
    case enter, secondLook, takeBack, takeBackLook, reading, leave, leaveLook
    case lookAtSleeper, wakeSleeper
    // Readers with the gate.
    case gate, markReaders, enterWithGate, openGate
    case consider, allow, readingAlone
    // Writers.
    case writerGate, clearMark, lookAtSign, endSharing, waitForStripe
    case saySleeping, lastLook, sleep, sayAwake
    case writing
    case done
  }

  struct Thread: ModelThread {
    var step: Step = .start
    var operations: [Operation]
    /// The next step of a reader that has withdrawn its count: its next operation if true,
    /// otherwise the gate.
    var hasRead = false
  }

  /// A part of the protocol that is omitted on purpose: the checker has to find the resulting
  /// fault.
  enum Omission: Hashable {
    case secondLook, markOfLongRead, markOfSharing, wait, lastLook, lookOfLeaving
  }

  var isShared: Bool
  var stripe = 0
  var gateHolder: Int?
  var mayHaveReaders: Bool
  var writerSleeps = false
  var signals = 0
  var threads: [Thread]
  var omitted: Omission?

  init(isShared: Bool, _ operations: [[Operation]], omitting omitted: Omission? = nil) {
    self.isShared = isShared
    mayHaveReaders = isShared
    threads = operations.map { Thread(operations: $0) }
    self.omitted = omitted
  }

  var isBroken: Bool {
    let writing = threads.count { $0.step == .writing }
    return writing > 1 || writing == 1 && threads.contains { [.reading, .readingAlone].contains($0.step) }
  }

  var isFinal: Bool { threads.allSatisfy { $0.step == .done } && stripe == 0 && gateHolder == nil }

  func successors(of t: Int) -> [SharingModel] {
    switch threads[t].step {
    case .start:
      switch threads[t].operations.first {
      case nil: return [goes(t, .done)]
      case .write: return [goes(t, .writerGate)]
      default: return [goes(t, isShared ? .enter : .gate)]
      }
    case .done: return []
    case .enter: return [goes(t, omitted == .secondLook ? .reading : .secondLook) { $0.stripe += 1 }]
    case .secondLook: return [goes(t, isShared ? .reading : .takeBack)]
    case .takeBack: return [goes(t, .takeBackLook) { $0.stripe -= 1 }]
    case .takeBackLook: return [left(t, hasRead: false)]
    case .reading: return [goes(t, .leave)]
    case .leave: return [goes(t, .leaveLook) { $0.stripe -= 1 }]
    case .leaveLook: return [left(t, hasRead: true)]
    case .lookAtSleeper: return [writerSleeps ? goes(t, .wakeSleeper) : goesOn(t)]
    case .wakeSleeper:
      return [
        goesOn(t).changed {
          if $0.writerSleeps { $0.signals += 1 }
          $0.writerSleeps = false
        }
      ]
    case .gate:
      // A reader that waits for the gate returns to sharing when reads are shared.
      return (gateHolder == nil ? [takesGate(t, threads[t].operations[0] == .read ? .consider : .markReaders)] : [])
        + (isShared ? [goes(t, .enter)] : [])
    case .markReaders:
      return [goes(t, .enterWithGate) { if omitted != .markOfLongRead { $0.mayHaveReaders = true } }]
    case .enterWithGate: return [goes(t, .openGate) { $0.stripe += 1 }]
    case .openGate: return [goes(t, .reading) { $0.gateHolder = nil }]
    case .consider:
      // Whether it shares depends on times, so both are explored.
      return [
        goes(t, .readingAlone),
        goes(t, .allow) { if omitted != .markOfSharing { $0.mayHaveReaders = true } },
      ]
    case .allow: return [goes(t, .readingAlone) { $0.isShared = true }]
    case .readingAlone: return [ended(t)]
    default: return writerSuccessors(of: t)
    }
  }

  private func writerSuccessors(of t: Int) -> [SharingModel] {
    switch threads[t].step {
    case .writerGate: return gateHolder == nil ? [takesGate(t, mayHaveReaders ? .clearMark : .writing)] : []
    case .clearMark: return [goes(t, .lookAtSign) { $0.mayHaveReaders = false }]
    case .lookAtSign: return [goes(t, isShared ? .endSharing : .waitForStripe)]
    case .endSharing: return [goes(t, omitted == .wait ? .writing : .waitForStripe) { $0.isShared = false }]
    case .waitForStripe: return [goes(t, stripe == 0 ? .writing : .saySleeping)]
    case .saySleeping: return [goes(t, omitted == .lastLook ? .sleep : .lastLook) { $0.writerSleeps = true }]
    case .lastLook: return [goes(t, stripe == 0 ? .sayAwake : .sleep)]
    case .sleep: return signals == 0 ? [] : [goes(t, .sayAwake) { $0.signals -= 1 }]
    case .sayAwake: return [goes(t, .waitForStripe) { $0.writerSleeps = false }]
    case .writing: return [ended(t)]
    default: return []
    }
  }

  private func takesGate(_ t: Int, _ step: Step) -> SharingModel { goes(t, step) { $0.gateHolder = t } }

  /// A reader that is no longer counted checks whether a writer may be waiting for that.
  private func left(_ t: Int, hasRead: Bool) -> SharingModel {
    let noted = changed { $0.threads[t].hasRead = hasRead }
    return isShared || omitted == .lookOfLeaving ? noted.goesOn(t) : noted.goes(t, .lookAtSleeper)
  }

  private func goesOn(_ t: Int) -> SharingModel { threads[t].hasRead ? ended(t) : goes(t, .gate) }

  private func ended(_ t: Int) -> SharingModel {
    goes(t, .start) {
      $0.threads[t].operations.removeFirst()
      $0.threads[t].hasRead = false
      if $0.gateHolder == t { $0.gateHolder = nil }
    }
  }
}
