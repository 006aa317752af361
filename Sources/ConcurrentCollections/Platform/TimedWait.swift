// SPDX-License-Identifier: Apache-2.0
//
// A task's wait that can end in three ways. It holds no thread and no lock while it lasts.

/// How a task's wait ended.
@usableFromInline
enum WaitEnd: Sendable {
  /// What it waited for came.
  case granted
  /// The task was cancelled first.
  case cancelled
  /// The deadline came first.
  case expired
}

/// Suspends tasks until they are granted something, cancelled, or out of time.
enum TimedWait {
  /// Waits.
  ///
  /// Whoever takes the waiter out of the queue, under the queue's own mutex, resumes it; so it is resumed exactly once.
  ///
  /// - Parameters:
  ///   - deadline: Until when; for ever when nil.
  ///   - enqueue: Puts the continuation into a queue, or resumes it at once.
  ///   - giveUp: Takes the waiter out of the queue and resumes it with what it is given; does nothing if it is no longer there.
  static func wait(
    until deadline: ContinuousClock.Instant?, isolation: isolated (any Actor)? = #isolation,
    _ enqueue: (CheckedContinuation<WaitEnd, Never>) -> Void, giveUp: @escaping @Sendable (WaitEnd) -> Void
  ) async -> WaitEnd {
    let timer = deadline.map { deadline in
      Task.detached {
        try await Task.sleep(until: deadline, clock: .continuous)
        giveUp(.expired)
      }
    }
    defer { timer?.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        enqueue(continuation)
        // Handler and timer may have run before the waiter was in the queue.
        if Task.isCancelled { giveUp(.cancelled) }
        if let deadline, deadline <= .now { giveUp(.expired) }
      }
    } onCancel: {
      giveUp(.cancelled)
    }
  }
}
