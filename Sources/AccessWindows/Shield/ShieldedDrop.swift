// SPDX-License-Identifier: Apache-2.0
//
// How the elements of a collection go under `shield`: on the thread that dropped the last
// reference, at once, unless another thread reads them without having synchronised. Runs wherever
// the program releases an object, so nothing here allocates beyond the stack, calls the program, or
// waits without bound.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// What becomes of the elements of a retired monitor.
///
/// A collection that only the dropping thread has touched is dropped as a plain one. For any other
/// the thread looks whether somebody has published a read of it, which in a correct program nobody
/// has, and waits for its end as a writer would. Once a race was seen in the process, it also waits
/// until no thread can be between the load of the monitor's address and the publication. Elements
/// that are still read when the time is up stay with the thread that dropped them: it drops them
/// when it drops something else, or ends.
enum ShieldedDrop {
  /// Drops the elements of a monitor that says that it is retired.
  static func perform(_ monitor: MonitorReference) {
    let recorder = audit_thread_recorder()?.assumingMemoryBound(to: ThreadRecorder.self)
    if let recorder { dropPending(recorder) }
    if attempt(monitor, recorder, isRetry: false) == .dropped {
      RetiredMonitors.add(monitor)
    } else if let recorder {
      ThreadRegistry.dropPending = { ShieldedDrop.dropPending($0.assumingMemoryBound(to: ThreadRecorder.self)) }
      let pending = recorder.pointee.pendingDrops.load(ordering: .relaxed)
      monitor.address.storeBytes(of: pending, toByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
      recorder.pointee.pendingDrops.store(UInt(bitPattern: monitor.address), ordering: .relaxed)
    }
    // A thread without a recorder has nowhere to keep them: they are lost, and so is the monitor.
  }

  /// Drops what could not be dropped before, as far as nobody is inside now.
  static func dropPending(_ recorder: ThreadRecorderPointer) {
    var next = recorder.pointee.pendingDrops.exchange(0, ordering: .relaxed)
    var kept: UInt = 0
    // A thread that has not arrived keeps all of them.
    var outcome = Outcome.dropped
    while let address = UnsafeMutableRawPointer(bitPattern: next) {
      next = address.load(fromByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
      if outcome != .isAwaited { outcome = attempt(MonitorReference(address: address), recorder, isRetry: true) }
      if outcome == .dropped {
        RetiredMonitors.add(MonitorReference(address: address))
      } else {
        address.storeBytes(of: kept, toByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
        kept = UInt(bitPattern: address)
      }
    }
    // What the program did while elements went may have added some.
    while let address = UnsafeMutableRawPointer(bitPattern: kept) {
      kept = address.load(fromByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
      let pending = recorder.pointee.pendingDrops.load(ordering: .relaxed)
      address.storeBytes(of: pending, toByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self)
      recorder.pointee.pendingDrops.store(UInt(bitPattern: address), ordering: .relaxed)
    }
  }

  private enum Outcome { case dropped, isInUse, isAwaited }

  /// Drops the elements, or tells why not: an access to them is in progress, or, in a retry, a
  /// thread that may have loaded the monitor's address has not arrived.
  ///
  /// - Blocking: `wait_ms` for the threads that have not arrived, and as long for readers; a retry,
  ///   for some yields.
  private static func attempt(
    _ monitor: MonitorReference, _ recorder: ThreadRecorderPointer?, isRetry: Bool
  ) -> Outcome {
    let slot = recorder?.pointee.slot ?? 0
    let storage = monitor.storageWord
    let empty = UInt(bitPattern: monitor.emptyStorage)
    // A write that does not end has the elements.
    if monitor.writer.pointee.load(ordering: .acquiring) != 0 { return .isInUse }
    if isRetry || !monitor.belongs(to: slot) {
      var backoff = isRetry ? nil : Backoff()
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      // In a retry too: the attempt before may have ended before every thread had arrived.
      if audit_race_was_seen() {
        let haveArrived = Arrivals.wait(for: monitor, except: slot, isRetry ? .ofYields : Backoff())
        if isRetry, !haveArrived { return .isAwaited }
      }
      // A thread that has arrived may have begun a write.
      if monitor.writer.pointee.load(ordering: .acquiring) != 0 { return .isInUse }
      guard waitForReaders(monitor, except: slot, &backoff) else { return .isInUse }
      // From here on a read that comes late finds nothing; one that came before has published
      // itself.
      let owned = storage.pointee.exchange(empty, ordering: .sequentiallyConsistent)
      guard waitForReaders(monitor, except: slot, &backoff) else {
        storage.pointee.store(owned, ordering: .releasing)
        return .isInUse
      }
      if let owned = UnsafeMutableRawPointer(bitPattern: owned) { swift_release(owned) }
      return .dropped
    }
    let owned = storage.pointee.exchange(empty, ordering: .relaxed)
    if let owned = UnsafeMutableRawPointer(bitPattern: owned) { swift_release(owned) }
    return .dropped
  }

  private static func waitForReaders(
    _ monitor: MonitorReference, except slot: UInt16, _ backoff: inout Backoff?
  ) -> Bool {
    let address = UInt(bitPattern: monitor.address)
    while ThreadRegistry.slotReading(address, except: slot) != 0 {
      guard backoff?.wait(holding: nil) == true else { return false }
    }
    return true
  }
}

/// Waiting until every other thread has published, or given up, the monitor whose address it may
/// have loaded.
///
/// A thread has when it made two accesses since, or was seen asleep, or has used a millisecond of
/// processor time, which is thousands of times what lies between the two. A thread that waits
/// inside the engine says whose address it holds.
enum Arrivals {
  private static let processorNanoseconds: UInt64 = 1_000_000
  /// Rounds between two looks at what the kernel knows.
  private static let roundsBetweenLooks = 8

  private struct Thread {
    var progress: UInt64
    var processorTime: UInt64
    var isDone: Bool
  }

  /// Threads that are followed at once, on the stack: six kilobytes, which every thread has.
  private static let threadsAtOnce = 256

  private struct Request {
    var monitor: MonitorReference
    var own: UInt16
    var backoff: Backoff
  }

  /// Waits while there is backoff; `false` when some thread has not arrived.
  static func wait(for monitor: MonitorReference, except slot: UInt16, _ backoff: Backoff) -> Bool {
    var request = Request(monitor: monitor, own: slot, backoff: backoff)
    var first = 1
    while first <= ThreadRegistry.slotsInUse {
      let left = ThreadRegistry.slotsInUse - first + 1
      let count = left < threadsAtOnce ? left : threadsAtOnce
      let isDone = withUnsafeMutablePointer(to: &request) { request in
        audit_with_stack_memory(count * MemoryLayout<Thread>.stride, UInt(first), UInt(count), request) {
          memory, first, count, request in
          Arrivals.wait(
            for: UInt16(truncatingIfNeeded: first), Int(bitPattern: count),
            memory!.assumingMemoryBound(to: Thread.self), request!.assumingMemoryBound(to: Request.self))
        }
      }
      if !isDone { return false }
      first += count
    }
    return true
  }

  /// Follows the threads of so many slots; `false` when the time is up.
  private static func wait(
    for first: UInt16, _ count: Int, _ threads: UnsafeMutablePointer<Thread>, _ request: UnsafeMutablePointer<Request>
  ) -> Bool {
    var index = 0
    while index < count {
      (threads + index).initialize(to: begin(first + UInt16(index), except: request.pointee.own))
      index += 1
    }
    var rounds = 0
    while !areAllDone(threads, count, from: first, request.pointee.monitor, mayAsk: rounds % roundsBetweenLooks == 2) {
      rounds += 1
      if !request.pointee.backoff.wait(holding: nil) { return false }
    }
    return true
  }

  private static func begin(_ slot: UInt16, except own: UInt16) -> Thread {
    guard slot != own, let recorder = ThreadRegistry.recorder(slot: slot), isThere(recorder) else {
      return Thread(progress: 0, processorTime: 0, isDone: true)
    }
    return Thread(progress: recorder.pointee.progress, processorTime: 0, isDone: false)
  }

  private static func isThere(_ recorder: ThreadRecorderPointer) -> Bool {
    recorder.pointee.life.isOwned
  }

  private static func areAllDone(
    _ threads: UnsafeMutablePointer<Thread>, _ count: Int, from first: UInt16, _ monitor: MonitorReference,
    mayAsk: Bool
  ) -> Bool {
    var areDone = true
    var index = 0
    while index < count {
      if !threads[index].isDone, let recorder = ThreadRegistry.recorder(slot: first + UInt16(index)) {
        threads[index].isDone = isDone(&threads[index], recorder, monitor, mayAsk: mayAsk)
        if !threads[index].isDone { areDone = false }
      }
      index += 1
    }
    return areDone
  }

  private static func isDone(
    _ thread: inout Thread, _ recorder: ThreadRecorderPointer, _ monitor: MonitorReference, mayAsk: Bool
  ) -> Bool {
    if !isThere(recorder) { return true }
    let waits = recorder.pointee.waits.load(ordering: .sequentiallyConsistent)
    let held = recorder.pointee.held.load(ordering: .sequentiallyConsistent)
    if held == UInt(bitPattern: monitor.address) || held & ThreadRecorder.heldBelowMark != 0 { return false }
    if recorder.pointee.progress >= thread.progress + 2 { return true }
    if waits & 1 == 1 {
      // It is in one wait all the time, and holds another address.
      return recorder.pointee.waits.load(ordering: .sequentiallyConsistent) == waits
    }
    guard mayAsk else { return false }
    let id = recorder.pointee.threadID.load(ordering: .relaxed)
    var time: UInt64 = 0
    if audit_processor_time(id, &time) {
      if thread.processorTime == 0 {
        thread.processorTime = time == 0 ? 1 : time
      } else if time >= thread.processorTime + processorNanoseconds {
        return true
      }
    }
    var isAsleep = false
    var ticks: UInt64 = 0
    guard audit_look_at_thread(id, &isAsleep, &ticks), isAsleep else { return false }
    return recorder.pointee.waits.load(ordering: .sequentiallyConsistent) == waits
  }
}

#endif
