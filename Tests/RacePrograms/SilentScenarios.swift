// SPDX-License-Identifier: Apache-2.0
//
// Correct programs, many of them shaped to fool a detector: none may be reported.

import AuditedCollections
import Dispatch
import Foundation
import Synchronization

enum SilentScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "silent-lock": { underLock() },
    "silent-mutex": { underMutex() },
    "silent-queue": { onSerialQueue() },
    "silent-barrier": { underBarrier() },
    "silent-actor": { await inActor() },
    "silent-semaphore": { handedOver() },
    "silent-snapshot": { snapshotUnderLock() },
    "silent-copies": { copiesInParallel() },
    "silent-array-repeating": { arrayRepeating() },
    "silent-child-tasks": { await childTasks() },
    "silent-modify-across-await": { await modifyAcrossAwait() },
    "silent-join": { threadsThatAreJoined() },
    "silent-readers": { readersOnly() },
    "silent-moved": { await moved() },
    "silent-values-dictionary": { dictionaryOfDictionaries() },
    "silent-address-reuse": { addressReuse() },
    "silent-suppressed": { suppressed() },
  ]

  private static let rounds = 5_000

  static func underLock() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    let lock = NSLock()
    onThreads(4) { worker in
      for i in 0..<rounds { lock.withLock { shared.value[i % 64, default: 0] += worker } }
    }
  }

  /// A hundred thousand short accesses by eight threads under one mutex.
  static func underMutex() {
    let guarded = Guarded()
    onThreads(8) { worker in
      for i in 0..<6_250 {
        guarded.mutex.withLock { $0[i % 64, default: 0] += worker }
        guarded.mutex.withLock { precondition($0[i % 64] != nil) }
      }
    }
  }

  static func onSerialQueue() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    let queue = DispatchQueue(label: "serial")
    onThreads(4) { worker in
      for i in 0..<rounds / 5 {
        queue.async { shared.value[i % 64] = worker }
        let seen = queue.sync { shared.value[i % 64] }
        precondition(seen != nil)
      }
    }
    queue.sync {}
  }

  static func underBarrier() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    let queue = DispatchQueue(label: "concurrent", attributes: .concurrent)
    onThreads(4) { worker in
      for i in 0..<rounds / 5 {
        queue.async(flags: .barrier) { shared.value[i % 64] = worker }
        _ = queue.sync { shared.value[i % 64] }
      }
    }
    queue.sync(flags: .barrier) {}
  }

  actor Store {
    var values: AuditedDictionary<Int, Int> = [:]
    func add(_ number: Int) { values[number % 64, default: 0] += 1 }
    func count() -> Int { values.count }
  }

  static func inActor() async {
    let store = Store()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for i in 0..<rounds / 5 { await store.add(i) } }
      }
    }
    let count = await store.count()
    precondition(count == 64)
  }

  /// Two threads take turns; semaphores hand the dictionary over.
  static func handedOver() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    let ping = DispatchSemaphore(value: 1)
    let pong = DispatchSemaphore(value: 0)
    together(
      {
        for i in 0..<rounds {
          ping.wait()
          shared.value[i % 64] = i
          pong.signal()
        }
      },
      {
        for i in 0..<rounds {
          pong.wait()
          shared.value[i % 64, default: 0] += 1
          ping.signal()
        }
      })
  }

  /// The owner mutates while others read snapshots that they took under the lock.
  static func snapshotUnderLock() {
    let shared = Shared<AuditedDictionary<Int, Int>>([0: 0])
    let lock = NSLock()
    onThreads(4) { worker in
      for i in 0..<rounds {
        if worker == 0 {
          lock.withLock { shared.value[i % 64] = i }
        } else {
          let snapshot = lock.withLock { shared.value }
          precondition(snapshot.count <= 64 && snapshot[0] != nil)
        }
      }
    }
  }

  static func copiesInParallel() {
    var original: AuditedDictionary<Int, Int> = [:]
    for i in 0..<64 { original[i] = i }
    let constant = original
    onThreads(4) { worker in
      for _ in 0..<rounds / 10 {
        var copy = constant
        for i in 0..<8 { copy[i] = worker }
        precondition(copy.count == 64)
      }
    }
    precondition((0..<64).allSatisfy { constant[$0] == $0 })
  }

  static func arrayRepeating() {
    let count = 8
    let shared = Shared(Array(repeating: AuditedDictionary<Int, Int>(), count: count))
    shared.value.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress!
      onThreads(count) { worker in
        for i in 0..<rounds { base[worker][i % 64] = i }
      }
    }
    precondition(shared.value.allSatisfy { $0.count == 64 })
  }

  static func childTasks() async {
    var parent: AuditedDictionary<Int, Int> = [:]
    for round in 0..<200 {
      let captured = parent
      async let sum = captured.values.reduce(0, +)
      async let size = captured.count
      parent[round % 64] = round
      _ = await (sum, size)
    }
  }

  /// A mutation that is suspended in the middle and resumed on another thread.
  static func modifyAcrossAwait() async {
    let counters = await withTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          var dictionary: AuditedDictionary<Int, Int> = [:]
          for i in 0..<200 {
            await suspendInside(&dictionary[i % 16, default: 0], add: task)
            precondition(dictionary.count <= 16)
          }
          return dictionary.count
        }
      }
      return await group.reduce(0, +)
    }
    precondition(counters == 8 * 16)
  }

  private static func suspendInside(_ value: inout Int, add number: Int) async {
    await Task.yield()
    value += number
    try? await Task.sleep(nanoseconds: 1_000)
  }

  static func threadsThatAreJoined() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    for i in 0..<300 {
      onThreads(1) { _ in shared.value[i % 64] = i }
      shared.value[i % 32, default: 0] += 1
    }
  }

  static func readersOnly() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1, 2: 2])
    onThreads(8) { _ in
      for i in 0..<rounds { precondition(shared.value[i % 2 + 1] != nil && shared.value.count == 2) }
    }
  }

  static func moved() async {
    var dictionary: AuditedDictionary<Int, Int> = [:]
    for i in 0..<300 {
      dictionary = await Task.detached { [dictionary] in
        var mine = dictionary
        mine[i % 64] = i
        return mine
      }.value
    }
    precondition(dictionary.count == 64)
  }

  static func dictionaryOfDictionaries() {
    let lock = NSLock()
    let shared = Shared<AuditedDictionary<Int, AuditedDictionary<Int, Int>>>([:])
    onThreads(4) { worker in
      for i in 0..<rounds / 5 {
        lock.withLock { shared.value[worker, default: [:]][i % 16, default: 0] += 1 }
        let inner = lock.withLock { shared.value[worker] }
        precondition(inner!.count <= 16)
      }
    }
  }

  /// Stack variables at the same addresses on many short threads, sharing storage with one another.
  static func addressReuse() {
    let seed: AuditedDictionary<Int, Int> = [1: 1]
    for _ in 0..<50 {
      onThreads(4) { worker in
        for i in 0..<100 {
          var local = seed
          local[worker] = i
          precondition(local[1] != nil)
        }
      }
    }
  }

  /// A race, but inside `withSuppressed` on one side.
  static func suppressed() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    let trap = Trap()
    let gated = Shared<AuditedDictionary<GatedKey, Int>>([:])
    let inside = Gate()
    let left = Gate()
    trap.arm {
      inside.open()
      left.wait()
    }
    together(
      { AccessAudit.withSuppressed { gated.value[GatedKey(1, trap)] = 1 } },
      {
        inside.wait()
        AccessAudit.withSuppressed { _ = shared.value.count }
        left.open()
      })
  }
}

final class Guarded: Sendable {
  let mutex = Mutex<AuditedDictionary<Int, Int>>([:])
}
