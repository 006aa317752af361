// SPDX-License-Identifier: Apache-2.0
//
// Swift concurrency around state that no actor protects: task groups, detached tasks, two actors
// and one object, continuations, cancellation handlers.

import Foundation

private func nap(_ microseconds: ClosedRange<UInt64>) async {
  try? await Task.sleep(nanoseconds: UInt64.random(in: microseconds) * 1_000)
}

enum TaskPrograms {
  static let all = [
    HuntProgram("group-memo", groupMemo), HuntProgram("detached-log", detachedLog),
    HuntProgram("two-actors", twoActors), HuntProgram("continuations", continuations),
    HuntProgram("on-cancel", onCancel), HuntProgram("reentrant-loader", reentrantLoader),
  ]

  /// Child tasks look results up that others have computed.
  @Sendable static func groupMemo(_ variant: Variant) async {
    final class Memo: @unchecked Sendable {
      var results = Table<Int, UInt64>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func value(_ key: Int) -> UInt64 {
        if let known = guarded({ results[key] }) { return known }
        let value = compute(microseconds: 120)
        guarded { results[key] = value }
        return value
      }
    }
    let memo = Memo(variant)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<10 {
        group.addTask {
          await nap(100...1_500)
          _ = memo.value(task % 6)
        }
      }
    }
  }

  /// Detached tasks append one line each to a log.
  @Sendable static func detachedLog(_ variant: Variant) async {
    final class Log: @unchecked Sendable {
      var lines = List<String>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let log = Log(variant)
    let tasks = (0..<6).map { index in
      Task.detached {
        await nap(200...2_000)
        compute(microseconds: 100)
        log.guarded { log.lines.append("task \(index)") }
      }
    }
    for task in tasks { await task.value }
  }

  /// Two actors with a reference to one object: each is isolated, the object is not.
  @Sendable static func twoActors(_ variant: Variant) async {
    final class Journal: @unchecked Sendable {
      var entries = List<Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    actor Account {
      let journal: Journal
      init(_ journal: Journal) { self.journal = journal }

      func transfer(_ amount: Int) {
        compute(microseconds: 200)
        journal.guarded { journal.entries.append(amount) }
      }
    }
    let journal = Journal(variant)
    let (one, other) = (Account(journal), Account(journal))
    async let first: Void = one.transfer(1)
    async let second: Void = other.transfer(2)
    _ = await (first, second)
  }

  /// A broadcaster keeps its subscribers' continuations in a table, which a stream's end changes
  /// from any thread.
  @Sendable static func continuations(_ variant: Variant) async {
    final class Broadcaster: @unchecked Sendable {
      var subscribers = Table<Int, AsyncStream<Int>.Continuation>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func subscribe(_ id: Int) -> AsyncStream<Int> {
        AsyncStream { continuation in
          guarded { subscribers[id] = continuation }
          continuation.onTermination = { [self] _ in guarded { subscribers[id] = nil } }
        }
      }

      func send(_ event: Int) {
        let present = guarded { subscribers.map(\.value) }
        for subscriber in present { subscriber.yield(event) }
      }

      func finish() {
        let present = guarded { subscribers.map(\.value) }
        for subscriber in present { subscriber.finish() }
      }
    }
    let broadcaster = Broadcaster(variant)
    await withTaskGroup(of: Void.self) { group in
      for id in 0..<5 {
        group.addTask {
          await nap(100...2_000)
          var left = 1 + id % 2
          for await _ in broadcaster.subscribe(id) {
            left -= 1
            if left == 0 { break }
          }
        }
      }
      group.addTask {
        for event in 0..<10 {
          await nap(400...1_200)
          broadcaster.send(event)
        }
        await nap(2_000...3_000)
        broadcaster.finish()
      }
    }
  }

  /// A cancellation handler runs on the thread that cancels, beside the task.
  @Sendable static func onCancel(_ variant: Variant) async {
    final class Waiters: @unchecked Sendable {
      var waiting = Table<Int, Bool>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let waiters = Waiters(variant)
    let tasks = (0..<4).map { id in
      Task.detached {
        await withTaskCancellationHandler {
          waiters.guarded { waiters.waiting[id] = true }
          await nap(1_500...3_000)
          waiters.guarded { waiters.waiting[id] = nil }
        } onCancel: {
          waiters.guarded { waiters.waiting[id] = false }
        }
      }
    }
    await nap(500...2_500)
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }

  /// An actor hands the decoding to functions that are not isolated, and they keep what they found.
  @Sendable static func reentrantLoader(_ variant: Variant) async {
    final class Decoded: @unchecked Sendable {
      var byName = Table<String, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    actor Loader {
      let decoded: Decoded
      var requests = 0
      init(_ decoded: Decoded) { self.decoded = decoded }

      func load(_ name: String) async -> Int {
        requests += 1
        return await decode(name)
      }

      nonisolated func decode(_ name: String) async -> Int {
        if let known = decoded.guarded({ decoded.byName[name] }) { return known }
        await nap(100...1_200)
        let size = Int(compute(microseconds: 100) % 97)
        decoded.guarded { decoded.byName[name] = size }
        return size
      }
    }
    let loader = Loader(Decoded(variant))
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<8 { group.addTask { _ = await loader.load("file-\(index % 5)") } }
    }
  }
}
