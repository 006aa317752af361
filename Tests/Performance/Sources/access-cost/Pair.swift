// SPDX-License-Identifier: Apache-2.0
//
// One cell: the same loop on the plain and on the audited dictionary, one right after the other,
// each first in turn.

import LoopInterface

/// The loops of one key type on both dictionaries.
struct Subjects {
  let key: String
  let plain: LoopSet
  let audited: LoopSet
}

/// Measures one cell, a round at a time.
final class Pair {
  private(set) var sample: Sample
  private let subjects: Subjects
  private let operation: LoopOperation
  private let depth: Depth
  private var count = 0

  init(_ subjects: Subjects, _ operation: LoopOperation, _ depth: Depth, subject: String) {
    self.subjects = subjects
    self.operation = operation
    self.depth = depth
    sample = Sample(
      build: Build.name, subject: subject, operation: operation.rawValue, key: subjects.key, depth: depth.frames,
      threads: 1)
  }

  /// The number of operations for which the plain dictionary needs about that time.
  static func calibrate(_ nanoseconds: Double, _ body: (Int) -> Timing) -> Int {
    var count = LoopSet.keyCount
    while true {
      let duration = body(count)
      if Double(duration.nanoseconds) > nanoseconds / 4 || count > 1 << 24 {
        return max(LoopSet.keyCount, Int(Double(count) * nanoseconds / Double(max(duration.nanoseconds, 1))))
      }
      count *= 2
    }
  }

  /// Measures both, or the plain one alone.
  @inline(always)
  func measure(round: Int, nanoseconds: Double, plainOnly: Bool) {
    if count == 0 {
      count = Self.calibrate(nanoseconds) { depth.run(subjects.plain, operation, $0) }
      if !plainOnly { _ = depth.run(subjects.audited, operation, LoopSet.keyCount) }
    }
    for isAudited in round % 2 == 0 ? [false, true] : [true, false] where !(isAudited && plainOnly) {
      let duration = depth.run(isAudited ? subjects.audited : subjects.plain, operation, count)
      let each = Double(duration.nanoseconds) / Double(duration.operations)
      if isAudited { sample.nanoseconds.append(each) } else { sample.plain.append(each) }
    }
  }
}
