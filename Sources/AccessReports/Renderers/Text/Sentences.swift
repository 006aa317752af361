// SPDX-License-Identifier: Apache-2.0
//
// The lines of a report that put numbers into words; every renderer uses the same. Formats what the
// model holds; looks nothing up.

#if REPORTS && canImport(Glibc)

/// Sentences about a violation.
package enum Sentences {
  /// A longer bound says when the report was begun, and nothing of the overlap.
  private static let longestUpperBound: UInt64 = 100_000_000

  /// How the accesses lay in time, and how often they were seen; `nil` when nothing of it is known.
  package static func overlap(
    _ overlap: Violation.Overlap, timesSeen: UInt64, traffic: Violation.Traffic? = nil
  ) -> String? {
    var parts: [String] = []
    if let least = overlap.atLeastNanoseconds {
      parts.append("for at least \(duration(least)), not over when this was written")
    } else if let most = overlap.atMostNanoseconds, most <= upperBoundWorthSaying(traffic) {
      parts.append("for at most \(duration(most))")
    }
    if let age = overlap.conflictingAgeMilliseconds {
      parts.append("the other access began \(age > 0 ? "\(age) to \(age + 10)" : "less than 10") ms before")
    }
    switch overlap.accessesBetween {
    case 0?: parts.append("no access came between the two")
    case 1?: parts.append("1 access came between the two")
    case let count?: parts.append("\(grouped(count)) accesses came between the two")
    case nil: break
    }
    if timesSeen > 0 { parts.append("this pair was seen \(times(timesSeen))") }
    return parts.isEmpty ? nil : "Overlap: \(parts.joined(separator: "; "))"
  }

  /// An overlap is no longer than the collection was in use.
  private static func upperBoundWorthSaying(_ traffic: Violation.Traffic?) -> UInt64 {
    guard let traffic, traffic.lifetimeMilliseconds >= 0, traffic.lifetimeMilliseconds < 100 else {
      return longestUpperBound
    }
    return min(longestUpperBound, UInt64(traffic.lifetimeMilliseconds + 20) * 1_000_000)
  }

  /// `nil` when no access was counted.
  package static func traffic(_ traffic: Violation.Traffic) -> String? {
    let threads = traffic.threads >= 64 ? "64 or more" : String(traffic.threads)
    var counts = [counted(traffic.reads, "read"), counted(traffic.writes, "write")]
    if traffic.isLowerBound {
      // Of what was lost nothing is known: a lower bound of 0 is no information.
      counts = [(traffic.reads, counts[0]), (traffic.writes, counts[1])].filter { $0.0 > 0 }.map { "at least \($0.1)" }
      if counts.count == 2 { counts[1] = String(counts[1].dropFirst("at least ".count)) }
      if counts.isEmpty { return nil }
    }
    let time = traffic.lifetimeMilliseconds <= 0 ? "10 ms" : duration(UInt64(traffic.lifetimeMilliseconds) * 1_000_000)
    return "Traffic: \(counts.joined(separator: " and ")) begun within \(time); \(threads) "
      + (traffic.threads == 1 ? "thread touched it" : "threads touched it, the one that created it included")
  }

  /// What is missing from what was recorded.
  package static func losses(_ losses: Violation.Losses) -> String {
    let counts = [(losses.records, "record"), (losses.stacks, "stack"), (losses.violations, "violation")]
    let parts = counts.filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
    var text = "Lost: \(parts.isEmpty ? "nothing" : parts.joined(separator: ", "))"
    if losses.unrecorded > 0 {
      text +=
        "; \(counted(losses.unrecorded, "access", plural: "accesses")) checked but not counted, while the history "
        + "of a violation was copied"
    }
    if losses.waits > 0 { text += "; \(counted(losses.waits, "wait")) for another access given up after wait_ms" }
    return text
  }

  /// The age of an access, at a tick of 10 ms; of a run of them that of the newest and the oldest.
  package static func ages(_ run: HistoryRuns.Run) -> String {
    let (newest, oldest) = (run.newest.ageMilliseconds, run.oldestAgeMilliseconds)
    guard run.count > 1 && oldest > newest else { return age(newest) }
    return newest == 0 ? "up to \(oldest) ms" : "\(newest) to \(oldest) ms"
  }

  /// The same tick says no more than that.
  package static func age(_ milliseconds: Int) -> String {
    milliseconds <= 0 ? "less than 10 ms" : "\(grouped(milliseconds)) ms"
  }

  /// A length of time with three digits or fewer before its unit.
  package static func duration(_ nanoseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")]
    guard let (size, unit) = units.first(where: { nanoseconds >= $0.0 }) else { return "\(nanoseconds) ns" }
    let tenths = nanoseconds / (size / 10)
    return "\(grouped(Int(tenths / 10)))\(tenths % 10 == 0 ? "" : ".\(tenths % 10)") \(unit)"
  }

  /// `1 read`, or `1,234 reads`.
  package static func counted(_ number: UInt64, _ noun: String, plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
  }

  /// `once`, or `1,234 times`.
  package static func times(_ number: UInt64) -> String { number == 1 ? "once" : "\(grouped(number)) times" }

  /// `1,234,567`.
  package static func grouped(_ number: some BinaryInteger) -> String {
    var digits = Array(String(number))
    var position = digits.count - 3
    while position > 0, digits[position - 1] != "-" {
      digits.insert(",", at: position)
      position -= 3
    }
    return String(digits)
  }
}

/// The history with runs of the same access drawn together.
package enum HistoryRuns {
  package struct Run {
    package var newest: Violation.HistoryEntry
    package var oldestAgeMilliseconds: Int
    package var count: Int
  }

  /// Neighbours with one thread, operation and place make a run; the two accesses of the violation
  /// stand alone.
  package static func of(_ history: [Violation.HistoryEntry]) -> [Run] {
    var runs: [Run] = []
    for entry in history {
      if let last = runs.last, isSame(last.newest, entry) {
        runs[runs.count - 1].count += 1
        runs[runs.count - 1].oldestAgeMilliseconds = entry.ageMilliseconds
      } else {
        runs.append(Run(newest: entry, oldestAgeMilliseconds: entry.ageMilliseconds, count: 1))
      }
    }
    return runs
  }

  private static func isSame(_ left: Violation.HistoryEntry, _ right: Violation.HistoryEntry) -> Bool {
    left.role == nil && right.role == nil && left.thread == right.thread && left.operation == right.operation
      && left.writing == right.writing && left.frame == right.frame
  }
}

#endif
