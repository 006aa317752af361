// SPDX-License-Identifier: Apache-2.0
//
// The two system calls that the C library has no function for. Nothing here allocates or locks
// after its first use.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Synchronization

#if ON_LINUX

/// Linux's `membarrier` and `futex`.
@usableFromInline
enum SystemCall {
  /// `syscall` takes a variable number of arguments, which Swift cannot call; integer arguments
  /// travel in the same registers in either form on the 64-bit ABIs of Linux.
  private typealias Function = @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int

  private static let function: Function? = {
    guard let address = dlsym(nil, "syscall") else { return nil }
    return unsafeBitCast(address, to: Function.self)
  }()

  #if arch(x86_64)
  private static let membarrier: Int? = 324
  private static let futex: Int? = 202
  #elseif arch(arm64)
  private static let membarrier: Int? = 283
  private static let futex: Int? = 98
  #else
  private static let membarrier: Int? = nil
  private static let futex: Int? = nil
  #endif

  // MARK: A barrier in every thread

  private static let registerPrivateExpedited = 1 << 4
  private static let privateExpedited = 1 << 3

  /// Whether the kernel has the process-wide barrier and the process is registered for it.
  static let hasProcessBarrier: Bool = {
    guard let function, let membarrier else { return false }
    return function(membarrier, registerPrivateExpedited, 0, 0, 0, 0, 0) == 0
      && function(membarrier, privateExpedited, 0, 0, 0, 0, 0) == 0
  }()

  /// Makes every running thread of the process execute a full barrier; only the calling one where
  /// the kernel cannot.
  ///
  /// Readers use a fence of their own in that case, which pairs with this one. Source:
  /// `man 2 membarrier`.
  static func processBarrier() {
    guard hasProcessBarrier, let function, let membarrier else {
      return atomicMemoryFence(ordering: .sequentiallyConsistent)
    }
    if function(membarrier, privateExpedited, 0, 0, 0, 0, 0) == 0 { return }
    // A child that does not share the parent's registration.
    let isDone =
      function(membarrier, registerPrivateExpedited, 0, 0, 0, 0, 0) == 0
      && function(membarrier, privateExpedited, 0, 0, 0, 0, 0) == 0
    require(isDone, "membarrier failed: readers could not be told from those that have left")
  }

  // MARK: Parking

  private static let waitPrivate = 128
  private static let wakePrivate = 129

  /// Parks the thread until it is woken, if the word has the value; it may return early.
  ///
  /// Source: `man 2 futex`. Without the system call it gives the core away once.
  ///
  /// - Parameter limit: How many nanoseconds it is parked at most; without end when nil.
  static func wait(
    _ word: UnsafeMutablePointer<Atomic<UInt32>>, while value: UInt32, atMost limit: UInt64? = nil
  ) {
    guard let function, let futex else {
      sched_yield()
      return
    }
    guard let limit else {
      _ = function(futex, Int(bitPattern: word), waitPrivate, Int(value), 0, 0, 0)
      return
    }
    var time = timespec(tv_sec: Int(limit / 1_000_000_000), tv_nsec: Int(limit % 1_000_000_000))
    withUnsafePointer(to: &time) {
      _ = function(futex, Int(bitPattern: word), waitPrivate, Int(value), Int(bitPattern: $0), 0, 0)
    }
  }

  /// Wakes threads that are parked at the word.
  static func wake(_ word: UnsafeMutablePointer<Atomic<UInt32>>, _ count: Int) {
    guard let function, let futex else { return }
    _ = function(futex, Int(bitPattern: word), wakePrivate, count, 0, 0, 0)
  }

  // MARK: Parking by number

  private static let waitPrivateByBits = 128 | 9
  private static let wakePrivateByBits = 128 | 10

  /// Parks the thread until a number is woken that has the same remainder by 32, if the word has
  /// the value; it may return early.
  static func wait(_ word: UnsafeMutablePointer<Atomic<UInt32>>, while value: UInt32, as number: UInt32) {
    guard let function, let futex else {
      sched_yield()
      return
    }
    _ = function(futex, Int(bitPattern: word), waitPrivateByBits, Int(value), 0, 0, 1 << Int(number & 31))
  }

  /// Wakes the threads that are parked at the word by a number with the same remainder by 32.
  static func wake(_ word: UnsafeMutablePointer<Atomic<UInt32>>, as number: UInt32) {
    guard let function, let futex else { return }
    _ = function(futex, Int(bitPattern: word), wakePrivateByBits, Int(Int32.max), 0, 0, 1 << Int(number & 31))
  }
}

#endif
