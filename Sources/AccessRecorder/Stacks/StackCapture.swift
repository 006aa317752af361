// SPDX-License-Identifier: Apache-2.0
//
// From a frame to a stack ID: compare the chain with the one seen last at that place, or hash the chain of frame pointers, look the hash up, unwind only what is new. The fast
// path allocates nothing and takes no lock; libunwind is called at the first sight of a stack, and for stacks whose
// chain hides frames.

public import CAccessRecorder
public import Synchronization

@usableFromInline
package enum StackCapture {
  /// Frames of this package that libunwind's trace can have before the one that made the access.
  static let ownFrames = 32

  /// The ID of the stack above `frame`, the frame of the function that was called by the code that made the access.
  /// 0 when stacks are off or the stack is lost.
  @inlinable @inline(always)
  package static func capture(frame: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    let depth = recorder.depth.load(ordering: .relaxed)
    if depth == 0 { return 0 }
    let entry = recorder.chains + Int(truncatingIfNeeded: audit_chain_index(UInt64(audit_return_address(frame))))
    let remembered = audit_match_chain(entry, frame, depth)
    if remembered != 0 { return remembered }
    return captureByWalk(frame: frame, depth: depth, entry: entry, recorder)
  }

  /// Walks the chain and hashes it.
  @usableFromInline @inline(never)
  static func captureByWalk(
    frame: UInt, depth: UInt64, entry: UnsafeMutablePointer<audit_chain>, _ recorder: borrowing ThreadRecorder
  ) -> UInt32 {
    if depth > StressDelay.depthMask {
      StressDelay.wait(recorder)
      return captureDelayed(frame: frame, recorder)
    }
    let low = recorder.stackLow.load(ordering: .relaxed)
    let high = recorder.stackHigh.load(ordering: .relaxed)
    // A frame outside the thread's stack (a signal stack, a fiber): its chain has no bound that is known.
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
    case .hidesFrames: return captureUnwound(caller: audit_return_address(frame), frame: frame, recorder)
    case .absent: return ForkGate.inside { captureNew(frame: frame, hash: hash, recorder) }
    }
  }

  /// The first sight of a stack: libunwind's trace is what is kept.
  private static func captureNew(frame: UInt, hash: UInt64, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    let depth = recorder.walkDepth
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: StackTable.maximumDepth) { chain in
      var end: Int32 = 0
      let count = audit_copy_frames(
        frame, recorder.stackHigh.load(ordering: .relaxed), chain.baseAddress!, UInt32(depth), &end)
      let chain = UnsafeBufferPointer(rebasing: chain[..<Int(count)])
      if depth == 1 { return recorder.stacks.insert(hash, chain, hidesFrames: false) }
      guard let trace = unwind(caller: UInt(chain[0]), depth: Int(depth), recorder) else {
        // libunwind does not know the caller: the chain is the better trace.
        return recorder.stacks.insert(hash, chain, hidesFrames: false)
      }
      let isWhole = chainIsWhole(chain, end: end, trace: trace)
      let id = recorder.stacks.insert(hash, AsyncCallers.appended(to: trace, frame, recorder), hidesFrames: !isWhole)
      return isWhole || id == 0 ? id : captureTrace(caller: UInt(chain[0]), frame: frame, recorder)
    }
  }

  /// Whether the chain shows every frame that libunwind shows, up to where one of them was cut off.
  private static func chainIsWhole(
    _ chain: UnsafeBufferPointer<UInt64>, end: Int32, trace: UnsafeBufferPointer<UInt64>
  ) -> Bool {
    guard zip(chain, trace).allSatisfy({ $0 == $1 }) else { return false }
    switch end {
    case AUDIT_CHAIN_TRUNCATED: return trace.count >= chain.count
    // Below the C library's end mark libunwind finds the start-up code: _start, clone3 and what calls main.
    case AUDIT_CHAIN_REACHED_BASE: return trace.count >= chain.count && trace.count <= chain.count + 3
    default: return false
    }
  }

  /// Unwinds for real, each time: the stack's chain hides frames.
  @inline(never)
  static func captureUnwound(caller: UInt, frame: UInt?, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    ForkGate.inside { captureTrace(caller: caller, frame: frame, recorder) }
  }

  private static func captureTrace(caller: UInt, frame: UInt?, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    let depth = recorder.walkDepth
    guard let trace = unwind(caller: caller, depth: Int(depth), recorder) else {
      recorder.stacks.countLost()
      return 0
    }
    // Another seed than the chain's hashes, which begin with 0: both kinds live in one table.
    var hash: UInt64 = 0x5851_F42D_4C95_7F2D
    for address in trace { hash = hash &* AUDIT_HASH_MULTIPLIER &+ address }
    if case .found(let id) = recorder.stacks.lookUp(hash) { return id }
    let whole = frame.map { AsyncCallers.appended(to: trace, $0, recorder) } ?? trace
    return recorder.stacks.insert(hash, whole, hidesFrames: false)
  }

  /// The stack of an access that was delayed: no chain is remembered, so that the next one comes here too.
  private static func captureDelayed(frame: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    let depth = recorder.walkDepth
    if depth == 0 { return 0 }
    let high = recorder.stackHigh.load(ordering: .relaxed)
    if frame < recorder.stackLow.load(ordering: .relaxed) || frame >= high {
      return captureForeign(frame: frame, recorder)
    }
    let hash = audit_hash_frames(frame, high, depth)
    let found = recorder.stacks.find(hash)
    return found != 0 ? found : captureSlowly(frame: frame, hash: hash, depth: depth, entry: nil, recorder)
  }

  /// A frame outside the thread's own stack: only libunwind may walk it.
  @usableFromInline @inline(never)
  static func captureForeign(frame: UInt, _ recorder: borrowing ThreadRecorder) -> UInt32 {
    captureUnwound(caller: audit_return_address(frame), frame: nil, recorder)
  }

  /// libunwind's trace from the access on, in the recorder's scratch memory; `nil` when it does not contain `caller`.
  private static func unwind(
    caller: UInt, depth: Int, _ recorder: borrowing ThreadRecorder
  ) -> UnsafeBufferPointer<UInt64>? {
    let count = Int(audit_unwind(recorder.scratch, Int32(depth + ownFrames)))
    guard count > 0 else { return nil }
    let all = UnsafeBufferPointer(start: recorder.scratch, count: count)
    guard let first = all.prefix(ownFrames).firstIndex(of: UInt64(caller)) else { return nil }
    let last = min(all.count, first + depth)
    // A trace ends with a null return address where libunwind met the outermost frame.
    let end = all[first..<last].firstIndex(of: 0) ?? last
    return UnsafeBufferPointer(rebasing: all[first..<end])
  }
}
