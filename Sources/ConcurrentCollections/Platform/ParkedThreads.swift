// SPDX-License-Identifier: Apache-2.0
//
// What stands in for Linux's `futex` and `membarrier` on other systems: threads parked at a word,
// by POSIX conditions. It allocates at its first use only.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Synchronization

#if !ON_LINUX

/// A POSIX mutex and its condition, at an address of their own.
struct Condition: ~Copyable, @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    let isMade = pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(condition, nil) == 0
    precondition(isMade, "pthread_mutex_init or pthread_cond_init failed")
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func withLock<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Waits for ``wakeAll()`` with the lock held; may return early.
  func wait() { pthread_cond_wait(condition, mutex) }

  /// As ``wait()``, for so many nanoseconds at most. A second at a time, because the clock of these
  /// waits can be set.
  func wait(atMost limit: UInt64) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let end = UInt64(time.tv_nsec) + min(limit, 1_000_000_000)
    time.tv_sec += Int(end / 1_000_000_000)
    time.tv_nsec = Int(end % 1_000_000_000)
    pthread_cond_timedwait(condition, mutex, &time)
  }

  func wakeAll() { pthread_cond_broadcast(condition) }
}

/// The calls of `SystemCall` on Linux, on systems that do not have them.
@usableFromInline
enum SystemCall {
  /// Words that share a condition wake one another's threads, which look again and park.
  private static let conditions = PaddedArray(count: 64) { _ in Condition() }

  private static func condition(
    of word: UnsafeMutablePointer<Atomic<UInt32>>
  ) -> UnsafeMutablePointer<Condition> {
    let number = UInt(bitPattern: word) / UInt(MemoryLayout<UInt32>.size)
    return conditions.pointer(Int(truncatingIfNeeded: (number &* 0x9E37_79B9) >> 8 & 63))
  }

  /// There is no barrier that other threads execute: readers use a fence of their own.
  static var hasProcessBarrier: Bool { false }

  static func processBarrier() { atomicMemoryFence(ordering: .sequentiallyConsistent) }

  /// Parks the thread until it is woken, if the word has the value; it may return early.
  static func wait(
    _ word: UnsafeMutablePointer<Atomic<UInt32>>, while value: UInt32, atMost limit: UInt64? = nil
  ) {
    let condition = condition(of: word)
    condition.pointee.withLock {
      guard word.pointee.load(ordering: .acquiring) == value else { return }
      if let limit { condition.pointee.wait(atMost: limit) } else { condition.pointee.wait() }
    }
  }

  /// Wakes the threads that are parked at the word.
  static func wake(_ word: UnsafeMutablePointer<Atomic<UInt32>>, _ count: Int) {
    let condition = condition(of: word)
    condition.pointee.withLock { condition.pointee.wakeAll() }
  }

  /// Parks the thread until it is woken, if the word has the value; it may return early.
  static func wait(_ word: UnsafeMutablePointer<Atomic<UInt32>>, while value: UInt32, as number: UInt32) {
    wait(word, while: value)
  }

  /// Wakes the threads that are parked at the word.
  static func wake(_ word: UnsafeMutablePointer<Atomic<UInt32>>, as number: UInt32) { wake(word, 1) }
}

/// Parks threads until they are signalled. A signal that comes first is kept.
struct Semaphore: ~Copyable, @unchecked Sendable {
  private let condition = Condition()
  private let count: UnsafeMutablePointer<Int>

  init() {
    count = .allocate(capacity: 1)
    count.initialize(to: 0)
  }

  deinit { count.deallocate() }

  /// Lets one waiting thread go, or the next one that comes.
  func signal() {
    condition.withLock {
      count.pointee += 1
      condition.wakeAll()
    }
  }

  /// Waits for a signal and takes it.
  func wait() {
    condition.withLock {
      while count.pointee == 0 { condition.wait() }
      count.pointee -= 1
    }
  }
}

#endif
