// SPDX-License-Identifier: Apache-2.0
//
// What the programs are made of: the collections, a lock that only the twins have, threads, pauses.
// No start gates and no repetition: threads begin when the system lets them.

import Foundation

#if HUNT_PLAIN
// For ThreadSanitizer: the same programs on the standard library's types.
typealias Table<Key: Hashable, Value> = Dictionary<Key, Value>
typealias Bag<Element: Hashable> = Set<Element>
typealias List<Element> = Array<Element>

@propertyWrapper
struct Watched<Value> {
  var wrappedValue: Value
}
#else
import AuditedCollections

typealias Table<Key: Hashable, Value> = AuditedDictionary<Key, Value>
typealias Bag<Element: Hashable> = AuditedSet<Element>
typealias List<Element> = AuditedArray<Element>
typealias Watched = Audited
#endif

/// A lock in the twin, nothing in the racy program.
final class Guard: @unchecked Sendable {
  private let lock: NSLock?

  init(_ variant: Variant) { lock = variant == .fixed ? NSLock() : nil }

  func callAsFunction<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock?.lock()
    defer { lock?.unlock() }
    return try body()
  }
}

/// Waits as for a disk or a peer.
func pause(_ microseconds: ClosedRange<UInt32>) { usleep(UInt32.random(in: microseconds)) }

/// Computes something for about so many microseconds.
@discardableResult
func compute(microseconds: Int) -> UInt64 {
  let end = DispatchTime.now().uptimeNanoseconds + UInt64(microseconds) * 1_000
  var state: UInt64 = 88_172_645_463_325_252
  repeat {
    for _ in 0..<50 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
    }
  } while DispatchTime.now().uptimeNanoseconds < end
  return state
}

/// Starts a thread for each body, one after the other, and waits until all have ended.
func threads(_ bodies: (@Sendable () -> Void)...) { threads(bodies) }

func threads(_ bodies: [@Sendable () -> Void]) {
  let group = DispatchGroup()
  for body in bodies {
    group.enter()
    Thread {
      body()
      group.leave()
    }.start()
  }
  group.wait()
}

/// Starts `count` threads that run the same body.
func threads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  threads((0..<count).map { index in { body(index) } })
}

/// A pool of threads that take jobs from a queue.
final class WorkerPool: @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [@Sendable () -> Void] = []
  private var isClosed = false
  private let group = DispatchGroup()

  init(threads count: Int) {
    for _ in 0..<count {
      group.enter()
      Thread { [self] in
        while let job = next() { job() }
        group.leave()
      }.start()
    }
  }

  private func next() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    while jobs.isEmpty, !isClosed { condition.wait() }
    return jobs.isEmpty ? nil : jobs.removeFirst()
  }

  func submit(_ job: @escaping @Sendable () -> Void) {
    condition.lock()
    jobs.append(job)
    condition.signal()
    condition.unlock()
  }

  /// Waits until every job is done.
  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
    group.wait()
  }
}
