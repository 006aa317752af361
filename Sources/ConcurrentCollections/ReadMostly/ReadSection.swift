// SPDX-License-Identifier: Apache-2.0
//
// How readers say that they are reading and how writers learn that they have stopped. The reader's side neither allocates
// nor locks nor waits, and stores to its own thread's record only.

#if canImport(Glibc)
  public import Glibc
#elseif canImport(Musl)
  public import Musl
#endif
public import Synchronization

/// The sections in which readers may hold pointers to what a writer has unlinked.
///
/// A reader stores the current epoch in its thread's record, reads, and stores 0. A writer unlinks, begins a new
/// epoch, makes every thread pass a memory barrier (``SystemCall``), and looks at the records: a thread whose record
/// says 0 or the new epoch can no longer reach what was unlinked before. The barrier is the writer's system call,
/// so a reader pays two plain stores.
///
/// Sources: K. Fraser, "Practical lock-freedom", UCAM-CL-TR-579, 2004, section 5.2.3 (epochs); M. Desnoyers et al.,
/// "User-Level Implementations of Read-Copy Update", IEEE TPDS 23(2), 2012 (the barrier by the writer).
@usableFromInline
struct ReadSection: @unchecked Sendable {
  @usableFromInline let threadKey: pthread_key_t
  /// The process's epoch, on a line of its own; 1 at first.
  @usableFromInline let epoch: UnsafeMutablePointer<Atomic<UInt>>
  /// Whether the kernel has no process-wide barrier, so that each reader needs a fence of its own.
  @usableFromInline let needsFence: Bool

  private static let processEpoch: ReadSection = {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: CacheLine.bytes, alignment: CacheLine.bytes)
    let epoch = memory.bindMemory(to: Atomic<UInt>.self, capacity: 1)
    epoch.initialize(to: Atomic(1))
    return ReadSection(
      threadKey: ThreadRegistry.key, epoch: epoch, needsFence: !SystemCall.hasProcessBarrier)
  }()

  /// The sections of this process: one set for all dictionaries.
  @usableFromInline static var shared: ReadSection { processEpoch }

  private init(threadKey: pthread_key_t, epoch: UnsafeMutablePointer<Atomic<UInt>>, needsFence: Bool) {
    self.threadKey = threadKey
    self.epoch = epoch
    self.needsFence = needsFence
  }

  /// Begins a section; nil says that the thread is in one already and the outer one lasts.
  @inlinable @inline(__always)  // Three loads and a store.
  func begin() -> UnsafeMutablePointer<ThreadRecord>? {
    let record = ThreadRegistry.current(threadKey)
    if record.pointee.section.load(ordering: .relaxed) != 0 { return nil }
    // Acquires what was unlinked before the epoch began. Pairs with the writer's addition.
    let now = epoch.pointee.load(ordering: .acquiring)
    // Before any load of the section: in the compiler's order, as neither atomic access may be moved over the other by
    // it; in the processor's, by the barrier that the writer sends.
    record.pointee.section.store(now, ordering: .releasing)
    if needsFence { atomicMemoryFence(ordering: .sequentiallyConsistent) }
    return record
  }

  @inlinable @inline(__always)  // A store.
  func end(_ record: UnsafeMutablePointer<ThreadRecord>?) {
    // Releases the section's reads to the writer's acquiring load of the record.
    record?.pointee.section.store(0, ordering: .releasing)
  }

  /// Whether the calling thread is in a section: it must not wait for readers, being one.
  var isReading: Bool { ThreadRegistry.current(threadKey).pointee.section.load(ordering: .relaxed) != 0 }

  /// Begins an epoch after which nothing unlinked so far can be reached by readers yet to come.
  func beginEpoch() -> UInt {
    let new = epoch.pointee.add(1, ordering: .acquiringAndReleasing).newValue
    SystemCall.processBarrier()
    return new
  }

  /// Whether every reader that had begun before an epoch has ended.
  func everyReaderHasLeft(before epoch: UInt) -> Bool {
    var left = true
    ThreadRegistry.forEach { record in
      let began = record.pointee.section.load(ordering: .acquiring)
      left = began == 0 || began >= epoch
      return left
    }
    return left
  }
}
