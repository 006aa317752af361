// SPDX-License-Identifier: Apache-2.0
//
// The numbers and the observers of an audit that is not compiled in: zeros, and nothing to cancel.

#if !(AUDITED && canImport(Glibc))

/// A registered observer of violations, which is never called.
public final class ViolationObserver: Sendable {
  package init() {}

  /// Ends the observation.
  public func cancel() {}
}

/// A registered observer of totals, which is never called.
public final class TotalsObserver: Sendable {
  package init() {}

  /// Ends the observation.
  public func cancel() {}
}

/// What the audit has seen in this process: nothing, because this build does not audit.
public struct AuditTotals: Sendable, Hashable {
  public var violations: [ViolationKind: UInt64] = [:]
  public var reported: UInt64 = 0
  public var races: [String: Int] = [:]
  public var suppressed: UInt64 = 0
  public var reads: UInt64 = 0
  public var writes: UInt64 = 0
  public var recordsLost: UInt64 = 0
  public var stacksLost: UInt64 = 0
  public var collections: Int = 0
  public var detectorLagSeconds: Double = 0
  public var detectorIsRunning: Bool = false
  public var suspects: Int = 0
  public var dutyRatio: Double = 0
  public var isEnabled: Bool = false

  package init() {}

  /// The content type to serve ``prometheusText`` with.
  public static var prometheusContentType: String { "text/plain; version=0.0.4; charset=utf-8" }

  /// A page for Prometheus that says that nothing is audited.
  public var prometheusText: String {
    """
    # HELP access_audit_duty_ratio The share of time in which accesses are audited, as configured; 0: never.
    # TYPE access_audit_duty_ratio gauge
    access_audit_duty_ratio 0.0
    # HELP access_audit_enabled Whether accesses are being audited at this moment: 1 or 0.
    # TYPE access_audit_enabled gauge
    access_audit_enabled 0

    """
  }
}

/// What ``AccessAudit/diagnostics()`` found: that this build does not audit.
public struct AuditDiagnostics: Sendable, Hashable, CustomStringConvertible {
  public var isCompiledIn: Bool = false
  public var isEnabled: Bool = false
  public var hasFramePointers: Bool = false
  public var unwinderWorks: Bool = false
  public var detectorIsAlive: Bool?
  public var stacksInTable: Int = 0
  public var stacksShortened: UInt64 = 0
  public var recorders: Int = 0
  public var threadsRefused: UInt64 = 0
  public var unexplained: UInt64 = 0
  public var barriersRefused: UInt64 = 0
  public var losses = Violation.Losses()
  public var textsCutOff: UInt64 = 0
  public var holds: UInt64 = 0
  public var heldMilliseconds: UInt64 = 0

  package init() {}

  public var description: String { "AccessAudit: \(Unaudited.reason)" }
}

/// The traffic of one collection. No value exists: this build does not audit.
public struct CollectionStatistics: Sendable, Hashable {
  private init() {}

  public var id: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
  public var type: String? {
    get { Unaudited.unmade() }
    set {}
  }
  public var label: String? {
    get { Unaudited.unmade() }
    set {}
  }
  public var reads: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
  public var writes: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
  public var threads: Set<Int32> {
    get { Unaudited.unmade() }
    set {}
  }
  public var peakCount: Int? {
    get { Unaudited.unmade() }
    set {}
  }
  public var lifetimeMilliseconds: Int {
    get { Unaudited.unmade() }
    set {}
  }
  public var isDestroyed: Bool {
    get { Unaudited.unmade() }
    set {}
  }
  public var violations: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
}

#endif
