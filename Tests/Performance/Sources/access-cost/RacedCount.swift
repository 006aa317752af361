// SPDX-License-Identifier: Apache-2.0
//
// The word count of the examples, raced: the time from the overlapping access to the complete
// report.

import AuditedCollections
import CMeasurement
import Foundation
import LoopInterface
import Synchronization

enum RacedCount {
  /// One thread that counts; it stores the beginning of its latest access.
  private final class Counter: ThreadBody {
    let shared: Shared
    let words: [String]
    let gate: Gate
    let latest = Atomic<UInt64>(0)

    init(_ shared: Shared, _ words: [String], _ gate: Gate) {
      self.shared = shared
      self.words = words
      self.gate = gate
    }

    override func main() {
      gate.arrive()
      for word in words {
        latest.store(measurement_nanoseconds(), ordering: .relaxed)
        shared.counts[word, default: 0] += 1
      }
      latest.store(.max, ordering: .relaxed)
    }
  }

  private final class Shared {
    var counts = AuditedDictionary<String, Int>(label: "word counts")
  }

  /// Races until a report is made; the process ends with it. Prints the milliseconds as a JSON
  /// object.
  static func run(_ folder: URL) {
    AccessAudit.configure(AuditConfiguration(onViolation: .halt, exitCode: 66))
    let files = TextFiles.sources(folder, bytes: 300_000)
    let text = files.compactMap { try? String(contentsOf: $0, encoding: .utf8) }.joined(separator: " ")
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let (shared, gate) = (Shared(), Gate(4))
    nonisolated(unsafe) let counters = (0..<4).map { _ in Counter(shared, words, gate) }
    AccessAudit.onViolation { _ in
      // The thread that detected the overlap has been waiting in its access, so its latest access
      // began first.
      let now = measurement_nanoseconds()
      let began = counters.map { $0.latest.load(ordering: .relaxed) }.filter { $0 != 0 }.min() ?? now
      let milliseconds = Double(now - began) / 1e6
      print("{\"measure\":\"violation to report\",\"build\":\"\(Build.name)\",\"values\":[\(milliseconds)]}")
      fflush(nil)
    }
    let threads = counters.map { $0.start() }
    for thread in threads { pthread_join(thread, nil) }
    AccessAudit.flush()
  }
}
