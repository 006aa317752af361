// SPDX-License-Identifier: Apache-2.0
//
// The scopes of tests where auditing is not compiled in: they open and close, and nothing is found
// in them. What the test kit calls, and nothing else.

#if !(AUDITED && canImport(Glibc))

package struct ScopeName: Sendable {
  package init(symbol: String, file: String?, display: String) {}
}

package struct ScopeOptions: Sendable {
  package init(shields: Bool = false, delayMicroseconds: Int = 0, huntPercent: Int = 0) {}
}

package struct AuditScope: Sendable {
  package var id: UInt32 { 0 }
}

/// Why a violation is held to be a test's. There is none.
package struct AttributionEvidence: Sendable {
  private init() {}

  package var rawValue: String { Unaudited.unmade() }
}

package struct AttributedViolation: Sendable {
  package var violation: Violation
  package var evidence: AttributionEvidence
}

package struct UnattributedViolation: Sendable {
  package var violation: Violation
  package var reason: String
}

package enum AuditScopes {
  package static var context: UInt32 { 0 }
  package static func open(_ name: ScopeName? = nil, options: ScopeOptions = ScopeOptions()) -> AuditScope {
    AuditScope()
  }
  package static func close(_ scope: AuditScope) -> [AttributedViolation] { [] }
  package static func huntsAgain() -> Bool { false }
  package static func found(in scope: AuditScope) -> [AttributedViolation] { [] }
  package static func hand(_ violations: [AttributedViolation], to id: UInt32) {}
  package static func carrying<Result>(_ id: UInt32, _ body: () throws -> Result) rethrows -> Result { try body() }
  package static func carrying<Result>(
    _ id: UInt32, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await body()
  }
  package static func setMainThreadScope(_ scope: AuditScope?) {}
  package static func takeUnattributed() -> (violations: [UnattributedViolation], lost: UInt64) { ([], 0) }
  package static func leave(_ violations: [UnattributedViolation]) {}
  package static var pendingReports: UInt64 { 0 }
  package static func pendingReports(ofThread id: Int32) -> UInt64 { 0 }
}

#endif
