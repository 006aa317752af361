// SPDX-License-Identifier: Apache-2.0
//
// From a frame to a stack ID: compare the chain with the one seen last at that place, or hash the
// chain of frame pointers, look the hash up, unwind only what is new. The fast path allocates
// nothing and takes no lock; a stack that is new, or whose chain hides frames, is walked by what
// libunwind said of its return addresses, which takes no lock of the loader's or the program's
// either.

#if AUDITED && canImport(Glibc)

public import CAccessRecorder
internal import Glibc
public import Synchronization

@usableFromInline
package enum StackCapture {
  /// The ID of the stack above `frame`, the frame of the function that was called by the code that
  /// made the access. 0 when stacks are off or the stack is lost.
  @inlinable @inline(always)
  package static func capture(frame: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    let depth = recorder.depth.load(ordering: .relaxed)
    if depth == 0 { return 0 }
    let entry = recorder.chains + Int(truncatingIfNeeded: audit_chain_index(UInt64(audit_return_address(frame))))
    let remembered = audit_match_chain(entry, frame, depth)
    if remembered != 0 {
      noteMatch(frame: frame, depth: depth, stack: remembered, recorder)
      return remembered
    }
    return captureByWalk(frame: frame, depth: depth, entry: entry, recorder)
  }

  /// What hunting remembers is the stack of the access that is open, not of one that was walked
  /// before it with its frame at the same place.
  @usableFromInline @inline(never)
  static func noteMatch(frame: UInt, depth: UInt64, stack: UInt32, _ recorder: borrowing ThreadRecorder) {
    guard depth > StressDelay.depthMask else { return }
    recorder.noteWalk(frame: frame, stack: stack)
  }

  /// For C, which has not found the stack's hash in its first place.
  @_silgen_name("audit_capture_fully") @usableFromInline @inline(never)
  static func captureFully(frame: UInt, _ recorder: UnsafeMutableRawPointer) -> UInt32 {
    let saved = errno
    defer { errno = saved }
    return capture(frame: frame, recorder.assumingMemoryBound(to: ThreadRecorder.self).pointee)
  }

  /// Walks the chain and hashes it.
  @usableFromInline @inline(never)
  static func captureByWalk(
    frame: UInt, depth: UInt64, entry: UnsafeMutablePointer<audit_chain>, _ recorder: borrowing ThreadRecorder
  ) -> UInt32 {
    if depth > StressDelay.depthMask { return captureWatched(frame: frame, recorder) }
    let low = recorder.stackLow.load(ordering: .relaxed)
    let high = recorder.stackHigh.load(ordering: .relaxed)
    // A frame outside the thread's stack (a signal stack, a fiber): its chain has no bound that is
    // known.
    if frame < low || frame >= high { return captureForeign(frame: frame, recorder) }
    let hash = audit_hash_frames(frame, high, depth)
    let found = recorder.stacks.find(hash)
    if found != 0 {
      audit_remember_chain(entry, frame, high, depth, found)
      return found
    }
    return captureSlowly(frame: frame, hash: hash, depth: depth, entry: entry, recorder)
  }

  /// The stack is new, displaced from its place in the table, or marked as one that hides frames.
  @usableFromInline @inline(never)
  static func captureSlowly(
    frame: UInt, hash: UInt64, depth: UInt64, entry: UnsafeMutablePointer<audit_chain>?,
    _ recorder: borrowing ThreadRecorder
  ) -> UInt32 {
    switch recorder.stacks.lookUp(hash) {
    case .found(let id):
      if let entry { audit_remember_chain(entry, frame, recorder.stackHigh.load(ordering: .relaxed), depth, id) }
      return id
    case .hidesFrames:
      return hasRoom(frame, recorder) ? captureUnwound(frame: frame, recorder) : captureShort(frame: frame, recorder)
    case .absent:
      return recorder.stacks.takesWholeStacks && hasRoom(frame, recorder)
        ? captureNew(frame: frame, hash: hash, recorder) : captureShort(frame: frame, recorder)
    }
  }

  /// The bytes below a frame that an unwind may need: an unoptimised build takes 14 KB, half of
  /// them in libunwind.
  private static var unwindingRoom: UInt { 24_576 }

  /// Whether the stack has room below `frame` for an unwind. A thread may have a stack of 16 KB, or
  /// be near the end of a larger one.
  private static func hasRoom(_ frame: UInt, _ recorder: borrowing ThreadRecorder) -> Bool {
    frame &- recorder.stackLow.load(ordering: .relaxed) >= unwindingRoom
  }

  /// The first sight of a stack: libunwind's trace is what is kept.
  private static func captureNew(frame: UInt, hash: UInt64, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    let depth = recorder.walkDepth
    var end: Int32 = 0
    let high = recorder.stackHigh.load(ordering: .relaxed)
    let chain = chain(from: frame, high: high, depth: depth, end: &end, recorder)
    if depth == 1 { return recorder.stacks.insert(hash, chain, hidesFrames: false) }
    let trace = unwind(frame: frame, isForeign: false, recorder)
    // libunwind does not know the caller: the chain is the better trace.
    if trace.count == 0 { return recorder.stacks.insert(hash, chain, hidesFrames: false) }
    let isWhole = chainIsWhole(chain, end: end, trace: trace)
    let id = recorder.stacks.insert(hash, AsyncCallers.appended(to: trace, frame, recorder), hidesFrames: !isWhole)
    return isWhole || id == 0 ? id : captureUnwound(frame: frame, recorder)
  }

  /// The chain of frames, in the recorder's scratch memory; `end` says why it is not longer.
  private static func chain(
    from frame: UInt, high: UInt, depth: UInt64, end: inout Int32, _ recorder: borrowing ThreadRecorder
  ) -> RawTrace {
    let chain = recorder.chainScratch
    return RawTrace(chain, count: Int(audit_copy_frames(frame, high, chain, UInt32(depth), &end)))
  }

  /// The table has no room for whole stacks, or the thread's stack none for an unwind: the
  /// innermost frames are kept, and when the table has no room for those the caller. Most stacks
  /// share them, so they are found; nothing is unwound.
  @inline(never)
  private static func captureShort(frame: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    captureShort(frame: frame, high: recorder.stackHigh.load(ordering: .relaxed), recorder)
  }

  @inline(never)
  private static func captureShort(frame: UInt, high: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    recorder.shortenedStacks.store(recorder.shortenedStacks.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    var depth = recorder.walkDepth
    if depth > StackTable.shortDepth { depth = StackTable.shortDepth }
    while true {
      // Another seed for each kind, as in `captureUnwound`.
      let hash = (audit_hash_frames(frame, high, depth) ^ (0x2545_F491_4F6C_DD1D &* depth)) &* AUDIT_HASH_MULTIPLIER
      if case .found(let id) = recorder.stacks.lookUp(hash) { return id }
      if depth == 1 || recorder.stacks.takesShortStacks {
        var end: Int32 = 0
        return recorder.stacks.insert(
          hash, chain(from: frame, high: high, depth: depth, end: &end, recorder), hidesFrames: false)
      }
      depth = 1
    }
  }

  /// Whether the chain shows every frame that libunwind shows, up to where one of them was cut off.
  private static func chainIsWhole(_ chain: RawTrace, end: Int32, trace: RawTrace) -> Bool {
    let shorter = chain.count < trace.count ? chain.count : trace.count
    var index = 0
    while index < shorter {
      if chain.addresses[index] != trace.addresses[index] { return false }
      index += 1
    }
    switch end {
    case AUDIT_CHAIN_TRUNCATED: return trace.count >= chain.count
    // Below the C library's end mark libunwind finds the start-up code: _start, clone3 and what
    // calls main.
    case AUDIT_CHAIN_REACHED_BASE: return trace.count >= chain.count && trace.count <= chain.count + 3
    default: return false
    }
  }

  /// Walks for real, each time: the stack's chain hides frames, or has no bounds that are known.
  @inline(never)
  static func captureUnwound(
    frame: UInt, isForeign: Bool = false, _ recorder: borrowing ThreadRecorder
  ) -> UInt32 {
    if isForeign || !audit_can_walk() {
      return captureWalked(unwind(frame: frame, isForeign: isForeign, recorder), frame, isForeign: isForeign, recorder)
    }
    let owner = recorder.life.owner
    let remembered = audit_find_walk(recorder.walks, owner, frame, recorder.walkDepth)
    if remembered != 0 { return remembered }
    let any = recorder.ring.head.load(ordering: .relaxed)
    let memory: UnsafeMutablePointer<audit_walk_memory> = audit_place_of_walk(recorder.walks, owner, frame, any)
    audit_begin_memory(memory, owner, frame, recorder.walkDepth)
    let trace = unwind(frame: frame, isForeign: false, memory: memory, recorder)
    let id = captureWalked(trace, frame, isForeign: false, recorder)
    audit_end_memory(memory, frame, id)
    return id
  }

  /// The ID of a stack that was walked.
  private static func captureWalked(
    _ trace: RawTrace, _ frame: UInt, isForeign: Bool, _ recorder: borrowing ThreadRecorder
  ) -> UInt32 {
    if trace.count == 0 {
      recorder.stacks.countLost()
      return 0
    }
    // Another seed than the chain's hashes, which begin with 0: both kinds live in one table.
    var hash: UInt64 = 0x5851_F42D_4C95_7F2D
    var index = 0
    while index < trace.count {
      hash = hash &* AUDIT_HASH_MULTIPLIER &+ trace.addresses[index]
      index += 1
    }
    if case .found(let id) = recorder.stacks.lookUp(hash) { return id }
    if recorder.stacks.takesWholeStacks {
      let whole = isForeign ? trace : AsyncCallers.appended(to: trace, frame, recorder)
      return recorder.stacks.insert(hash, whole, hidesFrames: false)
    }
    if !isForeign { return captureShort(frame: frame, recorder) }
    recorder.stacks.countLost()
    return 0
  }

  /// The stack of an access that may be delayed or held: its chain is not remembered here, so that
  /// the next one comes here too.
  private static func captureWatched(frame: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    let depth = recorder.walkDepth
    // Without stacks the call site is what is remembered.
    recorder.noteWalk(frame: depth == 0 ? frame : 0, stack: 0)
    if depth == 0 { return 0 }
    let high = recorder.stackHigh.load(ordering: .relaxed)
    if frame < recorder.stackLow.load(ordering: .relaxed) || frame >= high {
      return captureForeign(frame: frame, recorder)
    }
    let hash = audit_hash_frames(frame, high, depth)
    let found = recorder.stacks.find(hash)
    guard found != 0 else { return captureSlowly(frame: frame, hash: hash, depth: depth, entry: nil, recorder) }
    recorder.noteWalk(frame: frame, stack: found)
    return found
  }

  /// A frame outside the thread's own stack: its chain is not walked.
  @usableFromInline @inline(never)
  static func captureForeign(frame: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    // The next access finds its frame inside.
    recorder.learnStackBounds()
    var low: UInt = 0
    var high: UInt = 0
    // A stack for signal handlers may be as small as 2 KB.
    if audit_signal_stack_bounds(&low, &high), frame >= low, frame < high, frame &- low < unwindingRoom {
      return captureShort(frame: frame, high: high, recorder)
    }
    return captureUnwound(frame: frame, isForeign: true, recorder)
  }

  /// libunwind's trace from the access on, in the recorder's scratch memory; empty when it does not
  /// know the caller.
  private static func unwind(
    frame: UInt, isForeign: Bool, memory: UnsafeMutablePointer<audit_walk_memory>? = nil,
    _ recorder: borrowing ThreadRecorder
  ) -> RawTrace {
    let low = isForeign ? 0 : recorder.stackLow.load(ordering: .relaxed)
    let high = isForeign ? 0 : recorder.stackHigh.load(ordering: .relaxed)
    return StackTrace.fill(
      recorder.scratch, from: frame, low: low, high: high, depth: Int(truncatingIfNeeded: recorder.walkDepth),
      memory: memory)
  }
}

#endif
