// SPDX-License-Identifier: Apache-2.0
//
// The re-entrancy check of debug builds for tasks, which may change threads. Release builds have
// none of it.

#if DEBUG
@_silgen_name("swift_task_getJobTaskId")
private func number(ofTask task: UnsafeRawPointer) -> UInt64
#endif

/// Notes which objects' keys a task holds, and stops the process when it asks for another one of
/// the same object.
@usableFromInline
enum ReentrancyOfTasks {
  #if DEBUG
  /// Tasks made inside a closure inherit the list; the number of the task tells their entries
  /// from their parent's.
  @TaskLocal private static var held: [Holding] = []

  private struct Holding: Hashable {
    var object: ObjectIdentifier
    /// The runtime's own number, which is never used again. The address of a task is.
    var task: UInt64
  }
  #endif

  /// Stops the process when a call that parks the thread comes from a task that holds a key of the
  /// same object.
  @inlinable @inline(__always)  // Empty in release builds.
  static func checkThread(_ object: AnyObject, _ operation: StaticString) {
    #if DEBUG
    checkTaskOfThread(object, operation)
    #endif
  }

  #if DEBUG
  @usableFromInline
  static func checkTaskOfThread(_ object: AnyObject, _ operation: StaticString) {
    check(Holding(object: ObjectIdentifier(object), task: currentTask), operation)
  }

  /// The number of the task that runs on the thread; 0 if there is none.
  private static var currentTask: UInt64 {
    // The handle is the task's address and nothing else.
    withUnsafeCurrentTask { $0.map { number(ofTask: unsafeBitCast($0, to: UnsafeRawPointer.self)) } } ?? 0
  }

  private static func check(_ holding: Holding, _ operation: StaticString) {
    guard holding.task != 0, held.contains(holding) else { return }
    fatalError(
      """
      KeyLocks.\(operation) called inside a closure that holds a key of the same object, in the same task: it could \
      wait for itself, or for a task that waits for it. Take both keys at once with withAsyncLocks.
      """)
  }
  #endif

  static func check<Result>(
    _ object: AnyObject, _ operation: StaticString, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
  ) async throws -> Result {
    #if DEBUG
    let task = currentTask
    let holding = Holding(object: ObjectIdentifier(object), task: task)
    check(holding, operation)
    // What a task has from its parent is of no use to it: a long chain of tasks must not make a
    // long list.
    return try await $held.withValue(held.filter { $0.task == task } + [holding]) { try await body() }
    #else
    return try await body()
    #endif
  }
}
