// SPDX-License-Identifier: Apache-2.0
//
// How accesses that hunting has no more use for go back to the fast path. Nothing here allocates or
// locks.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Synchronization

extension Hunt {
  /// A site that nothing more is expected of goes back to the fast path.
  static func settle(_ site: HuntSite, _ recorder: ThreadRecorderPointer, _ frame: UInt) {
    if site[HuntSite.Word.shared] < HuntLimits.shared { return }
    site[HuntSite.Word.settled] = 1
    remember(recorder, frame)
  }

  /// Lets executions of the access's chain take the fast path, until the detector's next round.
  static func remember(_ recorder: ThreadRecorderPointer, _ frame: UInt) {
    let word = recorder.pointee.depth.load(ordering: .relaxed)
    if recorder.pointee.walkedFrame.load(ordering: .relaxed) != frame || StressDelay.isDelaying { return }
    let stack = UInt32(truncatingIfNeeded: recorder.pointee.walkedStack.load(ordering: .relaxed))
    let index = audit_chain_index(UInt64(audit_return_address(frame)))
    let entry = recorder.pointee.chains + Int(truncatingIfNeeded: index)
    if word & StressDelay.depthMask == 0 {
      entry.pointee.frame = 0
      entry.pointee.stack_id = 0
      entry.pointee.count_above = 0
      entry.pointee.return_address = UInt64(audit_return_address(frame))
      entry.pointee.caller = UInt64(UnsafePointer<UInt>(bitPattern: frame)!.pointee)
      entry.pointee.depth = word
      entry.pointee.frame = UInt64(frame)
      return
    }
    audit_remember_chain(
      entry, frame, recorder.pointee.stackHigh.load(ordering: .relaxed), word & StressDelay.depthMask, stack)
    // Walked with this depth, and good for this generation.
    if entry.pointee.frame == frame, entry.pointee.stack_id == UInt64(stack) { entry.pointee.depth = word }
  }

  /// Called by the detector in each round: what took the fast path is looked at again.
  package static func beginRound() {
    if isOff { return }
    let generation = SharedWord<UInt64>(AUDIT_WORD_HUNT_GENERATION)
    generation.store(generation.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    ThreadRegistry.forEachInUse { recorder in
      let depth = recorder.pointee.walkDepth
      recorder.pointee.depth.store(StressDelay.depthWord(Int(depth)), ordering: .relaxed)
    }
  }
}

#endif
