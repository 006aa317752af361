// SPDX-License-Identifier: Apache-2.0
//
// The program's own crashes inside audited accesses, each beside a lawful access of another thread
// that looks like an overlap; and the same beside a real overlap.

import AuditedCollections
import Foundation

enum CrashEvidenceScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "crash-beside-reader": { besideReader() },
    "crash-behind-many-records": { behindManyRecords() },
    "crash-beside-fork-of-copy": { besideForkOfCopy() },
    "crash-after-own-fork": { afterOwnFork() },
    "crash-of-writer-beside-reader": { writerBesideReader() },
    "crash-after-destruction": { afterDestruction() },
    "crash-inside-nested": { insideNested(isOverlapped: true) },
    "crash-inside-nested-alone": { insideNested(isOverlapped: false) },
    "crash-inside-malloc": { insideMalloc(isOverlapped: false) },
    "crash-inside-malloc-overlapped": { insideMalloc(isOverlapped: true) },
  ]

  /// Two threads read one constant; one traps in its closure.
  @inline(never)
  static func besideReader() {
    let dictionary: AuditedDictionary<Int, Int> = [1: 1]
    let inside = Gate()
    together(
      {
        dictionary.forEach { _ in
          inside.open()
          sleep(20)
        }
      },
      {
        inside.wait()
        dictionary.forEach { _ in CrashScenarios.crash() }
      })
  }

  /// The record of the crashing access is overwritten by later ones of its thread; a writer ended
  /// long before, under the same lock.
  @inline(never)
  static func behindManyRecords() {
    let holder = Holder()
    let lock = NSLock()
    let trap = Trap()
    trap.arm {
      var other: AuditedDictionary<Int, Int> = [:]
      for number in 0..<5_000 { other[number % 8] = number }
      CrashScenarios.crash()
    }
    onThreads(1) { _ in lock.withLock { holder.value[GatedKey(2)] = [2] } }
    lock.withLock { OverlapScenarios.slowReader(holder, GatedKey(1, trap)) }
  }

  /// One thread reads a constant; the other mutates copies of it, and each mutation forks the
  /// monitor. Run with delays, so that the other thread is mostly in the middle of a fork.
  @inline(never)
  static func besideForkOfCopy() {
    let dictionary: AuditedDictionary<Int, Int> = [1: 1]
    let monitor = unsafeBitCast(dictionary, to: UInt.self)
    together(
      {
        // The monitor's word that names the variable being mutated.
        dictionary.forEach { _ in
          if AccessAudit.isEnabled {
            Waiting.until { UnsafePointer<UInt64>(bitPattern: monitor + 24)!.pointee != 0 }
          }
          CrashScenarios.crash()
        }
      },
      {
        while true {
          var copy = dictionary
          copy[2] = 2
        }
      })
  }

  /// A thread forks from the collection that it reads by mutating the variable; another thread had
  /// written it before, under the lock.
  @inline(never)
  static func afterOwnFork() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    let lock = NSLock()
    onThreads(1) { _ in lock.withLock { shared.value[2] = 2 } }
    lock.withLock {
      shared.value.forEach { key, value in
        shared.value[key] = value + 1
        CrashScenarios.crash()
      }
    }
  }

  /// A writer crashes while another thread reads the same collection.
  @inline(never)
  static func writerBesideReader() {
    let holder = Holder()
    let reading = Trap()
    let writing = Trap()
    let inside = Gate()
    reading.arm {
      inside.open()
      sleep(20)
    }
    writing.arm { CrashScenarios.crash() }
    together(
      { OverlapScenarios.slowReader(holder, GatedKey(1, reading)) },
      {
        inside.wait()
        OverlapScenarios.firstWriter(holder, GatedKey(2, writing))
      })
  }

  /// A reader crashes after its collection was replaced under it.
  @inline(never)
  static func afterDestruction() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let replaced = Gate()
    trap.arm {
      inside.open()
      replaced.wait()
      CrashScenarios.crash()
    }
    together(
      { OverlapScenarios.slowReader(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        holder.value = [GatedKey(2): [2]]
        replaced.open()
        sleep(20)
      })
  }

  /// A reader crashes in an access to another collection, which nobody else touches. The outer one
  /// was written meanwhile, or not.
  @inline(never)
  static func insideNested(isOverlapped: Bool) {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let left = Gate()
    trap.arm {
      let own: AuditedDictionary<Int, Int> = [1: 1]
      own.forEach { _ in
        inside.open()
        left.wait()
        CrashScenarios.crash()
      }
    }
    together(
      { OverlapScenarios.slowReader(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        if isOverlapped { holder.value[GatedKey(2)] = [2] }
        left.open()
        sleep(20)
      })
  }

  /// The heap is corrupt: the C library faults in the middle of an allocation, with its lock held.
  @inline(never)
  static func insideMalloc(isOverlapped: Bool) {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let left = Gate()
    trap.arm {
      inside.open()
      if isOverlapped { left.wait() }
      corruptHeap()
    }
    // The detector knows of two threads that touch the collection, before one crashes.
    onThreads(1) { _ in holder.value[GatedKey(3)] = [3] }
    AccessAudit.flush()
    together(
      { OverlapScenarios.slowReader(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        guard isOverlapped else { return }
        holder.value[GatedKey(2)] = [2]
        left.open()
        sleep(40)
      })
  }

  /// Damages free chunks that are too large for the caches of threads, then requests more than
  /// their size, in steps: a chunk that fits exactly ends the allocator's search before the damaged
  /// links. An optimiser would leave out what is not used, and what is written to freed memory.
  @_optimize(none)
  static func corruptHeap() {
    let chunks = UnsafeMutablePointer<UnsafeMutablePointer<UInt>>.allocate(capacity: 4)
    for index in 0..<4 {
      chunks[index] = malloc(2_000)!.assumingMemoryBound(to: UInt.self)
      // Keeps neighbours from being merged.
      _ = malloc(2_000)
    }
    for index in 0..<4 { free(chunks[index]) }
    for index in 0..<4 { chunks[index][1] = 0x10 }
    for size in stride(from: 3_000, to: 30_000, by: 16) { _ = malloc(size) }
    fatalError("the allocator did not fault")
  }
}
