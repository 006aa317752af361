// SPDX-License-Identifier: Apache-2.0
//
// Which numbers a report may hold. Files are written by anybody: what reads them adds, subtracts
// and multiplies afterwards, and a line of 2^63 must be an error of the file, not a trap. Pure.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms

enum PlausibleNumbers {
  /// Lines, columns, counts of things that fit into memory.
  private static let count = -(1 << 40)...(1 << 40)
  /// 35 years in milliseconds.
  private static let milliseconds = -(1 << 40)...(1 << 40)
  /// 146 years.
  private static let nanoseconds: UInt64 = 1 << 62

  /// The name of the first number that is out of all proportion; `nil` when there is none.
  static func firstImplausible(in violation: Violation) -> String? {
    let stacks = violation.accesses.map(\.stack) + [violation.container.created?.stack ?? []]
    let frames = stacks.joined() + violation.history.compactMap(\.frame)
    if frames.contains(where: { !isCount($0.line) || !isCount($0.column) }) { return "line" }
    for excerpt in violation.accesses.compactMap(\.excerpt) where !isPlausible(excerpt) { return "excerpt" }
    if !isCount(violation.container.count) { return "container.count" }
    if violation.history.contains(where: { !milliseconds.contains($0.ageMilliseconds) }) { return "ageMilliseconds" }
    if let overlap = violation.overlap, !isPlausible(overlap) { return "overlap" }
    if let traffic = violation.traffic, !isPlausible(traffic) { return "traffic" }
    return nil
  }

  private static func isCount(_ number: Int?) -> Bool { number.map(count.contains) ?? true }

  private static func isPlausible(_ excerpt: Violation.SourceExcerpt) -> Bool {
    count.contains(excerpt.firstLine) && count.contains(excerpt.line) && isCount(excerpt.column)
  }

  private static func isPlausible(_ overlap: Violation.Overlap) -> Bool {
    let durations = [overlap.atLeastNanoseconds, overlap.atMostNanoseconds].compactMap(\.self)
    return durations.allSatisfy { $0 < nanoseconds } && isCount(overlap.accessesBetween)
      && (overlap.conflictingAgeMilliseconds.map(milliseconds.contains) ?? true)
  }

  private static func isPlausible(_ traffic: Violation.Traffic) -> Bool {
    count.contains(traffic.threads) && milliseconds.contains(traffic.lifetimeMilliseconds)
      && traffic.reads < 1 << 62 && traffic.writes < 1 << 62
  }
}

#endif
