// SPDX-License-Identifier: Apache-2.0
//
// Command-line tools and tests: parallel walks, errors that are rare, results of jobs, events that
// a test collects.

import Foundation

enum ToolPrograms {
  static let all = [
    HuntProgram("visited-set", visitedSet), HuntProgram("rare-errors", rareErrors),
    HuntProgram("job-results", jobResults), HuntProgram("test-events", testEvents),
    HuntProgram("progress-bar", progressBar),
  ]

  /// A graph is walked by several workers that share the set of what they have seen.
  @Sendable static func visitedSet(_ variant: Variant) {
    final class Walk: @unchecked Sendable {
      var visited = Bag<Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let walk = Walk(variant)
    threads(4) { worker in
      for step in 0..<12 {
        compute(microseconds: 60)
        pause(50...400)
        let node = (worker * 7 + step * 3) % 29
        if walk.guarded({ walk.visited.insert(node).inserted }) { compute(microseconds: 40) }
      }
    }
  }

  /// Files are checked in parallel; two of them have errors.
  @Sendable static func rareErrors(_ variant: Variant) {
    final class Report: @unchecked Sendable {
      var errors = Table<String, String>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let report = Report(variant)
    let pool = WorkerPool(threads: 4)
    for file in 0..<16 {
      pool.submit {
        pause(200...900)
        compute(microseconds: 100)
        if file % 8 == 3 { report.guarded { report.errors["file-\(file).swift"] = "cannot be read" } }
        if file % 8 == 5 { _ = report.guarded { report.errors["file-\(file).swift"] } }
      }
    }
    pool.close()
  }

  /// A pool's jobs, each of which stores one result; their order is left to the pool.
  @Sendable static func jobResults(_ variant: Variant) {
    final class Results: @unchecked Sendable {
      var byJob = Table<Int, UInt64>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let results = Results(variant)
    let pool = WorkerPool(threads: 3)
    for job in 0..<8 {
      pool.submit {
        pause(200...1_500)
        let value = compute(microseconds: 250)
        results.guarded { results.byJob[job] = value }
      }
    }
    pool.close()
  }

  /// A test that collects events from two callbacks and counts them when its time is over.
  @Sendable static func testEvents(_ variant: Variant) {
    final class Events: @unchecked Sendable {
      var seen = List<String>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let events = Events(variant)
    let source = DispatchQueue(label: "source", attributes: .concurrent)
    let group = DispatchGroup()
    for name in ["opened", "read", "closed"] {
      source.async(group: group) {
        pause(500...3_000)
        events.guarded { events.seen.append(name) }
      }
    }
    // The twin waits for the callbacks; the other waits for as long as they take as a rule.
    if variant == .fixed { group.wait() } else { pause(1_000...2_500) }
    _ = events.guarded { events.seen.count }
    if variant == .fixed { events.guarded { events.seen.append("checked") } } else { events.seen.append("checked") }
    group.wait()
  }

  /// Workers note how far they are; the main thread draws it now and then.
  @Sendable static func progressBar(_ variant: Variant) {
    final class Progress: @unchecked Sendable {
      var done = Table<Int, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let progress = Progress(variant)
    threads(
      {
        for part in 1...6 {
          pause(800...3_000)
          progress.guarded { progress.done[0] = part }
        }
      },
      {
        for part in 1...5 {
          pause(1_000...3_500)
          progress.guarded { progress.done[1] = part }
        }
      },
      {
        for _ in 0..<4 {
          pause(2_500...4_000)
          _ = progress.guarded { (progress.done[0] ?? 0) + (progress.done[1] ?? 0) }
        }
      })
  }
}
