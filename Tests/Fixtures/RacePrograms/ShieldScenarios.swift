// SPDX-License-Identifier: Apache-2.0
//
// The effects of the `shield` policy. A correct program sees none: its elements are destroyed at
// once on the thread that dropped them, and no more memory is held than without it. A raced program
// sees old elements or none, never another object's memory.

import AuditedCollections
import Foundation
import Synchronization

/// Counts its instances, and those that are not destroyed on their owner thread.
final class Resident: @unchecked Sendable {
  static let alive = Atomic<Int>(0)
  static let astray = Atomic<Int>(0)
  /// The thread that drops it; 0 for any.
  private let owner: Atomic<UInt>
  private let bytes: [UInt8]

  init(bytes: Int = 0) {
    owner = Atomic(0)
    self.bytes = [UInt8](repeating: 1, count: bytes)
    Self.alive.wrappingAdd(1, ordering: .relaxed)
  }

  func belongsHere() { owner.store(UInt(pthread_self()), ordering: .relaxed) }

  deinit {
    let expected = owner.load(ordering: .relaxed)
    if expected != 0, expected != UInt(pthread_self()) { Self.astray.wrappingAdd(1, ordering: .relaxed) }
    Self.alive.wrappingSubtract(1, ordering: .relaxed)
  }
}

enum ShieldScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "shield-lives": { lives() },
    "shield-lives-shared": { livesShared() },
    "shield-bytes": { bytes() },
    "shield-fork": { fork() },
    "shield-exit": { exitFlushes() },
    "shield-gives-up": { givesUp() },
  ]

  private static func check(_ what: String) {
    let alive = Resident.alive.load(ordering: .relaxed)
    let astray = Resident.astray.load(ordering: .relaxed)
    if alive != 0 || astray != 0 { print("\(what): \(alive) alive, \(astray) dropped elsewhere") }
  }

  private static func make(_ count: Int) -> AuditedDictionary<Int, Resident> {
    var new: AuditedDictionary<Int, Resident> = [:]
    for key in 0..<count {
      let resident = Resident()
      resident.belongsHere()
      new[key] = resident
    }
    return new
  }

  /// One thread: elements are replaced, copied and forked, removed, dropped.
  @inline(never)
  static func lives() {
    let shared = Shared<AuditedDictionary<Int, Resident>>([:])
    for _ in 0..<100 {
      shared.value = make(10)
      weak let observer = shared.value[1]
      if observer == nil { print("gone too early") }
      shared.value = [:]
      if observer != nil { print("a weak reference outlived its object") }
      check("replaced")
      var copy = make(3)
      let other = copy
      copy[1] = nil
      if other.count != 3 || copy.count != 2 { print("a copy is not one") }
      copy = other
    }
    check("left")
    print("done")
  }

  /// Many threads, one lock: the thread that takes elements out drops them.
  @inline(never)
  static func livesShared() {
    let guarded = Mutex<AuditedDictionary<Int, Resident>>([:])
    onThreads(4) { worker in
      for round in 0..<500 {
        guarded.withLock { value in
          value[worker] = Resident()
          _ = value.count
          value.forEach { _ = $0 }
          if round % 10 == worker {
            value.forEach { $0.value.belongsHere() }
            value = [:]
            check("dropped under the lock")
          }
        }
      }
    }
    guarded.withLock {
      $0.forEach { $0.value.belongsHere() }
      $0 = [:]
    }
    check("left")
    print("done")
  }

  /// Large values are created and dropped; only live values stay resident.
  @inline(never)
  static func bytes() {
    let guarded = Mutex<AuditedDictionary<Int, Resident>>([:])
    onThreads(2) { _ in
      for _ in 0..<40 { guarded.withLock { $0 = [1: Resident(bytes: 10_000_000)] } }
    }
    guarded.withLock { $0 = [:] }
    check("left")
    print("most resident \(peakKilobytes() / 1024) MB")
  }

  private static func peakKilobytes() -> Int {
    // Not getrusage, which includes the process before it executed this program.
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? .max
  }

  /// A forked child has no detector.
  @inline(never)
  static func fork() {
    let shared = Shared<AuditedDictionary<Int, Resident>>([:])
    shared.value = make(10)
    onThreads(2) { _ in _ = shared.value[1] }
    fflush(nil)
    let child = ForkScenarios.forkProcess()
    if child == 0 {
      for _ in 0..<1_000 {
        shared.value = make(10)
        weak let observer = shared.value[1]
        shared.value = [:]
        if observer != nil { print("a weak reference outlived its object") }
      }
      check("left")
      print("child done")
      fflush(nil)
      _exit(0)
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    shared.value = [:]
    check("parent")
    print("parent done")
  }

  final class LastWords: Sendable {
    deinit { print("last words") }
  }

  /// The output of a value that is destroyed at the end of the process is not lost.
  @inline(never)
  static func exitFlushes() {
    let shared = Shared<AuditedDictionary<Int, LastWords>>([1: LastWords()])
    onThreads(2) { _ in _ = shared.value[1] }
    shared.value = [:]
    fflush(nil)
    exit(0)
  }

  /// A reader stays inside: the thread that drops the elements waits, gives up, and destroys them
  /// later itself.
  @inline(never)
  static func givesUp() {
    let held = Shared<Resident?>(Resident())
    let shared = Shared<AuditedDictionary<GatedKey, Resident>>([GatedKey(1): held.value!])
    let trap = Trap()
    let inside = Gate()
    let replaced = Gate()
    trap.arm {
      inside.open()
      replaced.wait()
    }
    let left = Gate()
    let checked = DispatchSemaphore(value: 0)
    together(
      {
        if shared.value[GatedKey(1, trap)] == nil { print("the elements went under the read") }
        left.open()
        checked.wait()
      },
      {
        held.value!.belongsHere()
        held.value = nil
        inside.wait()
        shared.value = [:]
        replaced.open()
        left.wait()
        // A later drop destroys these elements too: one that finds the reader asleep.
        for _ in 0..<2_000 {
          shared.value[GatedKey(2)] = Resident()
          shared.value = [:]
          if Resident.alive.load(ordering: .relaxed) == 0 { break }
          usleep(1_000)
        }
        check("left")
        checked.signal()
      })
    print("done")
  }
}
