// SPDX-License-Identifier: Apache-2.0
//
// Forks, ends, churn, exceptions, stops: the audit never hangs, never leaks, and never changes how
// a process ends.

import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct LifeCycleTests {
  @Test func forkedChild_audits() throws {
    let outcome = try Program.race.run(["fork-child-audits"], audit: "on_violation=report wait_ms=20000", seconds: 60)
    #expect(outcome.status == 0 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output.contains("child ended with 66 signal 0"), outcome.summary)
    #expect(outcome.errors.contains("fatal error: concurrent dictionary writes"), outcome.summary)
    #expect(outcome.errors.contains("'in the child'"), outcome.summary)
  }

  @Test func forkedChild_isQuietAndEnds() throws {
    let outcome = try Program.race.run(["fork-child-quiet"], audit: "1", seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    let ended = outcome.output.split(separator: "\n").filter { $0 == "child ended with 0 signal 0" }
    #expect(ended.count == 5, outcome.summary)
  }

  @Test(arguments: ["on_violation=report", "on_violation=shield"])
  func forkBesideAWrite_isSilent(_ audit: String) throws {
    let begin = Date()
    // Each access would wait that long for a thread that does not exist in the child.
    let outcome = try Program.race.run(["fork-beside-write"], audit: audit + " wait_ms=20000", seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    #expect(outcome.output.contains("child ended with 0"), outcome.summary)
    #expect(Date().timeIntervalSince(begin) < 15, outcome.summary)
  }

  @Test(arguments: ["fork-in-window", "fork-exec", "fork-while-unwinding"])
  func fork_isHarmless(_ scenario: String) throws {
    let outcome = try Program.race.run([scenario], audit: "1", seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
  }

  @Test(arguments: ["exit-while-writing", "underscore-exit-while-writing", "quick-exit-while-writing"])
  func end_isNotHeldUp(_ scenario: String) throws {
    for _ in 0..<10 {
      let begin = Date()
      let outcome = try Program.race.run([scenario], audit: "1", seconds: 60)
      #expect(outcome.status == 0 && outcome.signal == nil && outcome.errors.isEmpty, outcome.summary)
      #expect(Date().timeIntervalSince(begin) < 20, outcome.summary)
    }
  }

  @Test func threadChurn_leavesMemoryFlat() throws {
    let outcome = try Program.race.run(
      ["thread-churn"], audit: "1", seconds: 300, environment: ["RACE_THREADS": "20000"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    let numbers = outcome.output.split(separator: " ").compactMap { Int($0) }
    try #require(numbers.count >= 2, outcome.summary)
    #expect(numbers[1] < numbers[0] + 200_000, outcome.summary)
  }

  @Test func threadThatNeverLeaves_isNotWaitedForForEver() throws {
    let begin = Date()
    let outcome = try Program.race.run(["thread-ends-in-window"], audit: "on_violation=report wait_ms=50", seconds: 60)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.errors.contains("dictionary read and dictionary write"), outcome.summary)
    #expect(Date().timeIntervalSince(begin) < 20)
  }

  @Test func fatalError_staysWhatItIs() throws {
    let outcome = try Program.race.run(["fatal-error-in-window"], audit: "1")
    #expect(outcome.signal == 4 || outcome.signal == 5, outcome.summary)
    #expect(outcome.errors.contains("inside a window") && !outcome.errors.contains("AccessAudit"), outcome.summary)
  }

  @Test(arguments: [nil, "1"]) func cxxExceptions_work(_ audit: String?) throws {
    let outcome = try Program.race.run(["cxx-exceptions"], audit: audit)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
  }

  /// Stopped and continued inside windows: nothing times out into a report.
  @Test func stopAndContinue_isSilent() throws {
    let stopper = Thread {
      for _ in 0..<40 {
        usleep(50_000)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
          guard let pid = Int32(name), Self.isBusyScenario(pid) else { continue }
          kill(pid, SIGSTOP)
          usleep(30_000)
          kill(pid, SIGCONT)
        }
      }
    }
    stopper.start()
    let outcome = try Program.race.run(["busy"], audit: "1", seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
  }

  private static func isBusyScenario(_ pid: Int32) -> Bool {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
    let arguments = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return arguments.count == 2 && arguments[0].hasSuffix("/race-programs") && arguments[1] == "busy"
  }

  /// The time of the last round is read while the detector stores it: it can be later than the
  /// reader's own time.
  @Test func diagnostics_besideFlush_neverTraps() throws {
    let outcome = try Program.race.run(["diagnostics-beside-flush"], audit: "1", seconds: 60)
    #expect(outcome.status == 0 && outcome.output.hasPrefix("alive\n") && outcome.errors.isEmpty, outcome.summary)
  }

  /// The detector and both parties share one core.
  @Test func oneCore_stillReports() throws {
    let outcome = try Program.race.run(
      ["write-write-subscript"], audit: "on_violation=report wait_ms=20000", launcher: ["/usr/bin/taskset", "-c", "0"])
    #expect(outcome.status == 66, outcome.summary)
  }

  @Test func soak_leavesMemoryFlat() throws {
    let outcome = try Program.race.run(["soak"], audit: "1", seconds: 300, environment: ["RACE_ACCESSES": "5000000"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    let resident = outcome.output.split(separator: "\n").compactMap { line in
      line.hasPrefix("tenth") ? line.split(separator: " ").compactMap { Int($0) }.dropFirst().first : nil
    }
    try #require(resident.count == 10, outcome.summary)
    #expect(resident[9] < resident[1] + 4_000, outcome.summary)
    #expect(outcome.output.contains(" account balanced\n"), outcome.summary)
  }
}
