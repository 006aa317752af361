// SPDX-License-Identifier: Apache-2.0
//
// Decides from forks, joins and loops whether two moments of one body can coincide. Guards are not
// considered here.

#if Scanner

/// A point of a body.
struct Moment {
  var order: Int
  var frames: [Int]
}

/// Fork and join order of one body.
struct BodyTiming {
  private let facts: BodyFacts

  init(_ facts: BodyFacts) { self.facts = facts }

  /// True when the two moments can overlap, for a variable declared at that order in those
  /// frames.
  ///
  /// - Complexity: O(*f*) in the nesting of frames and loops.
  func mayOverlap(_ first: Moment, _ second: Moment, declaredAt: Int, in declaredFrames: [Int]) -> Bool {
    let mine = Array(first.frames.dropFirst(commonCount(first.frames, declaredFrames)))
    let theirs = Array(second.frames.dropFirst(commonCount(second.frames, declaredFrames)))
    let common = commonCount(mine, theirs)
    // Two runs of one frame that share the variable.
    for id in mine.prefix(common) where isRepeated(id, declaredAt) { return true }
    let mineNext = common < mine.count ? facts.frames[mine[common]] : nil
    let theirsNext = common < theirs.count ? facts.frames[theirs[common]] : nil
    switch (mineNext, theirsNext) {
    case (nil, nil): return false
    case (let frame?, nil): return overlaps(frame, second.order, declaredAt)
    case (nil, let frame?): return overlaps(frame, first.order, declaredAt)
    case (let left?, let right?):
      let (earlier, later) = left.start <= right.start ? (left, right) : (right, left)
      if (earlier.joined ?? Int.max) > later.start { return true }
      // The earlier frame is joined before the later one starts, unless a loop around both starts
      // it again.
      return earlier.loops.contains { id in
        let loop = facts.loops[id]
        return later.loops.contains(id) && loop.start > declaredAt && (earlier.joined ?? Int.max) > loop.end
      }
    }
  }

  /// True for a frame that runs several times at once within the scope of a variable declared at
  /// that order.
  func isRepeated(_ id: Int, _ declaredAt: Int) -> Bool {
    let frame = facts.frames[id]
    if frame.isParallelLoop, frame.start > declaredAt { return true }
    return isUnjoinedInLoop(frame, declaredAt)
  }

  private func isUnjoinedInLoop(_ frame: ConcurrentFrame, _ declaredAt: Int) -> Bool {
    frame.loops.contains { id in
      let loop = facts.loops[id]
      return loop.start > declaredAt && (frame.joined ?? Int.max) > loop.end
    }
  }

  private func overlaps(_ frame: ConcurrentFrame, _ order: Int, _ declaredAt: Int) -> Bool {
    if order > frame.end { return (frame.joined ?? Int.max) > order }
    // The moment is before the fork, but a loop may have forked in an earlier iteration.
    return frame.loops.contains { id in
      let loop = facts.loops[id]
      return loop.start > declaredAt && order >= loop.start && (frame.joined ?? Int.max) > loop.end
    }
  }

  private func commonCount(_ left: [Int], _ right: [Int]) -> Int {
    var count = 0
    while count < left.count, count < right.count, left[count] == right[count] { count += 1 }
    return count
  }
}

#endif
