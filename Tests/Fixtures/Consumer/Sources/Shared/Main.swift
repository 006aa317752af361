// SPDX-License-Identifier: Apache-2.0
//
// A program that shares dictionaries between tasks that run into one another: every addition
// counts.

import ConcurrentCollections

@main
enum Main {
  static func main() async throws {
    let locked = LockedDictionary<Int, Int>()
    let readWrite = ReadWriteDictionary<Int, Int>()
    let locks = KeyLocks<Int>()
    let tasks = 8
    let additions = 2_000
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<tasks {
        group.addTask {
          for number in 0..<additions {
            locked.withExclusive { $0[number % 10, default: 0] += 1 }
            readWrite.withExclusive { $0[number % 10, default: 0] += 1 }
            _ = readWrite.value(forKey: number % 10)
            try await locks.withAsyncLock(number % 10) {}
          }
        }
      }
      try await group.waitForAll()
    }
    let sums = [locked.snapshot(), readWrite.snapshot()].map { $0.values.reduce(0, +) }
    print(sums == [tasks * additions, tasks * additions] ? "every addition counts" : "\(sums)")
  }
}
