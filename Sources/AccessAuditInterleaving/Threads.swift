// SPDX-License-Identifier: Apache-2.0
//
// Runs a body on several threads that begin at once and belong to the test that starts them. They
// are POSIX threads, so that no test depends on the scheduling of a thread pool.

internal import AccessAudit
internal import Synchronization

#if AUDITED && canImport(Glibc)
internal import CAccessRecorder
#endif

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Runs `body` on `count` threads that begin at the same moment; returns when all have ended.
///
/// The threads belong to the calling test: their races are reported to it. They are named
/// `thread-0` and so on, in reports too.
///
/// - Parameters:
///   - count: The number of threads, at least 1. With more threads than cores some begin later.
///   - body: Receives the thread's number, from 0.
/// - Returns: The results of the bodies, by number.
/// - Throws: The error of the thread with the smallest number that threw one, after all have ended.
/// - Precondition: The system can start the threads.
/// - Blocking: as long as the longest body.
@discardableResult
public func withThreads<Result: Sendable, Failure: Error>(
  count: Int, _ body: @escaping @Sendable (Int) throws(Failure) -> Result
) throws(Failure) -> [Result] {
  precondition(count >= 1, "withThreads needs at least one thread")
  let outcomes = Mutex<[Swift.Result<Result, Failure>?]>(Array(repeating: nil, count: count))
  // The threads use it through the reference only. It outlives them, because they are joined below.
  let shared = OutcomeBox(outcomes)
  let start = StartGate()
  let arrived = ArrivalCount()
  let threads = (0..<count).map { index in
    AuditThread.start(name: "thread-\(index)") {
      arrived.increment()
      start.wait()
      let outcome: Swift.Result<Result, Failure>
      do throws(Failure) { outcome = .success(try body(index)) } catch { outcome = .failure(error) }
      shared.outcomes.withLock { $0[index] = outcome }
    }
  }
  _ = BoundedWait.until(.seconds(20)) { arrived.value == count }
  start.open()
  for thread in threads { thread.join() }
  var results: [Result] = []
  // Every thread has ended, and each stores its outcome before it ends.
  for outcome in shared.outcomes.withLock({ $0 }) { results.append(try outcome!.get()) }
  return results
}

private final class OutcomeBox<Outcome: Sendable>: Sendable {
  let outcomes: Mutex<[Outcome?]>
  init(_ outcomes: consuming sending Mutex<[Outcome?]>) { self.outcomes = outcomes }
}

private final class ArrivalCount: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .acquiring) }
  func increment() { count.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}

/// A thread that inherits its creator's scope.
package struct AuditThread: Sendable {
  #if canImport(Darwin)
  private typealias Handle = pthread_t?
  #else
  private typealias Handle = pthread_t
  #endif

  private let handle: Handle

  private final class Start: Sendable {
    let name: String
    let scope: UInt32
    let body: @Sendable () -> Void

    init(name: String, scope: UInt32, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.scope = scope
      self.body = body
    }
  }

  package static func start(name: String, _ body: @escaping @Sendable () -> Void) -> AuditThread {
    let start = Unmanaged.passRetained(Start(name: name, scope: AuditScopes.context, body: body))
    #if canImport(Darwin)
    var handle: pthread_t?
    #else
    var handle = pthread_t()
    #endif
    let status = pthread_create(
      &handle, nil,
      { pointer in
        AuditThread.run(pointer)
        return nil
      }, start.toOpaque())
    precondition(status == 0, "a thread cannot be started: \(String(cString: strerror(status)))")
    return AuditThread(handle: handle)
  }

  /// What the thread does. Its argument is an optional on some platforms and not on others.
  private static func run(_ pointer: UnsafeMutableRawPointer?) {
    let start = Unmanaged<Start>.fromOpaque(pointer!).takeRetainedValue()
    // The kernel stores fifteen bytes.
    let name = String(start.name.utf8.prefix(15)) ?? "thread"
    #if canImport(Darwin)
    pthread_setname_np(name)
    #elseif AUDITED && canImport(Glibc)
    audit_name_current_thread(name)
    #else
    _ = name
    #endif
    AuditScopes.carrying(start.scope) { start.body() }
  }

  /// Waits until the thread has ended; may be called once.
  package func join() {
    #if canImport(Darwin)
    pthread_join(handle!, nil)
    #else
    pthread_join(handle, nil)
    #endif
  }
}
