// SPDX-License-Identifier: Apache-2.0
//
// What only the thread that sees a violation can say of itself: its task, its queue, who awaits it.
// Asked once for each race; nothing here waits.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder

/// The circumstances of the detecting side.
package struct PendingReportContext: Sendable, Equatable {
  /// The runtime's number of a task, and its name.
  package struct Task: Sendable, Equatable {
    package var id: UInt64
    package var name: String?
  }

  package var task: Task?
  package var queue: String?
  package var traceID: String?
  /// Marked resume points of the awaiting callers, innermost first.
  package var asyncCallers: [UInt64]

  /// The calling thread's.
  package static func current() -> PendingReportContext {
    let id = audit_current_task_id()
    let name = audit_current_task_name().map { String(cString: $0) }
    return PendingReportContext(
      task: id == 0 ? nil : Task(id: id, name: name),
      queue: audit_current_queue_label().flatMap { queue(String(cString: $0)) }, traceID: TraceProvider.current,
      asyncCallers: AsyncCallers.current())
  }

  /// `nil` for the labels that libdispatch and the concurrency runtime give where the program chose
  /// no queue: a plain thread has the label of a root queue.
  private static func queue(_ label: String) -> String? {
    label.hasPrefix("com.apple.root.") || label == "Swift global concurrent queue" ? nil : label
  }
}

#endif
