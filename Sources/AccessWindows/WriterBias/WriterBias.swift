// SPDX-License-Identifier: Apache-2.0
//
// The bias of a monitor's writer word: while one thread alone writes a collection, it claims the
// writer word with plain stores. Slow paths only; the owner's fast path is in
// CAccessRecorder/assembly.

#if AUDITED && canImport(Glibc)

package import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

/// Which thread may claim a monitor's writer word without a locked instruction, which costs more
/// than all else an access does.
///
/// Biased locking with an asymmetric Dekker pattern. The owner says in its recorder which monitor
/// it is claiming, then looks whether the bias is still its own, and only then stores the writer
/// word. Another thread takes the bias away, has the kernel run a barrier on all threads, and waits
/// until the owner is not claiming: from then on the owner has either stored the writer word or
/// seen that the bias is gone. A bias is given once, by a writer that holds the writer word, and
/// never after it was taken away.
///
/// A process may lose the barrier while it runs, when a sandbox is put up. From then on no bias is
/// given, and one that was given is taken away without it, see `Handshake`; an owner that shows
/// nothing keeps its bias, and the other write is not audited, which is counted.
package enum WriterBias {
  /// Barriers that the kernel refused to run.
  package static var barriersRefused: SharedWord<UInt64> { SharedWord(AUDIT_WORD_BARRIERS_REFUSED) }

  /// Everybody claims by a compare-and-swap. The last state of every monitor that two threads
  /// write.
  package static let none: UInt16 = 0
  /// Nobody has written yet: the first writer gets the bias.
  static let open: UInt16 = 0xFFFF
  /// The bias is being taken away.
  static let revoking: UInt16 = 0xFFFE

  /// Without the assembly nobody claims the cheap way, and without the kernel's barrier nobody may.
  /// A process whose environment switches auditing on has registered for the barrier before `main`;
  /// another one does so with its first collection.
  static var initial: UInt16 {
    #if arch(x86_64) || arch(arm64)
    let known = SharedWord<UInt64>(AUDIT_WORD_INITIAL_BIAS)
    let bias = known.load(ordering: .relaxed)
    // Every thread that asks finds the same.
    if bias == 0 { known.store(audit_register_barrier() ? 2 : 1, ordering: .relaxed) }
    return known.load(ordering: .relaxed) == 2 ? open : none
    #else
    return none
    #endif
  }

  /// Makes sure that a claim by compare-and-swap is not overwritten by the bias's owner; `false`
  /// while another thread sees to it.
  ///
  /// - Blocking: some microseconds where a bias is taken away, and at most as long as `backoff`
  ///   for an owner that was interrupted.
  static func settle(_ monitor: MonitorReference, for slot: UInt16, _ backoff: inout Backoff) -> Bool {
    let owner = monitor.bias.pointee.load(ordering: .acquiring)
    switch owner {
    case none, open, slot: return true
    case revoking: return false
    default: break
    }
    // A fork in the middle would leave the mark to a child in which nobody takes it away.
    return ForkGate.inside { revoke(monitor, from: owner, &backoff) }
  }

  private static func revoke(_ monitor: MonitorReference, from owner: UInt16, _ backoff: inout Backoff) -> Bool {
    let taken = monitor.bias.pointee.compareExchange(
      expected: owner, desired: revoking, ordering: .acquiringAndReleasing)
    guard taken.exchanged else { return false }
    // Pairs with the owner's program order: claiming, then the look at the bias, then the writer
    // word.
    let hasBarrier = audit_barrier_on_all_threads()
    let address = UInt(bitPattern: monitor.address)
    if let recorder = ThreadRegistry.recorder(slot: owner) {
      if !hasBarrier {
        barriersRefused.wrappingAdd(1, ordering: .relaxed)
        let handshake = Handshake(with: recorder)
        while !handshake.isDone, backoff.wait(holding: monitor) {}
        guard handshake.isDone else {
          monitor.bias.pointee.store(owner, ordering: .releasing)
          return false
        }
      }
      while recorder.pointee.claiming.load(ordering: .acquiring) == address, backoff.wait(holding: monitor) {}
      if recorder.pointee.claiming.load(ordering: .acquiring) == address {
        // It has been interrupted for longer than anybody may wait here.
        monitor.bias.pointee.store(owner, ordering: .releasing)
        return false
      }
    }
    monitor.bias.pointee.store(none, ordering: .releasing)
    return true
  }

  /// Whether a claim that succeeded holds: the bias may have been given since `settle`, and taken
  /// away again after its owner had stored over the claim. Gives the claim back if it does not
  /// hold.
  static func confirm(_ monitor: MonitorReference, writer: UInt64, for slot: UInt16) -> Bool {
    let owner = monitor.bias.pointee.load(ordering: .acquiring)
    let isSettled = owner == none || owner == open || owner == slot
    if isSettled, monitor.writer.pointee.load(ordering: .acquiring) == writer { return true }
    _ = monitor.writer.pointee.compareExchange(expected: writer, desired: 0, ordering: .acquiringAndReleasing)
    return false
  }

  /// Gives the bias to the thread that holds the writer word.
  static func take(_ monitor: MonitorReference, for slot: UInt16) {
    guard monitor.bias.pointee.load(ordering: .relaxed) == open else { return }
    let isGiven = barriersRefused.load(ordering: .relaxed) == 0
    monitor.bias.pointee.store(isGiven ? slot : none, ordering: .releasing)
  }

  /// The bias of the monitor that a thread's variable gets when it leaves a shared one: what two
  /// threads wrote stays nobody's.
  static func inherited(from monitor: MonitorReference, by slot: UInt16) -> UInt16 {
    monitor.bias.pointee.load(ordering: .relaxed) == slot ? slot : none
  }
}

/// What takes the barrier's place where the kernel refuses it: an owner that has shown, since the
/// bias was marked, that what it had stored before is visible, and that what it loads is new.
///
/// On x86-64 its stores become visible in order, and a processor holds back some dozens of them (72
/// on the largest): so whoever sees the record of an access sees all that was stored that many
/// stores before. On arm64 no such number is known, and this is not relied on. A thread that was
/// switched off its processor has executed a barrier, and one that has run for milliseconds has
/// emptied its store buffer, which every timer's interrupt does.
struct Handshake {
  /// Each access stores more than eight words.
  private static let accesses: UInt64 = 32
  private static let processorNanoseconds: UInt64 = 20_000_000

  private let recorder: ThreadRecorderPointer
  private let progress: UInt64
  private let processorTime: UInt64?

  init(with recorder: ThreadRecorderPointer) {
    self.recorder = recorder
    progress = recorder.pointee.progress
    var time: UInt64 = 0
    processorTime = audit_processor_time(recorder.pointee.threadID.load(ordering: .relaxed), &time) ? time : nil
  }

  var isDone: Bool {
    if !recorder.pointee.life.isOwned { return true }
    #if arch(x86_64)
    if recorder.pointee.progress >= progress &+ Self.accesses { return true }
    #endif
    // It makes its wait known, and its end, by locked instructions, and claims nothing in between.
    if recorder.pointee.waits.load(ordering: .sequentiallyConsistent) & 1 == 1 { return true }
    let id = recorder.pointee.threadID.load(ordering: .relaxed)
    var now: UInt64 = 0
    if let processorTime, audit_processor_time(id, &now), now >= processorTime &+ Self.processorNanoseconds {
      return true
    }
    var isAsleep = false
    var ticks: UInt64 = 0
    return audit_look_at_thread(id, &isAsleep, &ticks) && isAsleep
  }
}

#endif
