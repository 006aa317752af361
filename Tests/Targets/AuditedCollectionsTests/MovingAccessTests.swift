// SPDX-License-Identifier: Apache-2.0
//
// An access that begins on one thread and ends on another: a `_modify` that spans an `await`. The
// first thread's publications are correct meanwhile and afterwards.

#if AUDITED && canImport(Glibc)

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder
@testable import CAccessRecorder

/// Runs jobs on the thread that is chosen when they are enqueued.
private final class ChosenThread: TaskExecutor, @unchecked Sendable {
  private let queues = [Worker(), Worker()]
  private let chosen = Atomic<Int>(0)

  func choose(_ index: Int) { chosen.store(index, ordering: .sequentiallyConsistent) }
  func run(on index: Int, _ body: @escaping @Sendable () -> Void) { queues[index].add(body) }
  func end() { queues.forEach { $0.add(nil) } }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queues[chosen.load(ordering: .sequentiallyConsistent)].add {
      job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }

  final class Worker: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [(@Sendable () -> Void)?] = []

    init() { Thread { [self] in while let body = next() { body() } }.start() }

    func add(_ body: (@Sendable () -> Void)?) {
      condition.withLock {
        waiting.append(body)
        condition.signal()
      }
    }

    private func next() -> (@Sendable () -> Void)? {
      condition.withLock {
        while waiting.isEmpty { condition.wait() }
        return waiting.removeFirst()
      }
    }
  }
}

private final class Shared: @unchecked Sendable {
  var moved: AuditedDictionary<Int, Int> = [1: 1]
  var plain: AuditedDictionary<Int, Int> = [1: 1]
  var array: AuditedArray<Int> = [1, 2, 3]
  var continuation: UnsafeContinuation<Void, Never>?
  var recorder: UInt = 0

  var movedMonitor: UInt { UInt(bitPattern: unsafeBitCast(moved, to: UnsafeMutableRawPointer.self)) }
  var plainMonitor: UInt { UInt(bitPattern: unsafeBitCast(plain, to: UnsafeMutableRawPointer.self)) }

  /// True when the first thread's recorder publishes an access to the monitor.
  func isFirstInside(_ monitor: UInt) -> Bool {
    ThreadRecorderPointer(bitPattern: recorder)!.pointee.isInside(monitor)
  }
  var innermostOfFirst: UInt { ThreadRecorderPointer(bitPattern: recorder)!.pointee.innermostHazard }

  func suspend(_ value: inout Int, _ isSuspended: DispatchSemaphore) async {
    value += 1
    await withUnsafeContinuation { continuation in
      self.continuation = continuation
      isSuspended.signal()
    }
    value += 1
  }
}

@Suite(.serialized, .switchesAuditing)
struct MovingAccessTests {
  /// An access inside another one leaves that visible: the memory of its collection must not go,
  /// and a crash in it is attributed.
  @Test(arguments: [ViolationPolicy.report, .shield]) func nestedAccess_leavesOuterVisible(_ policy: ViolationPolicy) {
    AccessAudit.configure(AuditConfiguration(isEnabled: true, onViolation: policy))
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    let shared = Shared()
    let (outer, inner) = (shared.plainMonitor, shared.movedMonitor)
    for _ in 0..<3 {
      shared.plain.forEach { _ in
        let recorder = audit_thread_recorder()!.assumingMemoryBound(to: ThreadRecorder.self)
        shared.moved.forEach { _ in
          #expect(recorder.pointee.isInside(outer) && recorder.pointee.isInside(inner))
          #expect(ThreadRegistry.monitorsInUse.isSuperset(of: [outer, inner]))
          if policy == .report { #expect(recorder.pointee.innermostHazard == inner) }
        }
        #expect(recorder.pointee.isInside(outer) && !recorder.pointee.isInside(inner))
      }
      #expect(!ThreadRegistry.monitorsInUse.contains(outer))
    }
  }

  /// Begins a `_modify` on the first thread, ends it on the second, while the first is inside
  /// what `meanwhile` does. Tells what `look` saw when the `_modify` had ended.
  private func move(
    meanwhile: @escaping @Sendable (Shared, _ inside: @escaping @Sendable () -> Void) -> Void,
    look: @escaping @Sendable (Shared) -> Void
  ) async throws -> Shared {
    AccessAudit.configure(AuditConfiguration(isEnabled: true))
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    let threads = ChosenThread()
    defer { threads.end() }
    let shared = Shared()
    let isSuspended = DispatchSemaphore(value: 0)
    let hasEnded = DispatchSemaphore(value: 0)
    let isInside = DispatchSemaphore(value: 0)
    let mayLeave = DispatchSemaphore(value: 0)
    let hasLeft = DispatchSemaphore(value: 0)
    let end = Atomic<Int32>(0)
    let task = Task.detached(executorPreference: threads) {
      _ = shared.plain[1]
      shared.recorder = UInt(bitPattern: audit_thread_recorder())
      await shared.suspend(&shared.moved[1, default: 0], isSuspended)
      hasEnded.signal()
      return audit_thread_id()
    }
    wait(isSuspended)
    // Begun, and not ended: the access must be published.
    #expect(shared.isFirstInside(shared.movedMonitor))
    threads.choose(1)
    threads.run(on: 0) {
      end.store(audit_thread_id(), ordering: .sequentiallyConsistent)
      meanwhile(shared) {
        isInside.signal()
        mayLeave.wait()
      }
      hasLeft.signal()
    }
    wait(isInside)
    shared.continuation!.resume()
    wait(hasEnded)
    look(shared)
    mayLeave.signal()
    wait(hasLeft)
    #expect(await task.value != end.load(ordering: .sequentiallyConsistent), "it ended on the thread it began on")
    #expect(shared.moved[1] == 3)
    return shared
  }

  private func wait(_ semaphore: DispatchSemaphore) {
    #expect(semaphore.wait(timeout: .now() + 60) == .success)
  }

  /// The first thread's recorder no longer publishes the `_modify`, and still publishes the
  /// access that the thread is inside.
  @Test func accessAround_staysPublished() async throws {
    let shared = try await move { shared, inside in
      shared.plain.merge([1: 1]) { old, _ in
        inside()
        return old
      }
    } look: { shared in
      #expect(shared.isFirstInside(shared.plainMonitor))
      #expect(!shared.isFirstInside(shared.movedMonitor))
      #expect(shared.innermostOfFirst == shared.plainMonitor | ThreadRecorder.writingMark)
    }
    #expect(shared.innermostOfFirst == 0)
    #expect(!ThreadRegistry.monitorsInUse.contains(shared.movedMonitor))
  }

  /// The same while the first thread is inside another `_modify`, and a read of memory as a span.
  @Test func modifyAround_staysPublished() async throws {
    let shared = try await move { shared, inside in
      func change(_ value: inout Int) {
        value += 1
        let span = shared.array.span
        if span[0] == 1 { inside() }
      }
      change(&shared.plain[1, default: 0])
    } look: { shared in
      #expect(shared.isFirstInside(shared.plainMonitor))
      #expect(!shared.isFirstInside(shared.movedMonitor))
    }
    #expect(shared.innermostOfFirst == 0)
    #expect(!ThreadRegistry.monitorsInUse.contains(shared.movedMonitor))
  }

  /// More such accesses at once than a recorder has words for: the rest are not published, which
  /// has no other effect.
  @Test func moreThanThereAreWords_areHarmless() async throws {
    AccessAudit.configure(AuditConfiguration(isEnabled: true))
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    func nest(_ depth: Int) {
      var own: AuditedDictionary<Int, Int> = [1: 1]
      func change(_ value: inout Int) {
        value += 1
        if depth > 1 { nest(depth - 1) }
      }
      change(&own[1, default: 0])
      #expect(own[1] == 2)
    }
    nest(20)
    let recorder = audit_thread_recorder()!.assumingMemoryBound(to: ThreadRecorder.self)
    let innermost = recorder.pointee.innermostHazard
    #expect(innermost == 0)
  }
}

#endif

#endif
