// SPDX-License-Identifier: Apache-2.0
//
// One record for each live thread, on cache lines of its own. The hot path neither allocates nor
// locks.

#if canImport(Darwin)
public import Darwin
#elseif canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#endif
public import Synchronization

/// What the collections know of one thread. Only that thread writes it, but for `isClaimed`.
///
/// Behind it, on the same lines of cache, are the addresses of the values the thread has lent: see
/// ``lent(_:)``.
@usableFromInline
struct ThreadRecord: ~Copyable, @unchecked Sendable {
  /// 0 outside a read section; inside one, the epoch it began in.
  @usableFromInline let section = Atomic<UInt>(0)
  /// How many values the thread has lent to closures that are running.
  @usableFromInline var lentCount = 0
  /// Counts up from 0 with the records made: spreads threads over stripes without collisions.
  @usableFromInline let index: Int
  /// The record made before this one. Records are never freed, so the list can be walked at any
  /// time.
  let previous: UnsafeMutablePointer<ThreadRecord>?
  /// Whether a live thread owns the record.
  let isClaimed = Atomic<Bool>(true)
  /// The collections whose operations are running on the thread; used by debug builds' re-entrancy
  /// check only.
  let held = HeldCollections()

  init(index: Int, previous: UnsafeMutablePointer<ThreadRecord>?) {
    self.index = index
    self.previous = previous
  }

  /// How many values a thread can lend at one time, one inside the other.
  @inlinable static var lentLimit: Int { 8 }

  /// Where the addresses of lent values begin, after the record.
  @inlinable static var lentOffset: Int { 64 }

  /// The address of one lent value, 0 if there is none.
  @inlinable @inline(__always)  // An address computation.
  static func lent(_ record: UnsafeMutablePointer<ThreadRecord>, _ index: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
    (UnsafeMutableRawPointer(record) + lentOffset).assumingMemoryBound(to: Atomic<UInt>.self) + index
  }

  /// Says of a record that its thread neither reads nor lends.
  static func clear(_ record: UnsafeMutablePointer<ThreadRecord>) {
    record.pointee.lentCount = 0
    var index = 0
    while index < lentLimit {
      lent(record, index).pointee.store(0, ordering: .releasing)
      index += 1
    }
    record.pointee.section.store(0, ordering: .releasing)
  }
}

/// The list of all thread records: as many as the process has ever had threads using the
/// collections at one time.
@usableFromInline
enum ThreadRegistry {
  /// The address of the newest record, 0 before the first.
  private static let newest = Atomic<UInt>(0)
  private static let made = Atomic<Int>(0)

  /// The key, for the child of a fork: it must not wait for `key` to be made.
  private static let keyNumber = Atomic<UInt>(0)

  /// The key of the thread-local pointer to the record. Its destructor gives the record back when
  /// the thread ends.
  @usableFromInline static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { pointer in
      // An optional on some platforms and not on others.
      guard let record = (pointer as UnsafeMutableRawPointer?)?.assumingMemoryBound(to: ThreadRecord.self) else {
        return
      }
      ThreadRecord.clear(record)
      // Pairs with the acquiring exchange in `claim`.
      record.pointee.isClaimed.store(false, ordering: .releasing)
    }
    require(status == 0, "pthread_key_create failed: \(status)")
    keyNumber.store(UInt(key), ordering: .releasing)
    // Run once before, so that nothing is set up lazily in a child, where that could wait for a
    // lock of the parent's.
    forgetOtherThreads(isChild: false)
    pthread_atfork(nil, nil) { ThreadRegistry.forgetOtherThreads(isChild: true) }
    return key
  }()

  /// The record of the calling thread; `key` is passed by callers that keep it at hand.
  @inlinable @inline(__always)  // One load on the fast path of every read.
  static func current(_ key: pthread_key_t) -> UnsafeMutablePointer<ThreadRecord> {
    if let record = pthread_getspecific(key) {
      return record.assumingMemoryBound(to: ThreadRecord.self)
    }
    return claim()
  }

  /// The record of the calling thread.
  static var current: UnsafeMutablePointer<ThreadRecord> { current(key) }

  /// Takes the record of a thread that has ended, or makes one.
  @usableFromInline @inline(never)
  static func claim() -> UnsafeMutablePointer<ThreadRecord> {
    var found: UnsafeMutablePointer<ThreadRecord>?
    var candidate = newestRecord
    while let record = candidate, found == nil {
      if !record.pointee.isClaimed.exchange(true, ordering: .acquiringAndReleasing) { found = record }
      candidate = record.pointee.previous
    }
    let record = found ?? make()
    pthread_setspecific(key, record)
    return record
  }

  private static var newestRecord: UnsafeMutablePointer<ThreadRecord>? {
    UnsafeMutablePointer(bitPattern: newest.load(ordering: .acquiring))
  }

  private static func make() -> UnsafeMutablePointer<ThreadRecord> {
    precondition(MemoryLayout<ThreadRecord>.size <= ThreadRecord.lentOffset)
    let bytes = ThreadRecord.lentOffset + ThreadRecord.lentLimit * MemoryLayout<UInt>.size
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: CacheLine.roundUp(bytes), alignment: CacheLine.bytes)
    let record = memory.bindMemory(to: ThreadRecord.self, capacity: 1)
    let index = made.add(1, ordering: .relaxed).oldValue
    var previous = newestRecord
    for number in 0..<ThreadRecord.lentLimit { ThreadRecord.lent(record, number).initialize(to: Atomic(0)) }
    record.initialize(to: ThreadRecord(index: index, previous: previous))
    while true {
      // Releases the record's contents to `forEach` and `claim`.
      let (exchanged, original) = newest.compareExchange(
        expected: UInt(bitPattern: previous), desired: UInt(bitPattern: record), ordering: .acquiringAndReleasing)
      if exchanged { return record }
      previous = UnsafeMutablePointer(bitPattern: original)
      record.deinitialize(count: 1)
      record.initialize(to: ThreadRecord(index: index, previous: previous))
    }
  }

  /// Gives back the records of all threads but one: after a fork, they are not in the child, and
  /// what they read or lent at that moment would never end.
  ///
  /// It runs in the child before `fork` returns, on its only thread: it neither allocates nor
  /// locks.
  private static func forgetOtherThreads(isChild: Bool) {
    let own = pthread_getspecific(pthread_key_t(truncatingIfNeeded: keyNumber.load(ordering: .acquiring)))
    var candidate = newest.load(ordering: .acquiring)
    while let address = UnsafeMutableRawPointer(bitPattern: candidate) {
      let record = address.assumingMemoryBound(to: ThreadRecord.self)
      if isChild, address != own {
        ThreadRecord.clear(record)
        record.pointee.isClaimed.store(false, ordering: .releasing)
      }
      candidate = UInt(bitPattern: record.pointee.previous)
    }
  }

  /// Calls the closure with every record, of live and of ended threads, until it returns false.
  static func forEach(_ body: (UnsafeMutablePointer<ThreadRecord>) -> Bool) {
    var candidate = newestRecord
    while let record = candidate, body(record) { candidate = record.pointee.previous }
  }

  /// How many records exist; bounded by the largest number of threads alive at one time.
  static var recordCount: Int { made.load(ordering: .relaxed) }
}
