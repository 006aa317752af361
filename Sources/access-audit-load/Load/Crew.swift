// SPDX-License-Identifier: Apache-2.0
//
// Threads and tasks that begin together.

#if ReportTools && canImport(Glibc)
import CProcessSupport
import Dispatch
import Glibc
import Synchronization

/// The monotonic clock in nanoseconds.
@inline(__always)  // It is read around every timed operation.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// Sleeps up to a moment of the monotonic clock; how exactly is the thread's affair.
func sleepUntil(_ nanoseconds: UInt64) {
  var moment = timespec()
  moment.tv_sec = Int(nanoseconds / 1_000_000_000)
  moment.tv_nsec = Int(nanoseconds % 1_000_000_000)
  while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &moment, nil) == EINTR {}
}

/// Where all of a crew wait for each other and for the start.
final class StartLine: Sendable {
  private let missing: Atomic<Int>
  private let began = Atomic<UInt64>(0)

  init(_ parties: Int) { missing = Atomic(parties) }

  /// Returns when all have come, the one who starts among them; the time of the start.
  func wait() -> UInt64 {
    missing.subtract(1, ordering: .acquiringAndReleasing)
    while true {
      let time = began.load(ordering: .acquiring)
      if time != 0 { return time }
      sched_yield()
    }
  }

  /// Starts all when they have come; the time.
  func start() -> UInt64 {
    missing.subtract(1, ordering: .acquiringAndReleasing)
    while missing.load(ordering: .acquiring) > 0 { sched_yield() }
    let now = monotonicNanoseconds()
    began.store(now, ordering: .releasing)
    return now
  }
}

enum Crew {
  private static let stackSize = 1 << 19

  private final class Job {
    let index: Int
    let body: @Sendable (Int) -> Void
    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }

  /// Starts threads, calls `beside` meanwhile, and waits for them.
  static func run(_ count: Int, beside: () -> Void = {}, _ body: @escaping @Sendable (Int) -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, stackSize)
    defer { pthread_attr_destroy(&attributes) }
    var threads: [pthread_t] = []
    for index in 0..<count {
      var thread = pthread_t()
      let job = Unmanaged.passRetained(Job(index, body))
      let error = pthread_create(
        &thread, &attributes,
        {
          process_sleep_exactly()
          let job = Unmanaged<Job>.fromOpaque($0!).takeRetainedValue()
          job.body(job.index)
          return nil
        }, job.toOpaque())
      precondition(error == 0, "\(count) threads cannot be made: \(String(cString: strerror(error)))")
      threads.append(thread)
    }
    beside()
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Waits for what runs in a task; the calling thread is none of the pool's.
  static func wait<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
    let box = ResultBox<Result>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      let value = await body()
      box.result.withLock { $0 = value }
      done.signal()
    }
    done.wait()
    return box.result.withLock { $0! }
  }

  private final class ResultBox<Result: Sendable>: Sendable {
    let result = Mutex<Result?>(nil)
  }
}
#endif
