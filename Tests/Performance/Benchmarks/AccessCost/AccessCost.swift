// SPDX-License-Identifier: Apache-2.0
//
// The loops as benchmarks of ordo-one/benchmark: percentiles and instruction counts of one
// operation, for a closer look.
// `swift package --package-path Tests/Performance benchmark --filter 'set Int.*'`

import AuditedCollections
import Benchmark
import IntAuditedLoops
import IntPlainLoops
import LoopInterface
import StringAuditedLoops
import StringPlainLoops
import StructAuditedLoops
import StructPlainLoops

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .instructions], scalingFactor: .one, maxDuration: .seconds(1), maxIterations: 1_000)

  let modes: [(name: String, configuration: AuditConfiguration?)] = [
    ("plain", nil), ("off", AuditConfiguration(isEnabled: false)), ("on", AuditConfiguration()),
    ("stacks=caller", AuditConfiguration(stacks: .caller)), ("stacks=off", AuditConfiguration(stacks: .off)),
    ("on_violation=shield", AuditConfiguration(onViolation: .shield)),
  ]
  let keys: [(name: String, make: @Sendable (_ isAudited: Bool) -> LoopSet)] = [
    ("Int", { $0 ? IntAuditedLoops.Loops() : IntPlainLoops.Loops() }),
    ("String", { $0 ? StringAuditedLoops.Loops() : StringPlainLoops.Loops() }),
    ("64 bytes", { $0 ? StructAuditedLoops.Loops() : StructPlainLoops.Loops() }),
  ]
  for key in keys {
    for operation in LoopOperation.allCases where operation != .empty {
      for mode in modes {
        // One iteration is a round over the keys: 1,024 operations, one for `copy`.
        Benchmark("\(operation) \(key.name) \(mode.name)") { benchmark in
          if let configuration = mode.configuration { AccessAudit.configure(configuration) }
          let loops = key.make(mode.configuration != nil)
          benchmark.startMeasurement()
          for _ in benchmark.scaledIterations { blackHole(loops.run(operation, LoopSet.keyCount)) }
          benchmark.stopMeasurement()
        }
      }
    }
  }
}
