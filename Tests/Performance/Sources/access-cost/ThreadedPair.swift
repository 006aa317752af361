// SPDX-License-Identifier: Apache-2.0
//
// One cell with several threads: each on a separate dictionary, or all on one behind a lock.

import CMeasurement
import Foundation
import LoopInterface
import Synchronization

/// A gate at which threads wait until all have arrived.
final class Gate: Sendable {
  private let missing: Atomic<Int>

  init(_ parties: Int) { missing = Atomic(parties) }

  func arrive() {
    missing.subtract(1, ordering: .acquiringAndReleasing)
    while missing.load(ordering: .acquiring) > 0 { sched_yield() }
  }
}

/// One of the threads.
private final class Worker: ThreadBody {
  let loops: LoopSet
  let operation: LoopOperation
  let count: Int
  let gate: Gate
  var begin: UInt64 = 0
  var end: UInt64 = 0
  var operations = 0

  init(_ loops: LoopSet, _ operation: LoopOperation, _ count: Int, _ gate: Gate) {
    self.loops = loops
    self.operation = operation
    self.count = count
    self.gate = gate
  }

  override func main() {
    let depth = Depth(frames: 5, least: loops.frameCount())
    // A thread's first accesses do additional work once per thread.
    for _ in 0..<2 { _ = work(depth, LoopSet.keyCount) }
    gate.arrive()
    begin = measurement_nanoseconds()
    operations = work(depth, count)
    end = measurement_nanoseconds()
  }

  @inline(never)
  private func work(_ depth: Depth, _ count: Int) -> Int { depth.run(loops, operation, count).operations }
}

/// Measures one cell with several threads, a round at a time.
final class ThreadedPair {
  private(set) var sample: Sample
  private let plain: [LoopSet]
  private let audited: [LoopSet]
  private let operation: LoopOperation
  private var count = 0
  /// True when threads wait for one another in the kernel.
  var isSlow: Bool { operation == .locked && plain.count > 2 }

  /// - Parameter plain: the loops of each thread; the same ones several times for threads that
  ///   share a dictionary.
  init(plain: [LoopSet], audited: [LoopSet], _ operation: LoopOperation, named name: String, subject: String) {
    self.plain = plain
    self.audited = audited
    self.operation = operation
    sample = Sample(build: Build.name, subject: subject, operation: name, key: "Int", depth: 5, threads: plain.count)
  }

  func measure(round: Int, nanoseconds: Double) {
    if isSlow { count = LoopSet.keyCount }
    if count == 0 { count = Pair.calibrate(nanoseconds) { plain[0].run(operation, $0) } }
    for isAudited in round % 2 == 0 ? [false, true] : [true, false] {
      let each = run(isAudited ? audited : plain)
      if isAudited { sample.nanoseconds.append(each) } else { sample.plain.append(each) }
    }
  }

  /// Elapsed nanoseconds per operation of one thread.
  private func run(_ loops: [LoopSet]) -> Double {
    let gate = Gate(loops.count)
    let workers = loops.map { Worker($0, operation, count, gate) }
    let threads = workers.map { $0.start() }
    for thread in threads { pthread_join(thread, nil) }
    let begin = workers.map(\.begin).min() ?? 0
    let end = workers.map(\.end).max() ?? 0
    return Double(end - begin) / Double(workers[0].operations)
  }
}
