// SPDX-License-Identifier: Apache-2.0
//
// Suspects: pairs of call sites that came near each other and were neither seen to overlap nor found to be ordered. Asked
// for, never reported; made on the asking thread.

internal import AccessRecorder
internal import CAccessRecorder

/// Two call sites that touched one collection on two threads, one of them writing, within a tenth of a second.
///
/// This is no violation: that nothing kept the two apart was not seen. A lock that was never contended looks the same. It says
/// where to look, or where to hunt again.
public struct Suspect: Sendable, Hashable, Codable {
  /// One of the two sites.
  public struct Access: Sendable, Hashable, Codable {
    public var operation: AccessOperation
    public var writing: Bool
    /// The function that made the access, those inlined into it first.
    public var frames: [Violation.Frame]
  }

  /// The two; twice the same site where two threads came near each other in it.
  public var accesses: [Access]
  /// The largest time between the two that was seen, in milliseconds.
  public var gapMilliseconds: Double
  /// How often they came near each other.
  public var timesNear: UInt64
  /// How often one was held open for the other, in vain.
  public var holds: UInt64
}

extension AccessAudit {
  /// The pairs of call sites that hunting holds for possible races and has not decided, the ones nearest to each other first.
  ///
  /// Empty while `hunt` is off. Suspects are no violations, and change no exit status.
  ///
  /// - Blocking: looks names up, which takes milliseconds in a large program.
  public static func suspects() -> [Suspect] {
    let pairs = Hunt.pairs.filter { $0.state == .open && $0.times > 0 }.sorted { $0.gapNanoseconds < $1.gapNanoseconds }
    guard !pairs.isEmpty else { return [] }
    let symbolicator = Symbolicator()
    symbolicator.learn(pairs.flatMap { [$0.one.address, $0.other.address] })
    return pairs.map { pair in
      Suspect(
        accesses: [pair.one, pair.other].map { site in
          Suspect.Access(
            operation: site.operation, writing: site.isWriting, frames: symbolicator.frames([site.address]))
        }, gapMilliseconds: Double(pair.gapNanoseconds) / 1e6, timesNear: pair.times, holds: pair.holds)
    }
  }
}
