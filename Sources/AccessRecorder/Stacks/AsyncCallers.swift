// SPDX-License-Identifier: Apache-2.0
//
// The functions that await the running one: they are not on the thread's stack. Looked up when a
// stack is new and when a violation is seen; nothing here allocates, except `current`.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import CAccessRecorder
internal import Synchronization

/// Resume points of awaiting callers, kept behind the return addresses of a stack and told from
/// them by a mark.
package enum AsyncCallers {
  /// Callers kept at most.
  package static let limit = 24
  /// The trace with the awaiting callers of the function above `frame` behind it. The trace lies in
  /// the recorder's scratch memory, which has room for them.
  ///
  /// Stacks are told apart by their return addresses alone, so what is appended is what awaited the
  /// stack when it was seen first.
  static func appended(
    to trace: RawTrace, _ frame: UInt, _ recorder: borrowing ThreadRecorder
  ) -> RawTrace {
    let low = recorder.stackLow.load(ordering: .relaxed)
    let high = recorder.stackHigh.load(ordering: .relaxed)
    guard frame >= low, frame < high else { return trace }
    let end = trace.addresses + trace.count
    let count = Int(audit_async_callers(frame, high, end, Int32(limit)))
    var index = 0
    while index < count {
      end[index] |= ResumePoint.mark
      index &+= 1
    }
    return RawTrace(trace.addresses, count: trace.count + count)
  }

  /// The awaiting callers of the function that runs on the calling thread, marked; empty outside
  /// tasks.
  @inline(never)
  package static func current() -> [UInt64] {
    var low: UInt = 0
    var high: UInt = 0
    let frame = audit_frame_address()
    guard audit_stack_bounds(&low, &high), frame >= low, frame < high else { return [] }
    return [UInt64](unsafeUninitializedCapacity: limit) { buffer, count in
      count = Int(audit_async_callers(frame, high, buffer.baseAddress!, Int32(limit)))
      for index in 0..<count { buffer[index] |= ResumePoint.mark }
    }
  }
}

#endif
