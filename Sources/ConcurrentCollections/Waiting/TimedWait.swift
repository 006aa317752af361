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
  /// The one that takes the waiter out of its queue, under the queue's own mutex, ends its wait; so
  /// it ends exactly once.
  ///
  /// - Parameters:
  ///   - waiter: A new waiter.
  ///   - deadline: Until when; for ever when nil.
  ///   - enqueue: Puts the waiter into a queue, or returns false if it need not wait any more.
  ///   - giveUp: Takes the waiter out of the queue and ends its wait; does nothing if it has left.
  static func wait(
    _ waiter: Waiter, until deadline: Moment?, isolation: isolated (any Actor)? = #isolation,
    enqueue: () -> Bool, giveUp: @escaping @Sendable (WaitEnd) -> Void
  ) async -> WaitEnd {
    let timer = deadline.flatMap { TimerQueue.shared.add(at: $0) { giveUp(.expired) } }
    defer { if let timer { TimerQueue.shared.cancel(timer) } }
    return await withTaskCancellationHandler {
      await OrderedContinuation.suspend { continuation in
        waiter.suspend(continuation)
        if !enqueue() { return waiter.end(.granted) }
        // Handler and timer may have run before the waiter was in the queue.
        if Task.isCancelled { giveUp(.cancelled) }
        if let deadline, deadline <= .now { giveUp(.expired) }
      }
    } onCancel: {
      giveUp(.cancelled)
    }
  }
}
