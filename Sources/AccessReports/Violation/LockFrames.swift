// SPDX-License-Identifier: Apache-2.0
//
// Locks and queues that a stack shows: by the names of functions that run a closure while they hold
// one. Pure; what a program locks and unlocks by hand is not on its stack.

#if REPORTS && canImport(Glibc)

/// What a frame holds while the frames above it run.
enum HeldProtection: Equatable {
  /// The function that holds the lock, as a programmer calls it.
  case lock(String)
  case queue
  /// A write of a queue of readers and writers.
  case barrier
}

extension [Violation.Frame] {
  /// The innermost lock or queue that the access was made under, and the program's frame that took
  /// it, where that is known.
  var protection: (held: HeldProtection, taker: Violation.Frame?)? {
    for (index, frame) in enumerated() where !frame.isAwaiting {
      guard let symbol = frame.symbol, let held = Self.held(by: symbol) else { continue }
      return (held, self[index...].first { $0.category == .user && Self.held(by: $0.symbol ?? "") == nil })
    }
    return nil
  }

  private static func held(by symbol: String) -> HeldProtection? {
    // Most names have none of it: one look says so.
    if symbol.contains("barrier"), ["barrier_sync", "barrier_async", "_barrier_"].contains(where: symbol.contains) {
      return .barrier
    }
    if symbol.hasPrefix("_dispatch_lane_") || symbol.hasPrefix("_dispatch_sync")
      || symbol.contains("DispatchQueue.sync") || symbol.contains("_syncHelper")
    {
      return .queue
    }
    // `Mutex.withLock<A, B>(_:)`, `NSLock.withLock<A>(_:)`, `OSAllocatedUnfairLock.withLock(_:)`.
    guard let name = symbol.split(whereSeparator: { $0 == "(" || $0 == "<" }).first.map(String.init) else { return nil }
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count >= 2, let member = parts.last, lockMembers.contains(where: member.hasPrefix) else { return nil }
    return .lock(parts.suffix(2).joined(separator: "."))
  }

  private static var lockMembers: [String] {
    [
      "withLock", "withCriticalRegion", "withReadLock", "withWriteLock", "withReaderLock", "withWriterLock",
      "synchronized",
    ]
  }
}

#endif
