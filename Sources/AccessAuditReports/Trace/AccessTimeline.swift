// SPDX-License-Identifier: Apache-2.0
//
// The accesses of a violation in their order, oldest first: what the pictures are drawn from. Pure.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms

/// A violation's accesses as columns: one for each, in the order they were recorded. Ages are known
/// to a tick of 10 ms, so the order says more than a scale of time would.
struct AccessTimeline {
  struct Bar {
    var thread: Violation.ThreadDescription?
    var writing: Bool
    var operation: AccessOperation?
    /// The column it begins in.
    var start: Int
    /// The column after the last one it covers.
    var end: Int
    var role: Violation.Role?
    /// `nil` of an access that is not in the history.
    var ageMilliseconds: Int?
    var frame: Violation.Frame?
  }

  private(set) var bars: [Bar] = []
  private(set) var columns = 0
  /// The columns in which both accesses were in progress.
  private(set) var overlap: Range<Int> = 0..<0

  init(_ violation: Violation) {
    for entry in violation.history.reversed() {
      add(
        Bar(
          thread: entry.thread, writing: entry.writing, operation: entry.operation, start: 0, end: 0, role: entry.role,
          ageMilliseconds: entry.ageMilliseconds, frame: entry.frame))
    }
    // A party that the history does not show comes last, the one that saw the other after it.
    for access in violation.accesses.reversed() where !bars.contains(where: { $0.role == access.role }) {
      add(
        Bar(
          thread: access.thread, writing: access.writing, operation: access.operation, start: 0, end: 0,
          role: access.role, ageMilliseconds: nil, frame: access.location))
    }
    // Room behind the last begin: there the two overlap.
    columns += 2
    for index in bars.indices {
      guard let access = violation.accesses.first(where: { $0.role == bars[index].role }) else { continue }
      bars[index].end = access.inProgress ? columns : columns - 1
      bars[index].thread = access.thread
    }
    let parties = bars.filter { $0.role != nil }
    let start = parties.map(\.start).max() ?? 0
    overlap = start..<max(start, parties.map(\.end).min() ?? start)
  }

  private mutating func add(_ bar: Bar) {
    var bar = bar
    bar.start = columns
    bar.end = columns + 1
    bars.append(bar)
    columns += 1
  }

  /// The threads in the order they first appear.
  var threads: [Violation.ThreadDescription?] {
    var seen: [Int32?] = []
    return bars.compactMap { bar -> Violation.ThreadDescription?? in
      guard !seen.contains(bar.thread?.id) else { return nil }
      seen.append(bar.thread?.id)
      return .some(bar.thread)
    }
  }
}

#endif
