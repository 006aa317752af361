// SPDX-License-Identifier: Apache-2.0
//
// What a report adds to the two accesses: the task and queue, the source, the overlap, the traffic,
// why a stack is missing. Model only; every key is optional in the coded form, because earlier
// reports have none of them.

#if REPORTS && canImport(Glibc)

extension Violation {
  /// The task an access was made in.
  public struct TaskDescription: Sendable, Hashable, Codable {
    public var id: UInt64
    public var name: String?

    package init(id: UInt64, name: String? = nil) {
      self.id = id
      self.name = name
    }
  }

  /// Lines of source around an access, as they were when the report was made.
  public struct SourceExcerpt: Sendable, Hashable, Codable {
    public var file: String
    /// The number of the first of `lines`.
    public var firstLine: Int
    /// The number of the line the access is in.
    public var line: Int
    public var column: Int?
    public var lines: [String]
  }

  /// Why an access has no stack.
  public enum StackLoss: String, Sendable, Hashable, Codable {
    /// The option `stacks` is `off`.
    case switchedOff = "switched-off"
    /// The table of stacks was full.
    case tableFull = "table-full"
    /// Neither the chain of frame pointers nor libunwind led anywhere.
    case notUnwound = "not-unwound"
    /// The record of the access was overwritten, or not written yet.
    case recordLost = "record-lost"

    /// The reason in words.
    public var explanation: String {
      switch self {
      case .switchedOff: "stacks are switched off (stacks=off)"
      case .tableFull: "the table of stacks was full"
      case .notUnwound: "it could not be unwound"
      case .recordLost: "its record was lost or is not there yet"
      }
    }
  }

  /// An executable or library: with its build ID the very file can be found whose debug information
  /// names the frames.
  public struct Image: Sendable, Hashable, Codable {
    /// As frames name it.
    public var name: String
    public var path: String
    /// In hexadecimal; `nil` when it was linked without one.
    public var buildID: String?
    /// Where it lies in the process, in hexadecimal.
    public var begin: String
  }

  /// How the two accesses lay in time. The bounds are measured; none is an estimate.
  public struct Overlap: Sendable, Hashable, Codable {
    /// The overlap lasted at least this long: the other access was still in progress when the
    /// report was made.
    public var atLeastNanoseconds: UInt64?
    /// The overlap lasted at most this long: the other access had ended when the report was made.
    public var atMostNanoseconds: UInt64?
    /// How long before the violation was seen the other access had begun, to the detector's tick of
    /// 10 ms.
    public var conflictingAgeMilliseconds: Int?
    /// Accesses to the collection recorded between the other access and the one that saw it; `nil`
    /// when one of the two is not among the records.
    public var accessesBetween: Int?

    package init(
      atLeastNanoseconds: UInt64? = nil, atMostNanoseconds: UInt64? = nil,
      conflictingAgeMilliseconds: Int? = nil, accessesBetween: Int? = nil
    ) {
      self.atLeastNanoseconds = atLeastNanoseconds
      self.atMostNanoseconds = atMostNanoseconds
      self.conflictingAgeMilliseconds = conflictingAgeMilliseconds
      self.accessesBetween = accessesBetween
    }
  }

  /// The collection's recorded accesses up to the report.
  public struct Traffic: Sendable, Hashable, Codable {
    public var reads: UInt64
    public var writes: UInt64
    /// Threads that touched it; 64 stands for that many or more.
    public var threads: Int
    /// From its first to its last recorded access, to the detector's tick of 10 ms.
    public var lifetimeMilliseconds: Int
    /// Whether records were lost, so that there were more accesses than these.
    public var isLowerBound: Bool

    package init(reads: UInt64, writes: UInt64, threads: Int, lifetimeMilliseconds: Int, isLowerBound: Bool) {
      self.reads = reads
      self.writes = writes
      self.threads = threads
      self.lifetimeMilliseconds = lifetimeMilliseconds
      self.isLowerBound = isLowerBound
    }
  }
}

extension [Violation.Frame] {
  /// The frames that reports show unless asked for all; all, when none would be left.
  ///
  /// Between a function and the one that awaits it stand the runtime's frames that called its job:
  /// they are left out, as the awaiting function goes on where they are.
  package var shown: [Violation.Frame] {
    var runtime = 0..<0
    if let awaiting = firstIndex(where: { $0.isAwaiting && !$0.isHidden }),
      let own = self[..<awaiting].lastIndex(where: { !$0.isAwaiting && $0.category != .system })
    {
      runtime = (own + 1)..<awaiting
    }
    let shown = indices.filter { !self[$0].isHidden && !runtime.contains($0) }.map { self[$0] }
    return shown.isEmpty ? self : shown
  }
}

extension Violation.Frame {
  /// Whether the frame is a function that awaits the one before it, which is not on the thread's
  /// stack.
  public var isAwaiting: Bool { awaiting ?? false }

  /// Whether reports leave the frame out unless asked for all: this package's, the compiler's, and
  /// the runtime's end of a task.
  package var isHidden: Bool {
    category == .audit || category == .thunk || (isAwaiting && category == .system)
  }
}

#endif
