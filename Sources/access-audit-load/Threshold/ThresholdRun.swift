// SPDX-License-Identifier: Apache-2.0
//
// One run of threads that share an unprotected dictionary, in a process of its own, which ends with
// the first violation. Prints one line: how many accesses there had been.

#if ReportTools && AUDITED && canImport(Glibc)
import AccessAudit
import AccessTraffic
import AuditedCollections
import CProcessSupport
import Glibc
import Synchronization

/// The dictionary, without any protection: that is what is looked at.
private final class Unprotected: @unchecked Sendable {
  var elements: AuditedDictionary<Int, Int>
  init(_ elements: AuditedDictionary<Int, Int>) { self.elements = elements }
}

/// One thread's count, and when it was how far.
private final class Worker: @unchecked Sendable {
  static let step = 8
  let thread = Atomic<Int32>(0)
  let accesses = Atomic<Int>(0)
  private let samples: UnsafeMutablePointer<UInt64>
  private let sampleCount = Atomic<Int>(0)

  init(_ accesses: Int) { samples = .allocate(capacity: accesses / Self.step + 1) }

  @inline(__always)  // Between audited accesses, of which the spacing matters.
  func count(_ done: Int) {
    accesses.store(done, ordering: .relaxed)
    if done % Self.step == 0 {
      samples[done / Self.step - 1] = monotonicNanoseconds()
      // Pairs with the load in `last`.
      sampleCount.store(done / Self.step, ordering: .releasing)
    }
  }

  var last: UInt64 {
    let count = sampleCount.load(ordering: .acquiring)
    return count == 0 ? 0 : samples[count - 1]
  }

  func accesses(until time: UInt64) -> Int {
    let count = sampleCount.load(ordering: .acquiring)
    let before = (0..<count).reversed().first { samples[$0] <= time }
    return before.map { ($0 + 1) * Self.step } ?? 0
  }
}

enum ThresholdRun {
  static func run(_ cell: ThresholdCell, seed: UInt64) -> Never {
    // A run does not outlive the lab, and leaves no core file.
    process_end_with_parent()
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(4), &none)  // RLIMIT_CORE
    let share = cell.accesses / cell.threads
    let workers = (0..<cell.threads).map { _ in Worker(share) }
    let isSaid = Atomic<Bool>(false)
    AccessAudit.onViolation { violation in
      guard !isSaid.exchange(true, ordering: .relaxed) else { return }
      // The one that saw it waits within its access: nothing that came later belongs to it.
      let seer = violation.accesses.first?.thread.flatMap { thread in
        workers.first { $0.thread.load(ordering: .relaxed) == thread.id }
      }
      let time = seer?.last ?? monotonicNanoseconds()
      let others = workers.filter { $0 !== seer }.reduce(0) { $0 + $1.accesses(until: time) }
      say(max(1, others + (seer?.accesses.load(ordering: .relaxed) ?? 0) + 1))
    }
    let shared = Unprotected(
      AuditedDictionary(uniqueKeysWithValues: (0..<cell.keys).map { ($0, $0) }))
    let line = StartLine(cell.threads + 1)
    Crew.run(cell.threads, beside: { _ = line.start() }) { number in
      let worker = workers[number]
      worker.thread.store(process_thread_id(), ordering: .relaxed)
      var random = RandomNumbers(seed: seed, stream: number)
      var seen = 0
      _ = line.wait()
      for index in 0..<share {
        let lot = random.next()
        let key = Int(lot >> 8) % cell.keys
        if Int(lot & 0xFF) * 100 < cell.readPercent * 256 {
          seen &+= read(cell.reading, shared, key)
        } else {
          write(cell.writing, shared, key, index)
        }
        worker.count(index + 1)
      }
      if seen == .min { print("") }
    }
    AccessAudit.flush()
    if !isSaid.exchange(true, ordering: .relaxed) { say(0) }
    // The handler is about to end the process.
    while true { sleep(1) }
  }

  private static func read(_ reading: ThresholdCell.Reading, _ shared: Unprotected, _ key: Int) -> Int {
    switch reading {
    case .get: shared.elements[key] ?? 0
    case .count: shared.elements.count
    case .visit: shared.elements.reduce(0) { $0 &+ $1.value }
    }
  }

  private static func write(_ writing: ThresholdCell.Writing, _ shared: Unprotected, _ key: Int, _ value: Int) {
    switch writing {
    case .set: shared.elements[key] = value
    case .update: shared.elements[key, default: 0] &+= 1
    case .replace: if value % 2 == 0 { shared.elements.removeValue(forKey: key) } else { shared.elements[key] = value }
    }
  }

  /// Ends the process: what else it could do may crash.
  private static func say(_ accesses: Int) -> Never {
    let line = Array("violation after \(accesses)\n".utf8)
    _ = Glibc.write(STDOUT_FILENO, line, line.count)
    _exit(0)
  }
}
#endif
