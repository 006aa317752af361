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

  static func check<Result>(
    _ object: AnyObject, _ operation: StaticString, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
  ) async throws -> Result {
    #if DEBUG
      // The handle is the task's address and nothing else.
      let task = withUnsafeCurrentTask { $0.map { number(ofTask: unsafeBitCast($0, to: UnsafeRawPointer.self)) } } ?? 0
      let holding = Holding(object: ObjectIdentifier(object), task: task)
      if held.contains(holding) {
        fatalError(
          """
          KeyLocks.\(operation) called inside a closure that holds a key of the same object, in the same task: it could \
          wait for itself, or for a task that waits for it. Take both keys at once with withAsyncLocks.
          """)
      }
      // What a task has from its parent is of no use to it: a long chain of tasks must not make a
      // long list.
      return try await $held.withValue(held.filter { $0.task == task } + [holding]) { try await body() }
    #else
      return try await body()
    #endif
  }
}
