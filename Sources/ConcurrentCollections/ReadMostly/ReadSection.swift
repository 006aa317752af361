// SPDX-License-Identifier: Apache-2.0
//
// How readers say that they are reading and how writers learn that they have stopped. The reader's
// side neither allocates nor locks nor waits, and stores to its own thread's record only.

#if canImport(Darwin)
public import Darwin
#elseif canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#endif
public import Synchronization

/// The sections in which readers may hold pointers to what a writer has unlinked.
///
/// A reader stores the current epoch in its thread's record, reads, and stores 0. A writer unlinks,
/// begins a new epoch, makes every thread pass a memory barrier (``SystemCall``), and looks at the
/// records: a thread whose record says 0 or the new epoch can no longer reach what was unlinked
/// before. The barrier is the writer's system call, so a reader pays two plain stores.
///
/// A section is as long as a look-up. A value that is lent to a closure is named in the thread's
/// record before the section ends: the writer keeps that one value and waits for nobody. So a
/// reader may hold on for as long as it likes, and write meanwhile.
///
/// Fences keep the compiler in order: Swift's optimiser moves a `swift_retain` past any plain
/// store, atomic or not, so that what was read would be retained after the section, when it may be
/// freed. It does not move one past a fence, which `Tests/Fixtures/SharedValues/assembly` checks.
/// On x86-64 these fences are no instructions; on arm64 they are barriers.
///
/// Sources: K. Fraser, "Practical lock-freedom", UCAM-CL-TR-579, 2004, section 5.2.3 (epochs); M.
/// Desnoyers et al., "User-Level Implementations of Read-Copy Update", IEEE TPDS 23(2), 2012 (the
/// barrier by the writer); M. Michael, "Hazard Pointers", IEEE TPDS 15(6), 2004 (lent values).
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
    record.pointee.section.store(now, ordering: .relaxed)
    // Before any load of the section: for the compiler by this fence, for the processor by the
    // barrier that the writer sends.
    atomicMemoryFence(ordering: .acquiringAndReleasing)
    if needsFence { atomicMemoryFence(ordering: .sequentiallyConsistent) }
    return record
  }

  @inlinable @inline(__always)  // A store.
  func end(_ record: UnsafeMutablePointer<ThreadRecord>?) {
    guard let record else { return }
    // What was read is retained by now.
    atomicMemoryFence(ordering: .acquiringAndReleasing)
    // Releases the section's reads to the writer's acquiring load of the record.
    record.pointee.section.store(0, ordering: .releasing)
  }

  // MARK: Lent values

  /// Ends a section in which an entry was found that stays lent to a closure.
  ///
  /// - Returns: What ``takeBack(_:)`` wants; nil if an outer section lasts.
  @inlinable @inline(__always)  // Three stores.
  func lend(
    _ entry: UnsafeMutableRawPointer, _ record: UnsafeMutablePointer<ThreadRecord>?
  ) -> UnsafeMutablePointer<ThreadRecord>? {
    guard let record else { return nil }
    let count = record.pointee.lentCount
    record.pointee.lentCount = count &+ 1
    // With too many, the section lasts as long as the closure.
    guard count < ThreadRecord.lentLimit else { return record }
    // The writer that sees the section's end sees this.
    ThreadRecord.lent(record, count).pointee.store(UInt(bitPattern: entry), ordering: .releasing)
    record.pointee.section.store(0, ordering: .releasing)
    return record
  }

  /// Ends the lending that began last on the thread.
  @inlinable @inline(__always)  // Two stores.
  func takeBack(_ record: UnsafeMutablePointer<ThreadRecord>?) {
    guard let record else { return }
    let count = record.pointee.lentCount &- 1
    record.pointee.lentCount = count
    guard count < ThreadRecord.lentLimit else { return end(record) }
    // What was read is retained by now.
    atomicMemoryFence(ordering: .acquiringAndReleasing)
    ThreadRecord.lent(record, count).pointee.store(0, ordering: .releasing)
  }

  /// Calls the closure with the address of every lent value. Called after
  /// ``everyReaderHasLeft(before:)`` it misses none that was unlinked before that epoch.
  @usableFromInline
  func forEachLent(_ body: (UInt) -> Void) {
    ThreadRegistry.forEach { record in
      for index in 0..<ThreadRecord.lentLimit {
        let entry = ThreadRecord.lent(record, index).pointee.load(ordering: .acquiring)
        if entry != 0 { body(entry) }
      }
      return true
    }
  }

  /// Whether the calling thread is in a section, inside a key's `==` or many lent values: it must
  /// not wait for readers, being one.
  var isReading: Bool { ThreadRegistry.current(threadKey).pointee.section.load(ordering: .relaxed) != 0 }

  /// Whether the calling thread lends more values than it has places for, so that it is in a
  /// section until the closures return.
  var isLendingTooMany: Bool { ThreadRegistry.current(threadKey).pointee.lentCount > ThreadRecord.lentLimit }

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
