// SPDX-License-Identifier: Apache-2.0
//
// A violation for the bridges, read from its JSON form.

import AccessAudit
import Foundation

enum SampleViolation {
  static func make() -> Violation {
    let text = """
      {"schema": "access-audit/1", "kind": "concurrent-writes", "message": "concurrent dictionary writes",
       "container": {"id": 7, "kind": "dictionary", "type": "AuditedDictionary<String, Order>", "label": "orders"},
       "accesses": [
         {"role": "detected", "thread": {"id": 4171, "name": "worker-2"}, "writing": true,
          "operation": "subscript.set", "inProgress": true, "task": {"id": 3, "name": "refresh"},
          "stack": [{"symbol": "OrderCache.update(_:)", "file": "/src/shop/OrderCache.swift", "line": 31,
                     "address": "0x1", "inlined": false, "category": "user"}]},
         {"role": "conflicting", "writing": true, "inProgress": true, "stack": []}],
       "history": [], "losses": {"records": 0, "stacks": 0, "unrecorded": 0, "violations": 0, "waits": 0},
       "process": {"pid": 4169, "executable": "/bin/shop", "time": "2026-01-01T00:00:00.000Z"}, "timesSeen": 1}
      """
    do {
      return try JSONDecoder().decode(Violation.self, from: Data(text.utf8))
    } catch {
      fatalError("the sample is no violation: \(error)")
    }
  }
}
