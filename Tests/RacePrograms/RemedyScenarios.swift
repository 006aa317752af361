// SPDX-License-Identifier: Apache-2.0
//
// Audited dictionaries inside each of the dictionaries that are safe to share: correct programs,
// never reported.

import AuditedCollections
import ConcurrentCollections
import Foundation

enum RemedyScenarios {
  typealias Inner = AuditedDictionary<Int, Int>

  static let all: [String: @Sendable () async -> Void] = [
    "remedy-locked": { use(LockedDictionary<Int, Inner>()) },
    "remedy-read-write": { use(ReadWriteDictionary<Int, Inner>()) },
    "remedy-sharded": { use(ShardedDictionary<Int, Inner>()) },
    "remedy-read-mostly": { use(ReadMostlyDictionary<Int, Inner>()) },
    "remedy-serial": { await use(SerialDictionary<Int, Inner>()) },
    "remedy-key-locks": { useKeyLocks() },
    "remedy-safe": { await useSafe() },
  ]

  private static let workers = 4
  private static let rounds = 1_000
  private static let keys = 8

  /// Values are changed in place, copied, read while other threads continue, replaced, removed and
  /// iterated.
  private static func use<Shared: ConcurrentDictionary>(_ shared: Shared)
  where Shared.Key == Int, Shared.Value == Inner {
    onThreads(workers) { worker in
      for round in 0..<rounds {
        let key = (round &+ worker) % keys
        shared.withValue(forKey: key, default: Inner()) { $0[worker * rounds + round] = round }
        let copy = shared[(key + 1) % keys]
        precondition((copy?.values.reduce(0, +) ?? 0) >= 0)
        switch round % 64 {
        case 7: shared.updateValue([worker: round], forKey: key)
        case 21: shared.removeValue(forKey: key)
        case 35: shared.insertIfAbsent([:], forKey: key)
        case 49: shared.removeAll { $0.value.count > 100 }
        case 63: precondition(shared.snapshot().values.allSatisfy { $0.count == $0.keys.count })
        default: break
        }
      }
    }
  }

  private static func use(_ shared: SerialDictionary<Int, Inner>) async {
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<workers {
        group.addTask {
          for round in 0..<rounds {
            let key = (round &+ worker) % keys
            await shared.withValue(forKey: key, default: Inner()) { $0[worker * rounds + round] = round }
            let copy = await shared.value(forKey: (key + 1) % keys)
            precondition((copy?.values.reduce(0, +) ?? 0) >= 0)
            if round % 64 == 7 { await shared.updateValue([worker: round], forKey: key) }
            if round % 64 == 63 {
              let all = await shared.snapshot()
              precondition(all.values.allSatisfy { $0.count == $0.keys.count })
            }
          }
        }
      }
    }
  }

  /// One dictionary per key, each behind the lock of its key.
  private static func useKeyLocks() {
    let locks = KeyLocks<Int>()
    let dictionaries = (0..<keys).map { _ in Shared<Inner>([:]) }
    onThreads(workers) { worker in
      for round in 0..<rounds {
        let key = (round &+ worker) % keys
        locks.withLock(key) {
          dictionaries[key].value[round % 64] = worker
          precondition(dictionaries[key].value[round % 64] == worker)
        }
      }
    }
  }

  private static func useSafe() async {
    let shared = SafeDictionary(
      LockedDictionary<Int, Inner>(), configuration: SafeDictionaryConfiguration(timeout: .seconds(120)))
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<workers {
        group.addTask {
          for round in 0..<rounds {
            let key = (round &+ worker) % keys
            do {
              try await shared.withValue(forKey: key, default: Inner()) { $0[worker * rounds + round] = round }
              let copy = try await shared.value(forKey: (key + 1) % keys)
              precondition((copy?.values.reduce(0, +) ?? 0) >= 0)
            } catch {
              fatalError("\(error)")
            }
          }
        }
      }
    }
  }
}
