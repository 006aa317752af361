// SPDX-License-Identifier: Apache-2.0
//
// Dispatch: concurrent queues without barriers, parallel loops, groups, completion handlers on any
// queue.

import Foundation

enum QueuePrograms {
  static let all = [
    HuntProgram("forgotten-barrier", forgottenBarrier), HuntProgram("parallel-map", parallelMap),
    HuntProgram("group-results", groupResults), HuntProgram("completion-queue", completionQueue),
    HuntProgram("queued-blocks", queuedBlocks),
  ]

  /// Reads with `sync`, writes with `async`, on one concurrent queue; the twin's writes are
  /// barriers.
  @Sendable static func forgottenBarrier(_ variant: Variant) {
    final class Settings: @unchecked Sendable {
      var values = Table<String, Int>()
      let queue = DispatchQueue(label: "settings", attributes: .concurrent)
      let flags: DispatchWorkItemFlags
      init(_ variant: Variant) { flags = variant == .fixed ? .barrier : [] }

      func set(_ key: String, _ value: Int) { queue.async(flags: flags) { self.values[key] = value } }
      func get(_ key: String) -> Int? { queue.sync { values[key] } }
    }
    let settings = Settings(variant)
    threads(
      {
        for index in 0..<10 {
          settings.set("key-\(index % 3)", index)
          pause(300...1_500)
        }
      },
      {
        for index in 0..<12 {
          _ = settings.get("key-\(index % 3)")
          pause(200...1_200)
        }
      })
    settings.queue.sync(flags: .barrier) {}
  }

  /// A parallel loop that stores each result in an array.
  @Sendable static func parallelMap(_ variant: Variant) {
    final class Results: @unchecked Sendable {
      var values = List<UInt64>(repeating: 0, count: 8)
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let results = Results(variant)
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      let value = compute(microseconds: 1_500 + index * 200)
      results.guarded { results.values[index] = value }
    }
  }

  /// Blocks on a concurrent queue that write one after the other, as a test of a store does.
  @Sendable static func queuedBlocks(_ variant: Variant) {
    final class Sessions: @unchecked Sendable {
      var byUser = Table<String, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let sessions = Sessions(variant)
    let queue = DispatchQueue(label: "log-ins", attributes: .concurrent)
    let group = DispatchGroup()
    for worker in 0..<4 {
      queue.async(group: group) {
        for request in 0..<60 { sessions.guarded { sessions.byUser["user-\(worker)"] = request } }
      }
    }
    group.wait()
  }

  /// Work items of a group, each of which notes its result once.
  @Sendable static func groupResults(_ variant: Variant) {
    final class Results: @unchecked Sendable {
      var sizes = Table<String, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let results = Results(variant)
    let group = DispatchGroup()
    for page in 0..<6 {
      DispatchQueue.global().async(group: group) {
        pause(300...2_500)
        let size = Int(compute(microseconds: 150) % 1_000)
        results.guarded { results.sizes["page-\(page)"] = size }
      }
    }
    group.wait()
  }

  /// Completion handlers come on a queue of the library's; the program's own thread uses what they
  /// fill.
  @Sendable static func completionQueue(_ variant: Variant) {
    final class Loader: @unchecked Sendable {
      var loaded = Table<Int, String>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let loader = Loader(variant)
    let library = DispatchQueue(label: "library")
    for id in 0..<5 {
      library.asyncAfter(deadline: .now() + .microseconds(id * 1_500 + Int.random(in: 0...1_000))) {
        loader.guarded { loader.loaded[id] = "item \(id)" }
      }
    }
    for id in 0..<9 {
      pause(500...1_300)
      _ = loader.guarded { loader.loaded[id % 5] }
    }
    pause(2_000...3_000)
    library.sync {}
  }
}
