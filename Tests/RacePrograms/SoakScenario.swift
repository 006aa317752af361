// SPDX-License-Identifier: Apache-2.0
//
// Millions of accesses to short-lived dictionaries, and the results: memory, the detector's pace,
// the account of all records.

import AuditedCollections
import Foundation
import Synchronization

enum SoakScenario {
  private static let writes = 250
  private static let reads = 749

  /// Two threads make audited accesses as fast as they can. Prints the resident memory after each
  /// tenth, the longest pause of the detector, and whether every access was counted, or counted as
  /// lost.
  static func run() {
    let accesses = ProcessInfo.processInfo.environment["RACE_ACCESSES"].flatMap(Int.init) ?? 10_000_000
    let dictionaries = max(20, accesses / (reads + writes + 1))
    let isDone = Gate()
    let watch = DetectorWatch()
    let watcher = Thread { watch.run(until: isDone) }
    watcher.start()
    for tenth in 1...10 {
      onThreads(2) { worker in
        for _ in 0..<dictionaries / 20 { useOne(worker) }
      }
      let begin = ContinuousClock.now
      AccessAudit.flush()
      let milliseconds = (ContinuousClock.now - begin) / .milliseconds(1)
      let resident = LifeCycleScenarios.residentKilobytes()
      print("tenth \(tenth) resident \(resident) kB, flushed in \(rounded(milliseconds)) ms")
    }
    isDone.open()
    watch.waitUntilEnded()
    let totals = AccessAudit.totals()
    let made = UInt64(dictionaries / 20 * 20)
    let counted = totals.reads + totals.writes + totals.recordsLost
    // Creations and destructions are records too, but count only when they are lost.
    let range = made * UInt64(reads + writes)...made * UInt64(reads + writes + 2)
    print(
      "accesses \(made * UInt64(reads + writes)) counted \(totals.reads + totals.writes) lost \(totals.recordsLost) account",
      range.contains(counted) ? "balanced" : "wrong")
    print("detector away for \(rounded(watch.longestMilliseconds)) ms at most")
  }

  private static func useOne(_ worker: Int) {
    var dictionary: AuditedDictionary<Int, Int> = [:]
    for i in 0..<writes { dictionary[i % 32] = i &+ worker }
    var sum = 0
    for i in 0..<reads - 1 { sum &+= dictionary[i % 32]! }
    precondition(sum > 0 && dictionary.count == 32)
  }

  private static func rounded(_ milliseconds: Double) -> String { String(format: "%.1f", milliseconds) }
}

/// Checks every other millisecond the time since the detector's last round. A detector that misses
/// a wake-up, or waits for something, shows a long pause.
private final class DetectorWatch: Sendable {
  private let longest = Atomic<UInt64>(0)
  private let ended = Gate()

  var longestMilliseconds: Double { Double(longest.load(ordering: .acquiring)) / 1_000 }

  func run(until isDone: Gate) {
    while !isDone.isOpen {
      let microseconds = UInt64(AccessAudit.totals().detectorLagSeconds * 1e6)
      longest.max(microseconds, ordering: .acquiringAndReleasing)
      usleep(2_000)
    }
    ended.open()
  }

  func waitUntilEnded() { ended.wait() }
}
