// SPDX-License-Identifier: Apache-2.0
//
// A library that a program loads while it runs, and that uses audited collections: a race, and a
// lawful use. Compiled by `LoadedLibraryTests`; no target of the package.

import AuditedCollections
import Foundation

/// A key whose hashing holds the write open until the violation was reported, or five seconds have
/// passed.
struct HeldKey: Hashable {
  var number: Int
  var isHeld = false
  static func == (left: Self, right: Self) -> Bool { left.number == right.number }

  func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    guard isHeld else { return }
    Library.isInside.signal()
    for _ in 0..<5_000 where AccessAudit.violations.count == Library.violationsBefore { usleep(1_000) }
  }
}

final class Library: @unchecked Sendable {
  var raced: AuditedDictionary<HeldKey, Int> = [:]
  var guarded = AuditedDictionary<Int, Int>(label: "of the library")
  let lock = NSLock()
  static let isInside = DispatchSemaphore(value: 0)
  nonisolated(unsafe) static var violationsBefore = 0

  func inThread(_ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
    let isDone = DispatchSemaphore(value: 0)
    Thread {
      body()
      isDone.signal()
    }.start()
    return isDone
  }
}

@inline(never)
func writeHeld(_ library: Library) { library.raced[HeldKey(number: 1, isHeld: true)] = 1 }

@inline(never)
func writeBeside(_ library: Library) { library.raced[HeldKey(number: 2)] = 2 }

/// Two writers overlap in the library. Returns the number of new violations.
@_cdecl("library_race") public func libraryRace() -> CInt {
  let library = Library()
  let before = AccessAudit.violations.count
  Library.violationsBefore = before
  let first = library.inThread { writeHeld(library) }
  let second = library.inThread {
    Library.isInside.wait()
    writeBeside(library)
  }
  first.wait()
  second.wait()
  AccessAudit.flush()
  return CInt(AccessAudit.violations.count - before)
}

/// Four threads share a dictionary under a lock.
@_cdecl("library_work") public func libraryWork() -> CInt {
  let library = Library()
  let threads = (0..<4).map { worker in
    library.inThread {
      for i in 0..<500 {
        library.lock.lock()
        library.guarded[i % 50, default: 0] += worker
        library.lock.unlock()
      }
    }
  }
  for thread in threads { thread.wait() }
  AccessAudit.flush()
  return CInt(library.guarded.count)
}
