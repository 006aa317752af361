// SPDX-License-Identifier: Apache-2.0
//
// The lines of a report that put numbers into words; every renderer uses the same. Formats what the
// model holds; looks nothing up.

#if REPORTS && canImport(Glibc)

/// Sentences about a violation.
package enum Sentences {
  /// How the accesses lay in time, and how often they were seen.
  package static func overlap(_ overlap: Violation.Overlap, timesSeen: UInt64) -> String {
    var parts: [String] = []
    if let least = overlap.atLeastNanoseconds {
      parts.append("for at least \(duration(least)), not over when this was written")
    } else if let most = overlap.atMostNanoseconds {
      parts.append("for at most \(duration(most))")
    }
    if let age = overlap.conflictingAgeMilliseconds {
      parts.append("the other access began \(age) to \(age + 10) ms before")
    }
    switch overlap.accessesBetween {
    case 0?: parts.append("no access came between the two")
    case 1?: parts.append("1 access came between the two")
    case let count?: parts.append("\(grouped(count)) accesses came between the two")
    case nil: break
    }
    parts.append("this pair was seen \(timesSeen == 1 ? "once" : "\(timesSeen) times")")
    return "Overlap: \(parts.joined(separator: "; "))"
  }

  package static func traffic(_ traffic: Violation.Traffic) -> String {
    let threads = traffic.threads >= 64 ? "64 or more" : String(traffic.threads)
    return "Traffic: \(traffic.isLowerBound ? "at least " : "")\(counted(traffic.reads, "read")) and "
      + "\(counted(traffic.writes, "write")) by \(threads) thread\(traffic.threads == 1 ? "" : "s") "
      + (traffic.lifetimeMilliseconds <= 0
        ? "in less than 10 ms" : "in \(duration(UInt64(traffic.lifetimeMilliseconds) * 1_000_000))")
  }

  /// A length of time with three digits or fewer before its unit.
  package static func duration(_ nanoseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")]
    guard let (size, unit) = units.first(where: { nanoseconds >= $0.0 }) else { return "\(nanoseconds) ns" }
    let tenths = nanoseconds / (size / 10)
    return "\(grouped(Int(tenths / 10)))\(tenths % 10 == 0 ? "" : ".\(tenths % 10)") \(unit)"
  }

  private static func counted(_ number: UInt64, _ noun: String) -> String {
    "\(grouped(Int(clamping: number))) \(noun)\(number == 1 ? "" : "s")"
  }

  /// The number in groups of three digits.
  package static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    var position = digits.count - 3
    while position > 0, digits[position - 1] != "-" {
      digits.insert(" ", at: position)
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
