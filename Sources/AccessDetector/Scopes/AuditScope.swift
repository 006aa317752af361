// SPDX-License-Identifier: Apache-2.0
//
// What a test's scope is, and what is found in one. Data only: opening and attributing are
// elsewhere.

#if AUDITED && canImport(Glibc)

package import AccessReports

/// How a test is recognised in call stacks and shown to people.
package struct ScopeName: Sendable, Hashable {
  /// The end of the test function's symbol: `OrderCacheTests.raced()`.
  package var symbol: String
  /// The name of the file the function is in, without folders; `nil` when the framework does not
  /// say.
  package var file: String?
  package var display: String

  package init(symbol: String, file: String?, display: String) {
    self.symbol = symbol
    self.file = file
    self.display = display
  }
}

/// What a scope asks of the audit while it is open.
package struct ScopeOptions: Sendable, Hashable {
  /// Whether conflicting accesses wait for one another: `shield`.
  package var shields: Bool
  /// The longest delay put into sampled accesses; 0 is none.
  package var delayMicroseconds: Int
  /// How much of the time may go into holds; 0 is none.
  package var huntPercent: Int

  package init(shields: Bool = false, delayMicroseconds: Int = 0, huntPercent: Int = 0) {
    self.huntPercent = huntPercent
    self.shields = shields
    self.delayMicroseconds = delayMicroseconds
  }
}

/// A scope that was opened: one run of a test, or of a part of it.
package struct AuditScope: Sendable, Hashable {
  /// Unique in the process, from 1; tasks and threads of the scope carry it.
  package let id: UInt32
}

/// Why a violation is held to be a test's.
package enum AttributionEvidence: String, Sendable {
  /// The access was made by a task or thread that belongs to the test.
  case context = "the access was made by a task or thread of this test"
  /// The call stack of one of the accesses leads through the test function.
  case callStack = "the call stack leads through this test"
  /// The collection was created by a task or thread of the test, which is still running.
  case creation = "the collection was created by this test"
}

/// A violation and the evidence for whose it is.
package struct AttributedViolation: Sendable {
  package var violation: Violation
  package var evidence: AttributionEvidence
}

/// A violation that no test can be shown to have made.
package struct UnattributedViolation: Sendable {
  package var violation: Violation
  /// Why not: half a sentence.
  package var reason: String
}

#endif
