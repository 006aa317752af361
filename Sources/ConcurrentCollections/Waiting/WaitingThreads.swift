// SPDX-License-Identifier: Apache-2.0
//
// Threads that may block, apart from those that run tasks. Callers' code runs on them without a
// lock of ours.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Synchronization

/// Runs closures that may wait for long, so that no thread of the tasks' pool does.
///
/// A thread is made when none is idle, 16 at most; more closures stand in line. An idle thread ends
/// after five seconds.
final class WaitingThreads: Sendable {
  static let shared = WaitingThreads()

  private typealias Job = @Sendable () -> Void

  private struct State {
    /// In the order in which they came; those before `first` are done.
    var jobs: [Job?] = []
    var first = 0
    var idle = 0
    var threads = 0

    var waiting: Int { jobs.count - first }

    mutating func popFirst() -> Job? {
      guard first < jobs.count else { return nil }
      defer {
        first += 1
        if first == jobs.count {
          (jobs, first) = ([], 0)
        } else if first > 64, first * 2 > jobs.count {
          jobs.removeFirst(first)
          first = 0
        }
      }
      return jobs[first].take()
    }
  }

  static let most = 16
  private static let patience: UInt64 = 5_000_000_000

  private let state = Guarded(State())
  /// Changes with every closure; idle threads are parked at this word.
  private let news = PaddedArray<Atomic<UInt32>>(count: 1) { _ in Atomic(0) }

  private init() {}

  /// How many threads there are.
  var threadCount: Int { state.withLock { $0.threads } }

  /// Runs a closure on one of the threads while the task is suspended.
  func run<Returned: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Returned
  ) async throws(Failure) -> Returned {
    let result: Result<Returned, Failure> = await OrderedContinuation.suspend { continuation in
      submit {
        do throws(Failure) {
          continuation.resume(returning: .success(try body()))
        } catch { continuation.resume(returning: .failure(error)) }
      }
    }
    return try result.get()
  }

  private func submit(_ job: @escaping Job) {
    let word = news.pointer(0)
    let needsThread = state.withLock { state in
      state.jobs.append(job)
      word.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
      guard state.waiting > state.idle, state.threads < Self.most else { return false }
      state.threads += 1
      return true
    }
    if needsThread { begin() } else { SystemCall.wake(word, 1) }
  }

  private func begin() {
    let status = DetachedThread.begin { WaitingThreads.shared.work() }
    if status == 0 { return }
    // The others do it, if there are any.
    let left = state.withLock { state in
      state.threads -= 1
      return state.threads
    }
    require(left > 0, "ConcurrentCollections: no thread to wait on: pthread_create failed: \(status)")
  }

  private func work() {
    DetachedThread.setName("waiting")
    let word = news.pointer(0)
    while true {
      var seen: UInt32 = 0
      let job = state.withLock { state in
        let job = state.popFirst()
        if job == nil {
          state.idle += 1
          seen = word.pointee.load(ordering: .sequentiallyConsistent)
        }
        return job
      }
      if let job {
        job()
        continue
      }
      let start = Moment.now
      SystemCall.wait(word, while: seen, atMost: Self.patience)
      let isPatient = Moment.now.nanoseconds(since: start) < Self.patience
      let ends = state.withLock { state in
        state.idle -= 1
        if isPatient || state.waiting > 0 { return false }
        state.threads -= 1
        return true
      }
      if ends { return }
    }
  }
}
