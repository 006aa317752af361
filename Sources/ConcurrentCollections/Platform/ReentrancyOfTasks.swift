// SPDX-License-Identifier: Apache-2.0
//
// The re-entrancy check of debug builds for tasks, which may change threads. Release builds have none of it.

/// Notes which objects' keys a task holds, and stops the process when it asks for another one of the same object.
enum ReentrancyOfTasks {
  #if DEBUG
    /// Tasks made inside a closure inherit the list; the number of the task tells their entries from their parent's.
    @TaskLocal private static var held: [Holding] = []

    private struct Holding: Hashable {
      var object: ObjectIdentifier
      var task: Int
    }
  #endif

  static func check<Result>(
    _ object: AnyObject, _ operation: StaticString, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
  ) async throws -> Result {
    #if DEBUG
      let task = withUnsafeCurrentTask { $0?.hashValue ?? 0 }
      let holding = Holding(object: ObjectIdentifier(object), task: task)
      if held.contains(holding) {
        fatalError(
          """
          KeyLocks.\(operation) called inside a closure that holds a key of the same object, in the same task: it could \
          wait for itself, or for a task that waits for it. Take both keys at once with withAsyncLocks.
          """)
      }
      return try await $held.withValue(held + [holding]) { try await body() }
    #else
      return try await body()
    #endif
  }
}
