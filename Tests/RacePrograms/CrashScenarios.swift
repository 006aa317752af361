// SPDX-License-Identifier: Apache-2.0
//
// Crashes: inside an audited access that another thread overlapped, inside one without an overlap,
// and elsewhere.

import AuditedCollections
import Foundation

enum CrashScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "crash-during-access": { duringAccess() },
    "crash-alone": { alone() },
    "crash-elsewhere": { elsewhere() },
    "crash-after-access": { afterAccess() },
    "crash-under-report": { duringAccess() },
    "replaced-under-reader": { replacedUnderReader() },
  ]

  @inline(never)
  static func crash() {
    UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
  }

  /// A reader crashes after a writer has been inside: the effect of freed storage, made certain.
  @inline(never)
  static func duringAccess() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let left = Gate()
    trap.arm {
      inside.open()
      left.wait()
      crash()
    }
    together(
      { OverlapScenarios.slowReader(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        holder.value[GatedKey(2)] = [2]
        left.open()
        sleep(20)
      })
  }

  /// The whole variable is assigned while a reader is inside. The reader stays there longer than a
  /// retired monitor is kept for threads that are not inside. Under `shield` it ends with the
  /// dictionary that it began with.
  @inline(never)
  static func replacedUnderReader() {
    let shared = Shared<AuditedDictionary<GatedKey, Int>>([GatedKey(1): 10])
    let trap = Trap()
    let inside = Gate()
    let replaced = Gate()
    trap.arm {
      inside.open()
      replaced.wait()
    }
    together(
      { print("read \(shared.value[GatedKey(1, trap)] ?? -1)") },
      {
        inside.wait()
        shared.value = [GatedKey(1): 20]
        var pieces: [[UInt64]] = []
        let deadline = Date().addingTimeInterval(3.5)
        while Date() < deadline {
          // Allocations that reuse freed memory.
          pieces = (0..<2_000).map { [UInt64](repeating: .max, count: $0 % 40) }
          usleep(20_000)
        }
        precondition(pieces.count == 2_000)
        replaced.open()
      })
  }

  /// Inside an access without another thread's access.
  @inline(never)
  static func alone() {
    let holder = Holder()
    let trap = Trap()
    trap.arm { crash() }
    onThreads(1) { _ in holder.value[GatedKey(2)] = [2] }
    OverlapScenarios.slowReader(holder, GatedKey(1, trap))
  }

  /// Not in an access, while another thread is.
  @inline(never)
  static func elsewhere() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      sleep(20)
    }
    together(
      { OverlapScenarios.slowReader(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        crash()
      })
  }

  @inline(never)
  static func afterAccess() {
    let holder = Holder()
    onThreads(2) { _ in
      // Reads only: lawful.
      for _ in 0..<1000 { OverlapScenarios.slowReader(holder, GatedKey(1)) }
    }
    crash()
  }
}
