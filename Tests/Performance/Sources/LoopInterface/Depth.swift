// SPDX-License-Identifier: Apache-2.0
//
// Calls that put as many frames on the stack as a measurement is stated for, and threads whose stacks begin with few.

public import CMeasurement
import Foundation

/// Runs loops with a given number of frames on the stack, the loop's own and the thread's first included.
public struct Depth: Sendable {
  /// Frames between the caller and the set of loops.
  @usableFromInline let levels: Int
  /// The frames there are in a loop.
  public let frames: Int

  /// - Parameter least: what `frameCount()` of the loops returns to the function that will call `run`; where it is more than
  ///   `frames`, no frame is added.
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

/// What a thread does. A class, because a thread's first frames are few that way.
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

  /// Runs `main()` on a thread of its own and waits for it.
  public final func runOnThread() { pthread_join(start(), nil) }
}
