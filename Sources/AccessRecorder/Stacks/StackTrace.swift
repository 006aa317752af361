// SPDX-License-Identifier: Apache-2.0
//
// The trace of a stack as libunwind has it. Nothing here allocates, except `array`; the loader's
// lock is taken only where walks are not possible (see audit_unwind.h).

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder

/// A trace somewhere in memory. Not a buffer pointer: an unoptimised build works on that by generic
/// code of the library's.
package struct RawTrace {
  package let addresses: UnsafeMutablePointer<UInt64>
  package let count: Int

  package init(_ addresses: UnsafeMutablePointer<UInt64>, count: Int) {
    self.addresses = addresses
    self.count = count
  }
}

/// Return addresses from a frame outwards.
package enum StackTrace {
  /// Frames of this package that a trace of libunwind's alone can have before the one that made the
  /// access.
  static let ownFrames = 32
  /// Addresses that a recorder has room for: a trace, and the awaiting callers behind it.
  static var capacity: Int { StackTable.maximumDepth + ownFrames + AsyncCallers.limit }
  /// Addresses that a recorder has room for beside it: a chain of frames.
  static var chainCapacity: Int { StackTable.maximumDepth }

  /// Fills `addresses`, which has room for `ownFrames` more than `depth`; returns the trace in it,
  /// an empty one when libunwind does not know the caller. Bounds of 0 are unknown ones. What is
  /// read of the stack is noted in `memory`.
  static func fill(
    _ addresses: UnsafeMutablePointer<UInt64>, from frame: UInt, low: UInt, high: UInt, depth: Int,
    memory: UnsafeMutablePointer<audit_walk_memory>? = nil
  ) -> RawTrace {
    guard audit_can_walk() else {
      return fillByLibunwind(addresses, caller: audit_return_address(frame), depth: depth)
    }
    let known = audit_walk_known(addresses, frame, low, high, Int32(truncatingIfNeeded: depth), memory)
    if known >= 0 { return RawTrace(addresses, count: Int(known)) }
    var walk = audit_walk()
    audit_begin_walk(&walk, frame, low, high)
    walk.memory = memory
    var count: Int32 = 0
    // Each address is asked about once; another image may have come in its place meanwhile.
    var questions = 2 * depth
    while true {
      let state = audit_walk_on(&walk, addresses, &count, Int32(depth))
      if state == AUDIT_WALK_ENDED { return RawTrace(addresses, count: Int(count)) }
      // A child must not find libunwind's mutex held.
      ForkGate.enter()
      var isKnown = true
      if state == AUDIT_WALK_UNKNOWN {
        isKnown = audit_learn_frame(&walk)
      } else {
        audit_walk_with_libunwind(&walk, addresses, &count, Int32(depth))
      }
      ForkGate.leave()
      questions -= 1
      if state == AUDIT_WALK_UNUSUAL { return RawTrace(addresses, count: Int(count)) }
      // Without room for what libunwind says the chain is what there is.
      if !isKnown || questions == 0 { return RawTrace(addresses, count: 0) }
    }
  }

  /// Where there are no walks: libunwind's own, which finds the access among the frames of this
  /// package.
  private static func fillByLibunwind(
    _ addresses: UnsafeMutablePointer<UInt64>, caller: UInt, depth: Int
  ) -> RawTrace {
    ForkGate.enter()
    let count = Int(audit_unwind(addresses, Int32(depth + ownFrames)))
    ForkGate.leave()
    let own = count < ownFrames ? count : ownFrames
    var first = 0
    while first < own, addresses[first] != UInt64(caller) { first += 1 }
    if first >= own { return RawTrace(addresses, count: 0) }
    var end = first
    // A trace ends with a null return address where libunwind met the outermost frame.
    while end < count, end < first + depth, addresses[end] != 0 { end += 1 }
    return RawTrace(addresses + first, count: end - first)
  }

  /// The trace in an array: for looks at the unwinder itself.
  package static func array(from frame: UInt, low: UInt, high: UInt, depth: Int) -> [UInt64] {
    audit_prepare_walks()
    let addresses = UnsafeMutablePointer<UInt64>.allocate(capacity: depth + ownFrames)
    defer { addresses.deallocate() }
    let trace = fill(addresses, from: frame, low: low, high: high, depth: depth)
    return (0..<trace.count).map { trace.addresses[$0] }
  }
}

#endif
