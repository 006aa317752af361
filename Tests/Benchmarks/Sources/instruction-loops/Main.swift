// SPDX-License-Identifier: Apache-2.0
//
// The hot operations for an instruction counter: each in two regions of different length, whose
// difference is the cost of the operations alone. Prints one line per region, in their order: its
// length, the number of operations, and its name.

import AuditedCollections
import CMeasurement
import IntAuditedLoops
import IntPlainLoops
import LoopInterface
import StringAuditedLoops
import StringPlainLoops

@main
enum Main {
  static func main() { Regions().runOnThread() }
}

/// All regions, one after the other, on one thread.
final class Regions: ThreadBody {
  /// The modes in which an audited dictionary is measured.
  private static let modes: [(name: String, isEnabled: Bool, stacks: StackMode)] = [
    ("off", false, .full), ("on", true, .full), ("stacks=off", true, .off), ("observed", true, .full),
  ]

  override func main() {
    measure("plain", ("Int", IntPlainLoops.Loops()), ("String", StringPlainLoops.Loops()))
    for mode in Self.modes {
      AccessAudit.configure(
        AuditConfiguration(isEnabled: mode.isEnabled, onViolation: .halt, stacks: mode.stacks, hunt: .off))
      let observer = mode.name == "observed" ? AccessAudit.onAccesses { _ in } : nil
      measure(mode.name, ("Int", IntAuditedLoops.Loops()), ("String", StringAuditedLoops.Loops()))
      observer?.cancel()
    }
  }

  private func measure(_ mode: String, _ sets: (key: String, loops: LoopSet)...) {
    for set in sets {
      let least = Region(nil, set.loops, .get, 0).collect()
      print("frames \(least) \(mode) - \(set.key)")
      let depth = Depth(frames: 10, least: least)
      for operation in [LoopOperation.set, .get, .update, .create, .fork, .drop] {
        // Beyond a limit of what the detector has not freed yet, the thread frees it, and its
        // instructions count.
        AccessAudit.flush()
        // The warm-up does the additional work of a call site's first accesses: the stack is
        // unwound once, and remembered the second time.
        for (part, rounds) in [("warm-up", 1), ("short", 1), ("long", 3)] {
          let count = Region(depth, set.loops, operation, rounds).collect()
          print("\(part) \(count) \(mode) \(operation) \(set.key)")
        }
      }
    }
  }
}

/// One region that is collected: a loop or, without a depth, the count of its frames.
private final class Region {
  let depth: Depth?
  let loops: LoopSet
  let operation: LoopOperation
  let rounds: Int
  var result = 0

  init(_ depth: Depth?, _ loops: LoopSet, _ operation: LoopOperation, _ rounds: Int) {
    self.depth = depth
    self.loops = loops
    self.operation = operation
    self.rounds = rounds
  }

  @inline(never)
  func collect() -> Int {
    loops.prepare(operation, rounds * LoopSet.keyCount)
    measured_region(
      { context in
        let region = Unmanaged<Region>.fromOpaque(context!).takeUnretainedValue()
        if let depth = region.depth {
          region.result = depth.run(region.loops, region.operation, region.rounds * LoopSet.keyCount).operations
        } else {
          region.result = region.loops.frameCount()
        }
      }, Unmanaged.passUnretained(self).toOpaque())
    return result
  }
}
