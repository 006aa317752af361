// SPDX-License-Identifier: Apache-2.0
//
// The slow path of a write: no recorder yet, a shared monitor, another thread in the way. Reports
// are handed over, not made, here; every wait is bounded.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

extension WriteWindow {
  /// Auditing is off, suppressed, frozen or halting, or this is the thread's first access.
  static func openUnusually(
    _ variable: UnsafeMutableRawPointer, _ operation: AccessOperation, frame: UInt
  ) -> WriteWindow {
    let saved = errno
    defer { errno = saved }
    guard let recorder = Recording.recorderForAccess() else { return openUnaudited(variable) }
    let window = openRepeatedly(variable, operation, recorder, frame: frame)
    return audit_traffic_is_observed() ? window.observed(operation, recorder) : window
  }

  /// The fast path claimed the writer word, or did not, and found something to settle. What it saw
  /// is settled first: it cannot be seen again.
  static func openContended(
    _ variable: UnsafeMutableRawPointer, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt,
    monitor: MonitorReference, before: UInt64, claimedWriterWord: Bool, owner: UInt64
  ) -> WriteWindow {
    let saved = errno
    defer { errno = saved }
    var attempt = WriteAttempt(variable, operation, recorder, frame: frame)
    let seen = WriteAttempt.Claim(
      monitor: monitor, before: VersionWord(rawValue: before), isOwned: claimedWriterWord,
      owner: WriterWord(rawValue: owner))
    return attempt.settle(seen) ?? openRepeatedly(&attempt)
  }

  static func openRepeatedly(
    _ variable: UnsafeMutableRawPointer, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> WriteWindow {
    let saved = errno
    defer { errno = saved }
    var attempt = WriteAttempt(variable, operation, recorder, frame: frame)
    return openRepeatedly(&attempt)
  }

  private static func openRepeatedly(_ attempt: inout WriteAttempt) -> WriteWindow {
    while true {
      if let window = attempt.settle(attempt.claim()) { return window }
    }
  }
}

/// A write that is being opened: what it has claimed, what it has reported, how long it may still
/// wait.
struct WriteAttempt {
  /// One try at the writer word.
  struct Claim {
    let monitor: MonitorReference
    let before: VersionWord
    let isOwned: Bool
    let owner: WriterWord
  }

  private let variable: UnsafeMutableRawPointer
  private let operation: AccessOperation
  private let recorder: ThreadRecorderPointer
  private let frame: UInt
  private let writer: UInt64
  private var backoff = Backoff()
  private var hasReported = false
  /// Whether the attempt was recorded.
  private var isCounted = false

  init(
    _ variable: UnsafeMutableRawPointer, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt
  ) {
    self.variable = variable
    self.operation = operation
    self.recorder = recorder
    self.frame = frame
    writer = WriterWord.pack(variable, slotBits: recorder.pointee.slotBits)
  }

  private var present: MonitorReference {
    MonitorReference(address: variable.load(as: UnsafeMutableRawPointer.self))
  }

  /// Protocol, write steps 1 and 2.
  mutating func claim() -> Claim {
    let monitor = present
    let before = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    let slot = recorder.pointee.slot
    guard WriterBias.settle(monitor, for: slot, &backoff) else {
      return Claim(monitor: monitor, before: before, isOwned: false, owner: WriterWord(rawValue: 0))
    }
    let result = monitor.writer.pointee.compareExchange(expected: 0, desired: writer, ordering: .acquiringAndReleasing)
    if result.exchanged, !WriterBias.confirm(monitor, writer: writer, for: slot) {
      return Claim(monitor: monitor, before: before, isOwned: false, owner: WriterWord(rawValue: 0))
    }
    return Claim(
      monitor: monitor, before: before, isOwned: result.exchanged, owner: WriterWord(rawValue: result.original))
  }

  /// Opens the window if the claim allows it; `nil` to try again.
  mutating func settle(_ claim: Claim) -> WriteWindow? {
    claim.isOwned ? settleOwned(claim) : settleContended(claim)
  }

  private mutating func settleOwned(_ claim: Claim) -> WriteWindow? {
    let monitor = claim.monitor
    let now = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    if now.isRetired {
      monitor.writer.pointee.store(0, ordering: .releasing)
      report(.destroyedDuringAccess, claim, otherSlot: 0, isInProgress: false)
      // The variable may still say what it said: it is being destroyed.
      return present == monitor ? EmptyFallback.nowhere(monitor) : nil
    }
    if now != claim.before || claim.before.isWriting {
      // A write was in progress when this one began, and has ended.
      report(.concurrentWrites, claim, otherSlot: now.slot, isInProgress: false)
    }
    let current = present
    guard current == monitor else {
      monitor.writer.pointee.store(0, ordering: .releasing)
      reportReplacement(claim, by: current)
      return nil
    }
    return open(monitor, from: now, ownsWriterWord: true)
  }

  private mutating func settleContended(_ claim: Claim) -> WriteWindow? {
    let owner = claim.owner
    // Nobody's: the bias is being taken away, and the claim is to be made again.
    if owner.rawValue == 0 {
      return backoff.wait(holding: nil) ? nil : open(present, from: claim.before, ownsWriterWord: false)
    }
    let isSameVariable = owner.address == WriterWord(rawValue: writer).address
    if owner.slot == recorder.pointee.slot {
      // This thread is inside a write already: the law of exclusivity, which the language enforces.
      // Not ours.
      return isSameVariable
        ? WriteWindow.openUnaudited(variable) : open(claim.monitor, from: claim.before, ownsWriterWord: false)
    }
    if isSameVariable {
      report(.concurrentWrites, claim, otherSlot: owner.slot, isInProgress: true)
    } else if claim.before.isWriting {
      // An in-place write by another variable that had this monitor to itself: this variable's
      // value was copied from it while the write was in progress.
      report(.readDuringWrite, claim, otherSlot: owner.slot, isInProgress: true)
    }
    if !ThreadRegistry.hasVanished(slot: owner.slot), backoff.wait(holding: claim.monitor) { return nil }
    // The owner does not end. Its window stays closed to this write; what value semantics ask for
    // is done.
    return isSameVariable
      ? EmptyFallback.write(variable) : open(present, from: claim.before, ownsWriterWord: false)
  }

  /// Protocol, write steps 4 and 5.
  private func open(_ monitor: MonitorReference, from version: VersionWord, ownsWriterWord: Bool) -> WriteWindow {
    let slotBits = recorder.pointee.slotBits
    // Before a fork as well: what this thread has loaded, others may have.
    if Shield.isUp { monitor.noteAccess(by: recorder.pointee.slot) }
    let isShared = !audit_is_unique(monitor.address)
    if !isShared && !ownsWriterWord { return WriteWindow(unaudited: monitor.address) }
    let odd = isShared ? slotBits | 1 : VersionWord.beginning(version.rawValue, slotBits: slotBits)
    var own = monitor
    let id = monitor.id
    if isShared {
      // Under the old monitor's ID as well: that is the one another thread's access may know.
      Recording.record(
        recorder, frame: frame, collectionID: monitor.id,
        version: VersionWord.beginning(version.rawValue, slotBits: slotBits), operation: operation,
        flags: AccessRecord.Flags.writingCode | AccessRecord.Flags.againCode)
      own = Monitor.detach(
        variable, from: monitor, recorder: recorder, version: odd, writer: writer, ownsWriterWord: ownsWriterWord)
    } else {
      WriterBias.take(monitor, for: recorder.pointee.slot)
      monitor.version.pointee.store(odd, ordering: .releasing)
      WriteWindow.orderMutation()
    }
    Recording.record(
      recorder, frame: frame, collectionID: own.id, version: odd, operation: operation,
      flags: AccessRecord.Flags.writingCode | (isCounted ? AccessRecord.Flags.againCode : 0))
    if recorder.pointee.isWatched {
      if isShared { Hunt.noteFork(from: id, to: own.id, by: recorder.pointee.slot) }
      own.hunt(operation, isWriting: true, recorder, frame: frame)
    }
    guard Shield.isUp else { return WriteWindow.publish(own, version: odd, operation, recorder) }
    // A monitor that was forked just now has no readers yet.
    if !isShared { Shield.waitForReaders(of: own, except: recorder) }
    // Nobody frees a monitor whose writer word is taken, so this is not published.
    return WriteWindow(monitor: own.address, version: odd, hazard: nil, outer: 0)
  }

  /// The variable refers to another monitor than the one claimed. If its new monitor is being
  /// written in this very variable, that writer is the other party; if the old one's last reference
  /// was dropped, who did that; otherwise it is not known who assigned the whole variable, which
  /// runs no code of ours.
  private mutating func reportReplacement(_ claim: Claim, by current: MonitorReference) {
    if claim.monitor.isReplacedByFallback { return }
    let version = VersionWord(rawValue: current.version.pointee.load(ordering: .acquiring))
    let owner = WriterWord(rawValue: current.writer.pointee.load(ordering: .acquiring))
    let isWritten =
      version.isInProgress && owner.slot == version.slot && owner.address == WriterWord(rawValue: writer).address
    let other = Claim(monitor: current, before: VersionWord(rawValue: 1), isOwned: true, owner: WriterWord(rawValue: 0))
    if isWritten { return report(.concurrentWrites, other, otherSlot: version.slot, isInProgress: true) }
    let drop = OtherParty.drop(of: claim.monitor)
    if drop?.slot == recorder.pointee.slot { return }
    report(.replacedDuringWrite, other, otherSlot: 0, isInProgress: false, drop: drop)
  }

  private mutating func report(
    _ kind: ViolationKind, _ claim: Claim, otherSlot: UInt16, isInProgress: Bool, drop: OtherParty.Drop? = nil
  ) {
    if hasReported || otherSlot == recorder.pointee.slot { return }
    hasReported = true
    let head = recorder.pointee.ring.head.load(ordering: .relaxed)
    Conflicts.report(
      Conflict(
        kind: kind, monitor: claim.monitor, operation: operation, isWriting: true, before: claim.before,
        otherSlot: otherSlot, otherMonitor: present, isInProgress: isInProgress, drop: drop),
      seenBy: recorder, frame: frame)
    isCounted = recorder.pointee.ring.head.load(ordering: .relaxed) != head
  }
}

#endif
