// SPDX-License-Identifier: Apache-2.0
//
// A mutex in one word. It allocates nothing; a thread that waits long is parked.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
public import Synchronization

/// A mutex in one word: 0 free, 1 held, 2 held and perhaps waited for.
///
/// Source: U. Drepper, "Futexes Are Tricky", 2011, the third mutex, with a short spin before the thread is parked.
///
/// Why not `Synchronization.Mutex`: on Linux that is a priority-inheriting futex, which the kernel hands to the thread that waited
/// longest, awake or not. With more threads than cores every operation then waits for a context switch: eight threads writing
/// to one dictionary on two busy cores took 15 to 37 µs an operation with it, and 40 to 80 ns with a lock that whoever is running may
/// take. ThreadSanitizer, too, does not see that mutex's slow path and reports what it protects as races; it does see
/// these atomic operations. The price is that there is no order among those who wait, and no inheritance of priority.
@usableFromInline
enum Lock {
  @usableFromInline typealias Word = UnsafeMutablePointer<Atomic<UInt32>>

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - word: The lock.
  ///   - pause: How long a thread that finds it held stays away at first: short where the holder will not come again at once.
  @inlinable @inline(__always)  // One exchange when nobody else is there.
  static func lock(_ word: Word, pause: Int = longPause) {
    // Acquires what the last holder did. Pairs with the exchange in `unlock`. Sequentially consistent, because it also announces a
    // writer of `ReadWriteLocked` to readers; that is the same instruction on x86-64.
    if word.pointee.compareExchange(
      expected: 0, desired: 1, successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed
    ).exchanged {
      return
    }
    lockSlowly(word, pause)
  }

  @inlinable @inline(__always)  // One exchange when nobody waits.
  static func unlock(_ word: Word) {
    if word.pointee.exchange(0, ordering: .releasing) == 2 { wakeOne(word) }
  }

  /// For a lock that its holder is likely to take again at once.
  @inlinable static var longPause: Int { 256 }
  /// For one lock of many.
  @inlinable static var shortPause: Int { 32 }

  @usableFromInline @inline(never)
  static func lockSlowly(_ word: Word, _ firstPause: Int) {
    var pause = firstPause
    for _ in 0..<looks {
      // Away from the word, so that its line stays with the holder, who may finish and come again meanwhile: a lock passed on after each
      // operation costs more than the operations.
      rest(pause)
      pause = min(pause * 2, longestPause)
      if tryLock(word) { return }
    }
    // The holder has no core, perhaps. It is given this one; that is cheaper for both than to be parked and woken.
    for _ in 0..<yields {
      sched_yield()
      if tryLock(word) { return }
    }
    // Whoever has been parked takes the lock as "waited for", as it cannot know whether others still are.
    while word.pointee.exchange(2, ordering: .sequentiallyConsistent) != 0 { SystemCall.wait(word, while: 2) }
  }

  private static func tryLock(_ word: Word) -> Bool {
    word.pointee.load(ordering: .relaxed) == 0
      && word.pointee.compareExchange(
        expected: 0, desired: 1, successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed
      ).exchanged
  }

  /// The longest time away, in steps of ``rest(_:)``; each is twice as long as the one before.
  private static let longestPause = 4096
  /// How often a thread looks before it gives its core away, and how often it does that before it is parked.
  private static let looks = 8
  private static let yields = 4
  /// Never written: a line that every core has.
  private static let quiet = Atomic<UInt32>(0)

  /// Lets a time go by, in steps of a few cycles, without touching memory that others write.
  static func rest(_ steps: Int) {
    for _ in 0..<steps where quiet.load(ordering: .relaxed) != 0 { return }
  }

  @usableFromInline @inline(never)
  static func wakeOne(_ word: Word) { SystemCall.wake(word, 1) }
}

/// A fixed number of values, each under a lock and on cache lines of its own.
@usableFromInline
struct LockedArray<State: ~Copyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let stride: Int
  @usableFromInline let count: Int

  @usableFromInline
  init(count: Int, _ makeState: (Int) -> State) {
    precondition(MemoryLayout<State>.alignment <= Self.offset, "a state with an alignment of more than a lock's room")
    self.count = count
    stride = CacheLine.roundUp(Self.offset + MemoryLayout<State>.size)
    base = .allocate(byteCount: stride * count, alignment: CacheLine.bytes)
    for index in 0..<count {
      (base + index * stride).bindMemory(to: Atomic<UInt32>.self, capacity: 1).initialize(to: Atomic(0))
      (base + index * stride + Self.offset).bindMemory(to: State.self, capacity: 1).initialize(to: makeState(index))
    }
  }

  /// Where the state begins, after the lock's word: on the same line.
  @inlinable static var offset: Int { 16 }

  @inlinable @inline(__always)  // An address computation.
  func word(_ index: Int) -> Lock.Word { (base + index &* stride).assumingMemoryBound(to: Atomic<UInt32>.self) }

  @inlinable @inline(__always)  // An address computation.
  func state(_ index: Int) -> UnsafeMutablePointer<State> {
    (base + index &* stride + Self.offset).assumingMemoryBound(to: State.self)
  }

  /// Runs a closure while the calling thread holds one value's lock.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func withLock<Result, Failure: Error>(
    _ index: Int, _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Lock.lock(word(index), pause: count > 1 ? Lock.shortPause : Lock.longPause)
    defer { Lock.unlock(word(index)) }
    return try body(&state(index).pointee)
  }

  deinit {
    for index in 0..<count {
      state(index).deinitialize(count: 1)
    }
    base.deallocate()
  }
}

extension LockedArray: @unchecked Sendable where State: ~Copyable {}

/// One value under a lock.
@usableFromInline
struct Guarded<State>: ~Copyable, Sendable {
  @usableFromInline let value: LockedArray<State>

  @usableFromInline
  init(_ state: State) { value = LockedArray(count: 1) { _ in state } }

  /// Runs a closure while the calling thread holds the lock.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func withLock<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try value.withLock(0, body)
  }
}
