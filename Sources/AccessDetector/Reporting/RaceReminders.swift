// SPDX-License-Identifier: Apache-2.0
//
// Lines that say now and then that reported races go on. Values in, a line out; the detector asks
// once a round.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports

/// When to say again that a race is seen, and how often it was.
struct RaceReminders {
  /// The time from a report to the first line, which doubles from line to line up to the longest.
  static let firstIntervalMilliseconds = 60_000
  static let longestIntervalMilliseconds = 3_600_000

  private var interval = RaceReminders.firstIntervalMilliseconds
  private var due = Moment.never
  private var totalSaid: UInt64 = 0

  /// A report was written: the next line is for what comes after it.
  mutating func noteReport(total: UInt64, now: Moment) {
    totalSaid = max(totalSaid, total)
    interval = Self.firstIntervalMilliseconds
    due = now.advanced(byMilliseconds: interval)
  }

  /// The line that is due; `nil` when none is, or nothing was seen since the last one.
  ///
  /// - Parameter counts: The races with how often each was seen, the most frequent first.
  mutating func line(total: UInt64, now: Moment, counts: () -> [(summary: String, times: UInt64)]) -> String? {
    guard due != .never, total > totalSaid, now >= due else { return nil }
    let counts = counts()
    let seen = total - totalSaid
    totalSaid = total
    interval = min(interval * 2, Self.longestIntervalMilliseconds)
    due = now.advanced(byMilliseconds: interval)
    guard let first = counts.first else { return nil }
    let others = counts.count > 1 ? "; \(counts.count) races, most often " : "; "
    return "AccessAudit: seen again, \(Sentences.times(seen))\(others)\(first.summary), "
      + "\(Sentences.times(first.times)) so far"
  }
}

/// How often races were seen, in words.
enum RaceCounts {
  /// Races named at the end of the process; more are counted.
  private static let limit = 20

  /// The lines for the end of the process, where there are several races.
  static func lines(_ counts: [(summary: String, times: UInt64)]) -> [String] {
    guard counts.count > 1 else { return [] }
    var lines = counts.prefix(limit).map { "AccessAudit: seen \(Sentences.times($0.times)): \($0.summary)" }
    if counts.count > limit { lines.append("AccessAudit: and \(counts.count - limit) more races") }
    return lines
  }
}

#endif
