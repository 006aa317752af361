// SPDX-License-Identifier: Apache-2.0
//
// The self-check: whether what the audit rests on is there. Runs when asked, on the asking thread;
// changes nothing.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
public import AccessReports
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

/// What ``AccessAudit/diagnostics()`` found.
public struct AuditDiagnostics: Sendable, Hashable, CustomStringConvertible {
  /// Whether this build audits at all: a debug build, or a release build with the trait
  /// `AuditInRelease`.
  public var isCompiledIn: Bool
  public var isEnabled: Bool
  /// Whether the calling function's chain of frame pointers shows what libunwind shows. Without
  /// frame pointers (`swiftc -O` without `-fno-omit-frame-pointer`) each access is unwound for
  /// real, which costs microseconds.
  public var hasFramePointers: Bool
  /// Whether libunwind finds the calling function.
  public var unwinderWorks: Bool
  /// Whether the detector has finished a round within the last second; `nil` while it has not been
  /// needed.
  public var detectorIsAlive: Bool?
  /// Distinct stacks in the stack table, of 65 536.
  public var stacksInTable: Int
  /// Accesses whose stack was kept in part, because the table was nearly full: the innermost
  /// frames, or the caller.
  public var stacksShortened: UInt64
  /// Threads that have a recorder, those that have ended included.
  public var recorders: Int
  /// Threads that could not be given one, because 65 533 are in use or there was no memory: their
  /// accesses are not audited.
  public var threadsRefused: UInt64
  /// Accesses that found their collection gone while no record said that another thread had dropped
  /// it: not reported.
  public var unexplained: UInt64
  /// Barriers that the kernel refused to run, because a sandbox was put up after the start:
  /// collections that two threads write cost more, and are audited all the same.
  public var barriersRefused: UInt64
  /// What was lost so far.
  public var losses: Violation.Losses
  /// Reports and messages that could not be written whole, because nobody read the stream for
  /// seconds.
  public var textsCutOff: UInt64 = 0
  /// Accesses that hunting held open, and the milliseconds in which one at least was.
  public var holds: UInt64 = 0
  public var heldMilliseconds: UInt64 = 0

  public var description: String {
    func word(_ value: Bool?) -> String { value.map { $0 ? "yes" : "no" } ?? "not started" }
    return """
      AccessAudit: compiled in: \(word(isCompiledIn)), enabled: \(word(isEnabled))
      frame pointers: \(word(hasFramePointers)), unwinder: \(word(unwinderWorks)), detector: \(word(detectorIsAlive))
      stacks: \(stacksInTable), shortened: \(stacksShortened), recorders: \(recorders), threads refused: \(threadsRefused)
      unexplained: \(unexplained), barriers refused: \(barriersRefused)
      lost: \(losses.records) records, \(losses.stacks) stacks, \(losses.unrecorded) unrecorded, \
      \(losses.violations) violations, \(losses.waits) waits, \(textsCutOff) texts cut off
      hunt: \(holds) holds, \(heldMilliseconds) ms
      """
  }
}

package enum SelfCheck {
  /// - Blocking: 3 µs for each frame that libunwind has not been asked about.
  @inline(never)
  package static func run(frame: UInt) -> AuditDiagnostics {
    let (hasFramePointers, unwinderWorks) = compareStacks(frame: frame)
    let stacks = ThreadRegistry.stacks
    return AuditDiagnostics(
      isCompiledIn: audit_is_compiled_in(), isEnabled: audit_mode() != AUDIT_MODE_OFF,
      hasFramePointers: hasFramePointers,
      unwinderWorks: unwinderWorks, detectorIsAlive: Detector.isAlive,
      stacksInTable: stacks?.counters.pointee.entriesUsed.load(ordering: .relaxed) ?? 0,
      stacksShortened: ThreadRegistry.stacksShortened, recorders: ThreadRegistry.recorderCount,
      threadsRefused: ThreadRegistry.threadsRefused.load(ordering: .relaxed),
      unexplained: Conflicts.unexplained.load(ordering: .relaxed),
      barriersRefused: WriterBias.barriersRefused.load(ordering: .relaxed),
      losses: Losses.current(recordsLost: StatisticsTable.recordsLost), textsCutOff: BoundedOutput.lost,
      holds: Hunt.holds.load(ordering: .relaxed), heldMilliseconds: Hunt.heldNanoseconds / 1_000_000)
  }

  private static func compareStacks(frame: UInt) -> (hasFramePointers: Bool, unwinderWorks: Bool) {
    var low: UInt = 0
    var high: UInt = 0
    guard audit_stack_bounds(&low, &high), (low..<high).contains(frame) else { return (false, false) }
    let depth = 8
    let chain = [UInt64](unsafeUninitializedCapacity: depth) { buffer, count in
      var end: Int32 = 0
      count = Int(audit_copy_frames(frame, high, buffer.baseAddress!, UInt32(depth), &end))
    }
    let trace = StackTrace.array(from: frame, low: low, high: high, depth: depth)
    // Code that is not ours may hide frames further out; the caller and its caller tell how the
    // program was built.
    return (chain.count >= 2 && Array(trace.prefix(2)) == Array(chain.prefix(2)), trace.first == chain.first)
  }
}

#endif
