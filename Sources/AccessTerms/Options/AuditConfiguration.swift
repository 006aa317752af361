// SPDX-License-Identifier: Apache-2.0
//
// The options of the audit as values. Parsing them from text is elsewhere; nothing here has an
// effect by itself.

/// What happens when a violation is seen.
public enum ViolationPolicy: String, Sendable, Hashable, Codable, CaseIterable {
  /// Report, then end the process: by SIGABRT, or with `exitCode`.
  case halt
  /// Report, make the second party wait its turn where that is possible, and go on.
  case report
  /// As `report`; readers register, so that a conflicting write waits for them.
  case shield
}

/// The formats of a report.
public enum ReportFormat: String, Sendable, Hashable, Codable, CaseIterable {
  case text
  case json
}

/// How much of each access's call stack is recorded.
public enum StackMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Up to `stackDepth` frames.
  case full
  /// The address of the access only.
  case caller
  /// Nothing.
  case off
}

/// When colour is used in text reports.
public enum ColorMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// On a terminal.
  case auto
  case always
  case never
}

/// The options of the audit: the same as in the environment variable `ACCESS_AUDIT`.
///
/// ``AccessAudit/configure(_:)`` takes one and wins over the environment. Each property's range is
/// that of the option table; a value outside it is replaced by the default, with one warning on
/// stderr.
public struct AuditConfiguration: Sendable, Hashable {
  /// Whether accesses are audited.
  public var isEnabled: Bool
  public var onViolation: ViolationPolicy
  /// The status a process ends with after a violation; `nil`: SIGABRT under `halt`, 66 otherwise.
  public var exitCode: Int?
  /// `stderr`, `stdout`, or the prefix of the files that reports go to.
  public var logPath: String
  public var logFormat: Set<ReportFormat>
  /// Where the line at the process's end goes: `stderr`, `off`, or a file that it is added to.
  public var exitSummary: String
  public var stacks: StackMode
  /// Frames kept of a stack, 1 to 128.
  public var stackDepth: Int
  /// Records kept for each thread, 16 to 1 048 576; rounded up to a power of two.
  public var historySize: Int
  /// The path of a suppressions file; empty for none.
  public var suppressions: String
  /// Distinct races reported, 1 to 4 096.
  public var maxReports: Int
  /// How long an access may be made to wait for another, in milliseconds, 0 to 60 000.
  public var waitMilliseconds: Int
  /// The longest delay put into sampled accesses, so that others run into them, in microseconds, 0
  /// to 10 000; 0 is none.
  public var delayMicroseconds: Int
  /// How much of the time may go into holding accesses open, so that others run into them.
  public var hunt: HuntMode
  /// The first number of the generator that chooses delays and holds; 0: one that the kernel gives.
  /// Reports show it.
  public var seed: UInt64
  /// A file in which runs keep what hunting has learnt, for the next one; empty for none.
  public var plan: String
  /// The share of the time in which accesses are audited, in bursts, 1 to 100.
  public var dutyPercent: Int
  /// The file that accesses are recorded to; empty for none.
  public var trace: String
  /// Megabytes that a recording may take, 1 to 1 048 576: the file, and the one before it.
  public var traceMegabytes: Int
  /// One access in so many is recorded, 1 to 1 000 000.
  public var traceSampling: Int
  public var stripPathPrefix: String
  public var color: ColorMode
  /// 0: the report; 1: also the Swift backtracer after it, and frames that are hidden otherwise.
  public var verbosity: Int

  /// Return addresses that an access's stack has at most.
  package var framesToWalk: Int {
    switch stacks {
    case .full: stackDepth
    case .caller: 1
    case .off: 0
    }
  }

  /// The defaults, except for what is given; auditing is on.
  public init(
    isEnabled: Bool = true, onViolation: ViolationPolicy = .halt, exitCode: Int? = nil, logPath: String = "stderr",
    logFormat: Set<ReportFormat> = [.text], exitSummary: String = "stderr", stacks: StackMode = .full,
    stackDepth: Int = 32, historySize: Int = 1024,
    suppressions: String = "", maxReports: Int = 100, waitMilliseconds: Int = 100, delayMicroseconds: Int = 0,
    hunt: HuntMode = .automatic, seed: UInt64 = 0, plan: String = "", dutyPercent: Int = 100,
    trace: String = "", traceMegabytes: Int = 256, traceSampling: Int = 1, stripPathPrefix: String = "",
    color: ColorMode = .auto, verbosity: Int = 0
  ) {
    self.isEnabled = isEnabled
    self.onViolation = onViolation
    self.exitCode = exitCode
    self.logPath = logPath
    self.logFormat = logFormat
    self.exitSummary = exitSummary
    self.stacks = stacks
    self.stackDepth = stackDepth
    self.historySize = historySize
    self.suppressions = suppressions
    self.maxReports = maxReports
    self.waitMilliseconds = waitMilliseconds
    self.delayMicroseconds = delayMicroseconds
    self.hunt = hunt
    self.seed = seed
    self.plan = plan
    self.dutyPercent = dutyPercent
    self.trace = trace
    self.traceMegabytes = traceMegabytes
    self.traceSampling = traceSampling
    self.stripPathPrefix = stripPathPrefix
    self.color = color
    self.verbosity = verbosity
  }
}
