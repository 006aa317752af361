// SPDX-License-Identifier: Apache-2.0
//
// What a task that has nothing to do with a dictionary waits for a thread while other tasks wait
// for the dictionary, and what a key costs that nobody else wants. Run it with: swift run -c
// release pool-wait

import ConcurrentCollections
import Foundation
import Synchronization

/// A flag that ends the measurement.
final class Stop: Sendable {
  private let value = Atomic<Bool>(false)

  var isSet: Bool { value.load(ordering: .acquiring) }

  func set() { value.store(true, ordering: .releasing) }
}

/// Holds the dictionary for 20 ms, again and again, as a long closure of another part of the
/// program would.
func holdLong(_ stop: Stop, _ hold: @escaping @Sendable (() -> Void) -> Void) -> Thread {
  let thread = Thread {
    while !stop.isSet {
      hold { _ = usleep(20_000) }
      usleep(1_000)
    }
  }
  thread.start()
  return thread
}

/// Measures the time from the creation of an unrelated task until it runs, while others work.
func measure(_ name: String, seconds: Double, _ use: @escaping @Sendable (Int) async -> Void) async {
  let stop = Stop()
  let workers = (0..<2 * ProcessInfo.processInfo.activeProcessorCount).map { worker in
    Task.detached {
      var round = 0
      while !stop.isSet {
        await use(worker &* 1_000_003 &+ round)
        round &+= 1
        await Task.yield()
      }
    }
  }
  // On a separate thread, which does not depend on the pool.
  let waits: [Double] = await withCheckedContinuation { continuation in
    Thread {
      var waits: [Double] = []
      let end = ContinuousClock.now.advanced(by: .seconds(seconds))
      while ContinuousClock.now < end {
        let done = DispatchSemaphore(value: 0)
        let start = ContinuousClock.now
        Task.detached { done.signal() }
        done.wait()
        let (whole, atto) = start.duration(to: .now).components
        waits.append(Double(whole) * 1e3 + Double(atto) / 1e15)
        usleep(500)
      }
      continuation.resume(returning: waits.sorted())
    }.start()
  }
  stop.set()
  for worker in workers { await worker.value }
  func share(_ part: Double) -> String {
    String(format: "%9.3f", waits[min(waits.count - 1, Int(Double(waits.count) * part))])
  }
  let title = name.padding(toLength: 44, withPad: " ", startingAt: 0)
  print("\(title) \(share(0.5)) \(share(0.99)) \(share(1))")
}

/// Measures one use of a key that is free, of a million.
func measureFreeKeys(_ name: String, _ use: (Int) -> Void) {
  // The best of some rounds: whatever else runs can only add to it.
  let best =
    (0..<5).map { _ in
      let start = ContinuousClock.now
      for number in 0..<200_000 { use(number & 1023) }
      let (whole, atto) = start.duration(to: .now).components
      return (Double(whole) * 1e9 + Double(atto) / 1e9) / 200_000
    }.min() ?? 0
  print("\(name.padding(toLength: 44, withPad: " ", startingAt: 0)) \(String(format: "%9.1f", best))")
}

/// Measures the way of threads, which does not compile in tasks.
func measureKeyLocks() {
  print("What the use of a key costs that nobody else wants, in ns")
  let (integers, strings) = (KeyLocks<Int>(), KeyLocks<String>())
  let names = (0..<1024).map { "order \($0)" }
  measureFreeKeys("KeyLocks<Int>.withLock") { integers.withLock($0) {} }
  measureFreeKeys("KeyLocks<String>.withLock") { strings.withLock(names[$0]) {} }
  measureFreeKeys("KeyLocks<Int>.withSharedLock") { integers.withSharedLock($0) {} }
}

@main
enum Main {
  static func main() async {
    measureKeyLocks()
    let seconds = CommandLine.arguments.dropFirst().first.flatMap { Double($0) } ?? 2
    print(
      "What an unrelated task waits, in ms, beside \(2 * ProcessInfo.processInfo.activeProcessorCount) tasks that write"
    )
    print("".padding(toLength: 44, withPad: " ", startingAt: 0), "     p50       p99       max")
    await measure("nothing else", seconds: seconds) { _ in try? await Task.sleep(for: .milliseconds(1)) }

    let short = LockedDictionary<Int, Int>()
    await measure("LockedDictionary, short operations", seconds: seconds) { short.updateValue($0, forKey: $0 & 1023) }

    let locked = LockedDictionary<Int, Int>()
    let stop = Stop()
    let holder = holdLong(stop) { body in locked.withExclusive { _ in body() } }
    await measure("LockedDictionary, held 20 ms, directly", seconds: seconds) {
      locked.updateValue($0, forKey: $0 & 1023)
    }
    await measure("LockedDictionary, held 20 ms, offPool", seconds: seconds) { number in
      await locked.offPool { _ = $0.updateValue(number, forKey: number & 1023) }
    }
    stop.set()
    while !holder.isFinished { usleep(1000) }

    let serial = SerialDictionary<Int, Int>()
    await measure("SerialDictionary, closures of 20 ms", seconds: seconds) { number in
      await serial.withValue(forKey: number & 1023, default: 0) { _ in _ = usleep(20_000) }
    }
    let safe = SafeDictionary(ShardedDictionary<Int, Int>())
    await measure("SafeDictionary, one key, loads of 20 ms", seconds: seconds) { _ in
      _ = try? await safe.value(forKey: 1) { key in
        try await Task.sleep(for: .milliseconds(20))
        return key
      }
      _ = try? await safe.removeValue(forKey: 1)
    }
  }
}
