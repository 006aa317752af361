// SPDX-License-Identifier: Apache-2.0
//
// Calls that put the stated number of frames on the stack, and threads whose stacks begin with few.

public import CMeasurement
import Foundation

/// Runs loops with a given number of frames on the stack, the loop's own and the thread's first
/// included.
public struct Depth: Sendable {
  /// Frames between the caller and the set of loops.
  @usableFromInline let levels: Int
  /// The number of frames in a loop.
  public let frames: Int

  /// - Parameter least: the result of the loops' `frameCount()` in the function that will call
  ///   `run`; where it is more than `frames`, no frame is added.
  public init(frames: Int, least: Int) {
    levels = max(0, frames - least)
    self.frames = max(frames, least)
  }

  /// Repeats an operation with that many frames on the stack.
  @inlinable @inline(always)
  public func run(_ loops: LoopSet, _ operation: LoopOperation, _ count: Int) -> Timing {
    let result = levels == 0 ? loops.run(operation, count) : Self.descend(levels, loops, operation, count)
    measurement_barrier()
    return result
  }

  @usableFromInline @inline(never)
  static func descend(_ level: Int, _ loops: LoopSet, _ operation: LoopOperation, _ count: Int) -> Timing {
    let result = level == 1 ? loops.run(operation, count) : descend(level - 1, loops, operation, count)
    measurement_barrier()
    return result
  }
}

/// The body of a thread. A class, because that gives a thread few first frames.
open class ThreadBody {
  public init() {}

  /// Runs on the thread.
  open func main() { fatalError("overridden by each kind of thread") }

  /// Starts a thread that runs `main()`. The object must outlive it: join.
  public final func start() -> pthread_t {
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<ThreadBody>.fromOpaque(context!).takeUnretainedValue().main()
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    precondition(status == 0, "a thread could not be started")
    return thread
  }

  /// Runs `main()` on a new thread and waits for it.
  public final func runOnThread() { pthread_join(start(), nil) }
}
