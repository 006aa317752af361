// SPDX-License-Identifier: Apache-2.0
//
// The load lab as a program: each command from its options to what it prints, in a second or so.

#if ReportTools && REPORTS && canImport(Glibc)

import Foundation
import Testing

@testable import AccessTraffic

@Suite(.serialized)
struct LoadProgramTests {
  private func lab(_ arguments: [String]) throws -> TestedProgram.Run {
    try TestedProgram.run("access-audit-load", arguments)
  }

  private func report(_ arguments: [String]) throws -> LoadReport {
    let run = try lab(arguments + ["--format", "json"])
    #expect(run.status == 0, "\(run)")
    return try JSONDecoder().decode(LoadReport.self, from: Data(run.output.utf8))
  }

  private static let quick = ["--minutes", "0.02", "--rounds", "1", "--cell-seconds", "0.005", "--keys", "50"]

  #if AUDITED
  /// One thread shares with none; of eight that hunt, one is caught in every run.
  @Test func threshold_isThatOfThreads() throws {
    let report = try report([
      "threshold", "--threads", "1,8", "--reads", "0", "--accesses", "20000", "--runs", "2", "--hunt", "--minutes", "1",
      "--run-seconds", "30", "--seed", "3",
    ])
    #expect(report.seed == 3 && report.thresholds.count == 2 && report.machine.isAudited)
    let (one, eight) = (report.thresholds[0], report.thresholds[1])
    #expect(one.threads == 1 && one.violations.map(\.accesses) == [100, 1_000, 10_000, 20_000])
    #expect(one.violations.allSatisfy { $0.runs.runs == 2 && $0.runs.count == 0 } && one.crashes == 0, "\(one)")
    #expect(eight.violations.last?.runs.count == 2, "\(eight)")
    #expect(report.claims.last?.verdict == "so it was in these 2 runs", "\(report.claims)")
  }

  @Test func thresholdOptions_areTakenByTheRuns() throws {
    for (reading, writing) in [("count", "update"), ("visit", "replace")] {
      let report = try report([
        "threshold", "--threads", "2", "--reads", "50", "--accesses", "200", "--runs", "1", "--reading", reading,
        "--writing", writing, "--minutes", "0.2",
      ])
      #expect(report.thresholds.map(\.reading) == [reading] && report.thresholds.map(\.writing) == [writing])
      #expect(report.thresholds[0].violations.last?.runs.runs == 1, "\(report)")
    }
    // What takes too long is ended, and counts for nothing.
    let ended = try report([
      "threshold", "--threads", "1", "--reads", "100", "--reading", "visit", "--accesses", "10000000", "--runs", "1",
      "--run-seconds", "0.2", "--minutes", "0.2",
    ])
    #expect(ended.thresholds[0].unfinished == 1 && ended.thresholds[0].violations.allSatisfy { $0.runs.runs == 0 })
    #expect(ended.notes.contains { $0.contains("took longer than 0.2 s") }, "\(ended.notes)")
  }

  /// The time is that of all runs, the first of each row as well: a row for which it is not enough
  /// is left out.
  @Test func minutes_boundTheFirstRuns() throws {
    let begin = ContinuousClock.now
    let report = try report([
      "threshold", "--threads", "1", "--reads", "100,99,98,97,96", "--reading", "visit", "--accesses", "10000000",
      "--run-seconds", "30", "--minutes", "0.03",
    ])
    #expect(ContinuousClock.now - begin < .seconds(25))
    #expect(report.thresholds.count < 5, "\(report.thresholds)")
    #expect(report.notes.contains { $0.contains("the time was not enough for 5 of 5 rows") }, "\(report.notes)")
    #expect(!report.text.isEmpty && !report.html.isEmpty)
  }
  #else
  @Test func threshold_saysWhichBuildItNeeds() throws {
    let run = try lab(["threshold"])
    #expect(run.status == 69 && run.errors.contains("--traits ReportTools,AuditInRelease"), "\(run)")
  }
  #endif

  @Test func throughput_hasCurvesLawsAndGoals() throws {
    let report = try report(
      ["throughput", "--models", "LockedDictionary,actor,plain", "--threads", "1,2", "--reads", "0,100"] + Self.quick)
    #expect(report.curves.count == 3 * 2 * 2, "Int and String, two shares of reads")
    #expect(Set(report.curves.map(\.circumstances.keyType)) == ["Int", "String"])
    for curve in report.curves {
      let isPlain = curve.circumstances.model.hasPrefix("Dictionary")
      #expect(curve.points.map(\.threads) == (isPlain ? [1] : [1, 2]) && curve.points.allSatisfy { $0.median > 0 })
      #expect((curve.fit == nil) == isPlain && curve.circumstances.keys == 50)
      #expect(curve.fit.map { !$0.isDetermined && !$0.remarks.isEmpty } ?? true, "two counts determine nothing")
    }
    #expect(report.goals.allSatisfy { $0.quantile == 0.99 && $0.goalNanoseconds == 100_000_000 })
  }

  @Test func goal_isSearchedFor() throws {
    let report = try report([
      "throughput", "--models", "Mutex", "--key-types", "Int", "--threads", "2", "--goal", "50", "--percentile", "90",
      "--rounds", "1", "--cell-seconds", "0.01", "--minutes", "0.1", "--keys", "20",
    ])
    let goal = try #require(report.goals.first)
    #expect(goal.goalNanoseconds == 50_000_000 && goal.quantile == 0.9 && goal.threads == 2)
    #expect(goal.generatorPerSecond > 1_000)
    // A machine that stops for a while may hold no goal at all; what holds has its latencies.
    #expect((goal.perSecond == nil) == (goal.latencies == nil))
    #expect(goal.latencies.map { $0.count > 0 } ?? true)
    let curves = try self.report(
      ["throughput", "--no-goal", "--models", "rwlock", "--key-types", "String", "--threads", "1"] + Self.quick)
    #expect(curves.goals.isEmpty && curves.curves.map(\.circumstances.model) == ["pthread_rwlock + Dictionary"])
  }

  @Test func all_writesAPage() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("load-\(UUID().uuidString).html").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let run = try lab(
      [
        "--threads", "1,2", "--reads", "90", "--accesses", "200", "--runs", "1", "--models", "Mutex", "--key-types",
        "Int",
        "--format", "html", "--output", path,
      ] + Self.quick)
    #expect(
      run.status == 0 && run.output.isEmpty && run.errors.contains("min") && run.errors.contains("s left"), "\(run)")
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.contains("<h2>Throughput: Int keys, 50 of them, 90 % reads</h2>"))
    #if AUDITED
    #expect(page.contains("<h2>Threshold</h2>"))
    #endif
    _ = try XMLLite.check(page)
  }

  @Test func replay_playsARecording() throws {
    let recording = Traffic(accesses: 300, threads: 2, readShare: 0.5, perSecond: 10_000).recording()
    try Recording.withFile(recording.bytes) { path in
      for arguments in [["replay", path, "--speed", "2"], ["--replay", path]] {
        let report = try report(arguments + ["--models", "Mutex,SerialDictionary,plain"] + Self.quick)
        let replayed = try #require(report.replayed)
        #expect(replayed.collection == "orders" && replayed.operations == 300 && replayed.threads == 2)
        #expect(
          Set(replayed.replays.map(\.model)) == ["Mutex<Dictionary>", "SerialDictionary"], "two threads: none is plain")
        #expect(replayed.replays.allSatisfy { $0.nanosecondsPerOperation > 0 && $0.latencies?.count == 300 })
        #expect(replayed.speed == (arguments[0] == "replay" ? 2 : 1) && report.curves.isEmpty)
      }
      let named = try lab(["replay", path, "--collection", "nothing"])
      #expect(
        named.status == 64 && named.errors.contains("no dictionary of the recording is called 'nothing'"), "\(named)")
    }
  }

  /// The commands of the page "From traffic to a decision", in little time.
  @Test func page_hasCommandsThatRun() throws {
    let page = URL(fileURLWithPath: #filePath).appendingPathComponent(
      "../../../../Sources/AccessAudit/AccessAudit.docc/FromTrafficToADecision.md"
    ).standardized
    let commands = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("access-audit load ") }
    #expect(commands.count == 4)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("page-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let recording = folder.appendingPathComponent("orders.traffic").path
    let made = try lab(["generate", recording, "--accesses", "300", "--keys", "20", "--threads", "2"])
    #expect(made.status == 0, "\(made)")
    for command in commands {
      var words = command.split(separator: " ").dropFirst().map(String.init)
      for index in words.indices where words[index].contains(".") {
        words[index] = folder.appendingPathComponent(words[index]).path
      }
      if words[1] == "threshold" {
        words += ["--minutes", "0.02"]
      } else {
        words += Self.quick + ["--models", "LockedDictionary,actor", "--key-types", "Int"]
      }
      if words[1] != "throughput", !words.contains("--replay") { words += ["--runs", "1", "--accesses", "200"] }
      #if !AUDITED
      if words[1] == "threshold" { continue }
      #endif
      let run = try TestedProgram.run("access-audit", words)
      #expect(run.status == 0, "\(words): \(run)")
    }
    #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("load.html").path))
  }

  /// What is judged has an answer, and is counted.
  @Test func judge_countsAnswers() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("judge-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("one.traffic").path
    let options = [
      "--reads", "90", "--churn", "50", "--visits", "1", "--hot", "10", "--rate", "1000000", "--seed", "4",
    ]
    for file in [path, path + "2"] {
      let made = try lab(["generate", file, "--accesses", "2000", "--keys", "40", "--threads", "1"] + options)
      #expect(made.status == 0, "\(made)")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(contentsOf: URL(fileURLWithPath: path + "2")))
    let report = try TrafficSummary.report(of: path)
    let group = try #require(report.groups.first)
    #expect(report.problems.isEmpty && report.accesses == 2_000 && group.threads.count == 1)
    #expect(
      abs(group.readShare - 0.9) < 0.03 && group.insertions > 20 && group.removals > 20 && group.largestSize == 40)
    #expect(group.operations.contains { $0.name == "forEach(_:)" })
    let judged = try lab(["judge", path, "--rounds", "1", "--seconds", "0.001"])
    #expect(judged.status == 0 && judged.output.contains("one.traffic: advised plain"), "\(judged)")
    #expect(judged.output.contains(" of 1 answers measure best on replay"))
    #expect(try lab(["judge", path, "--rounds", "1", "--seconds", "0.001", "--at-least", "2"]).status == 1)
    #expect(try lab(["judge", "/dev/null"]).status == 64)
  }

  @Test func wrongUsage_isSaid() throws {
    for arguments in [
      ["replay", "/dev/null"], ["replay", "/nowhere"], ["--replay", "/tmp"], ["replay"], ["--minutes", "0"],
      ["throughput", "--threads", "0"], ["throughput", "--threads", "1,x"], ["throughput", "--keys", "0"],
      ["threshold", "--threads", "65"], ["threshold", "--reads", "101"], ["threshold", "--runs", "0"],
      ["throughput", "--models", "Unknown"], ["throughput", "--goal", "0"], ["--format", "pdf"],
      ["replay", "x", "--speed", "0"],
    ] {
      let run = try lab(arguments)
      #expect(run.status == 64 && run.output.isEmpty && !run.errors.isEmpty, "\(arguments): \(run)")
    }
    let output = try lab(
      ["throughput", "--no-goal", "--models", "Mutex", "--threads", "1", "--output", "/nowhere/at/all"] + Self.quick)
    #expect(output.status == 70 && output.errors.contains("/nowhere/at/all cannot be written"), "\(output)")
  }

  @Test func tool_runsTheLabBesideIt() throws {
    let help = try TestedProgram.run("access-audit", ["load", "throughput", "--help"])
    #expect(help.status == 0 && help.output.contains("--key-types"), "\(help)")
    let version = try TestedProgram.run("access-audit", ["load", "--version"])
    #expect(version.output == (try lab(["--version"])).output && version.status == 0)
    let wrong = try TestedProgram.run("access-audit", ["load", "throughput", "--threads", "0"])
    #expect(wrong.status == 64)
    // Without the lab beside it, the tool says how to build it.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let alone = folder.appendingPathComponent("access-audit")
    try FileManager.default.copyItem(at: TestedProgram.products.appendingPathComponent("access-audit"), to: alone)
    let missing = try TestedProgram.run(alone.path, ["load"])
    #expect(missing.status == 64 && missing.errors.contains("--product access-audit-load"), "\(missing)")
  }
}

#endif
