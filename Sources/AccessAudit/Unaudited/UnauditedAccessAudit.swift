// SPDX-License-Identifier: Apache-2.0
//
// The public face where auditing is not compiled in: every member is there and does nothing, so
// that a program compiles in all its builds. No engine stands behind it.

#if !(AUDITED && canImport(Glibc))

@_exported public import AccessTerms

/// The audit of accesses to collections, which this build does not have.
public enum AccessAudit {
  /// The version of this package, as in its tags.
  public static var version: String { PackageVersion.text }

  /// `false`: this build does not audit.
  public static var isEnabled: Bool { false }

  /// The defaults, switched off.
  public static var configuration: AuditConfiguration { AuditConfiguration(isEnabled: false) }

  /// Does nothing: this build does not audit.
  public static func configure(_ configuration: AuditConfiguration) {}

  /// Never calls `handler`: this build does not audit.
  @discardableResult
  public static func onViolation(_ handler: @escaping @Sendable (Violation) -> Void) -> ViolationObserver {
    ViolationObserver()
  }

  /// Never calls `handler`: this build does not audit.
  @discardableResult
  public static func onAccesses(
    sampling: Int = 1, _ handler: @escaping @Sendable ([AuditedAccess]) -> Void
  ) -> AccessObserver {
    AccessObserver()
  }

  /// Never calls `provider`: this build does not audit.
  public static func onTraceID(_ provider: (@Sendable () -> String?)?) {}

  /// Empty: this build does not audit.
  public static var violations: [Violation] { [] }

  /// Returns at once: this build does not audit.
  public static func flush() {}

  /// Runs `body`.
  @inlinable
  public static func withSuppressed<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body()
  }

  /// Does nothing: this build does not audit.
  public static func suppress(label: String) {}

  /// Zero throughout: this build does not audit.
  public static func totals() -> AuditTotals { AuditTotals() }

  /// Never calls `handler`: this build does not audit.
  @discardableResult
  public static func onInterval(
    seconds: Double, _ handler: @escaping @Sendable (AuditTotals) -> Void
  ) -> TotalsObserver {
    TotalsObserver()
  }

  /// Says that this build does not audit, and why.
  public static func diagnostics() -> AuditDiagnostics { AuditDiagnostics() }

  /// Empty: this build does not audit.
  public static func statistics() -> [CollectionStatistics] { [] }

  /// Empty: this build does not audit.
  public static func suspects() -> [Suspect] { [] }
}

/// Why this build does not audit.
package enum Unaudited {
  /// The value of a member of what only audited builds make. No such value exists, so that this is
  /// never called. A type without values would say that too, and the compiler would then warn of
  /// every line of the program that handles one.
  @inline(never)
  static func unmade() -> Never { fatalError(reason) }

  package static var reason: String {
    #if ON_LINUX && canImport(Glibc)
    "auditing is compiled out of this release build; build in debug, or with the package trait AuditInRelease"
    #else
    "auditing is not available on this platform; it needs Linux with the GNU C library"
    #endif
  }
}

#endif
