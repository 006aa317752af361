// SPDX-License-Identifier: Apache-2.0
//
// When the address of a retired monitor is in nobody's hands any more. Owned by the detector
// thread.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

/// The moments of quiescence: up to when every thread is known to have done with the monitors whose
/// addresses it had loaded.
///
/// A thread loads a monitor's address, then publishes that it is inside an access to it; between
/// the two it may lose its processor for as long as the machine is busy, and nobody can tell.
/// Whatever it had loaded at some moment it has done with when it has made two accesses since, or
/// when it was seen asleep, which it never is in between, or when it has used more processor time
/// than a thousand times what lies in between. Only a thread that is kept waiting for a processor
/// shows none of the three.
struct Quiescence {
  private struct Thread {
    /// Which of the recorder's owners this is about.
    var owner: UInt64 = 0
    /// The accesses it had made, and the processor time it had used, at the moment `since`.
    var progress: UInt64 = 0
    var ticks: UInt64?
    var since = Moment.never
    /// When the kernel was asked about it last.
    var lookedAt = Moment.never
    /// It has done with everything it had loaded by then.
    var quiescent = Moment.never
  }

  private var threads: [Thread] = []
  /// The kernel is asked about a thread no more often than this, and less often where there are
  /// many.
  private static let interval: UInt64 = 100_000_000
  private static let intervalForEach: UInt64 = 200_000
  /// Ticks of processor time; the clock counts one when it finds the thread running.
  private static let ticksBetween: UInt64 = 3

  /// The moment by which every thread that is known has done with what it had loaded before, at
  /// most `now`.
  ///
  /// - Complexity: O(threads); reads a file of the kernel's for those that make no accesses.
  mutating func update(_ now: Moment) -> Moment {
    let count = ThreadRegistry.recorderCount
    while threads.count <= count { threads.append(Thread()) }
    let interval = Self.interval + Self.intervalForEach * UInt64(count)
    var oldest = now
    var slot = ThreadRegistry.nextInUse(after: 0)
    while slot != 0, Int(slot) <= count {
      if let recorder = ThreadRegistry.recorder(slot: slot), recorder.pointee.life.isOwned {
        look(at: recorder, &threads[Int(slot)], now, interval)
        oldest = min(oldest, threads[Int(slot)].quiescent)
      }
      slot = ThreadRegistry.nextInUse(after: slot)
    }
    return oldest
  }

  private func look(at recorder: ThreadRecorderPointer, _ thread: inout Thread, _ now: Moment, _ interval: UInt64) {
    let owner = recorder.pointee.life.owner
    let progress = recorder.pointee.progress
    if owner != thread.owner {
      thread = Thread(owner: owner, progress: progress, since: now, lookedAt: now)
      return
    }
    // One may have been recorded, and not published yet.
    if progress >= thread.progress + 2 {
      thread.quiescent = thread.since
      (thread.progress, thread.ticks, thread.since) = (progress, nil, now)
      return
    }
    guard now.nanoseconds(since: thread.lookedAt) >= interval else { return }
    thread.lookedAt = now
    let waits = recorder.pointee.waits.load(ordering: .sequentiallyConsistent)
    var isAsleep = false
    var ticks: UInt64 = 0
    guard audit_look_at_thread(recorder.pointee.threadID.load(ordering: .relaxed), &isAsleep, &ticks) else {
      // Without the kernel's word only time is left.
      return thread.quiescent = now.preceded(byNanoseconds: RetiredMonitors.graceNanoseconds)
    }
    let isWaiting = waits & 1 == 1 || recorder.pointee.waits.load(ordering: .sequentiallyConsistent) != waits
    if isWaiting { return thread.ticks = nil }
    if isAsleep {
      thread.quiescent = now
      (thread.progress, thread.ticks, thread.since) = (progress, nil, now)
    } else if let before = thread.ticks {
      guard ticks >= before + Self.ticksBetween else { return }
      thread.quiescent = thread.since
      (thread.progress, thread.ticks, thread.since) = (progress, ticks, now)
    } else {
      (thread.progress, thread.ticks, thread.since) = (progress, ticks, now)
    }
  }
}

#endif
