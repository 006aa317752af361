// SPDX-License-Identifier: Apache-2.0
//
// What a violation says of accesses, threads and frames, where auditing is not compiled in. No
// value of these types exists, and none can be decoded. Their members are those of audited builds,
// so that what handles a violation compiles.

#if !(AUDITED && canImport(Glibc))

extension Violation {
  /// One of the two accesses. No value exists: this build does not audit.
  public struct Access: Sendable, Hashable, Codable {
    private init() {}

    public var role: Role {
      get { Unaudited.unmade() }
      set {}
    }
    public var thread: ThreadDescription? {
      get { Unaudited.unmade() }
      set {}
    }
    public var writing: Bool {
      get { Unaudited.unmade() }
      set {}
    }
    public var operation: AccessOperation? {
      get { Unaudited.unmade() }
      set {}
    }
    public var inProgress: Bool {
      get { Unaudited.unmade() }
      set {}
    }
    public var stack: [Frame] {
      get { Unaudited.unmade() }
      set {}
    }
    public var stackLoss: StackLoss? {
      get { Unaudited.unmade() }
      set {}
    }
    public var task: TaskDescription? {
      get { Unaudited.unmade() }
      set {}
    }
    public var traceID: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var queue: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var excerpt: SourceExcerpt? {
      get { Unaudited.unmade() }
      set {}
    }

    public var location: Violation.Frame? { Unaudited.unmade() }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  /// A thread. No value exists: this build does not audit.
  public struct ThreadDescription: Sendable, Hashable, Codable {
    private init() {}

    public var id: Int32 {
      get { Unaudited.unmade() }
      set {}
    }
    public var name: String? {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  /// One frame of a stack. No value exists: this build does not audit.
  public struct Frame: Sendable, Hashable, Codable {
    private init() {}

    public var symbol: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var file: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var line: Int? {
      get { Unaudited.unmade() }
      set {}
    }
    public var column: Int? {
      get { Unaudited.unmade() }
      set {}
    }
    public var image: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var address: String {
      get { Unaudited.unmade() }
      set {}
    }
    public var inlined: Bool {
      get { Unaudited.unmade() }
      set {}
    }
    public var category: Category {
      get { Unaudited.unmade() }
      set {}
    }
    public var awaiting: Bool? {
      get { Unaudited.unmade() }
      set {}
    }
    public var buildID: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var offset: String? {
      get { Unaudited.unmade() }
      set {}
    }

    public var isAwaiting: Bool { Unaudited.unmade() }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  /// One earlier access. No value exists: this build does not audit.
  public struct HistoryEntry: Sendable, Hashable, Codable {
    private init() {}

    public var thread: ThreadDescription {
      get { Unaudited.unmade() }
      set {}
    }
    public var operation: AccessOperation {
      get { Unaudited.unmade() }
      set {}
    }
    public var writing: Bool {
      get { Unaudited.unmade() }
      set {}
    }
    public var ageMilliseconds: Int {
      get { Unaudited.unmade() }
      set {}
    }
    public var frame: Frame? {
      get { Unaudited.unmade() }
      set {}
    }
    public var role: Role? {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  /// The process. No value exists: this build does not audit.
  public struct ProcessDescription: Sendable, Hashable, Codable {
    private init() {}

    public var pid: Int32 {
      get { Unaudited.unmade() }
      set {}
    }
    public var host: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var service: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var version: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var executable: String {
      get { Unaudited.unmade() }
      set {}
    }
    public var time: String {
      get { Unaudited.unmade() }
      set {}
    }
    public var seed: UInt64? {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  public enum Role: String, Sendable, Hashable, Codable {
    case detected
    case conflicting
  }

  /// What is missing from what was recorded: nothing, because nothing was.
  public struct Losses: Sendable, Hashable, Codable {
    public var records: UInt64 = 0
    public var stacks: UInt64 = 0
    public var unrecorded: UInt64 = 0
    public var violations: UInt64 = 0
    public var waits: UInt64 = 0

    package init() {}
  }
}

extension Violation.Frame {
  public enum Category: String, Sendable, Hashable, Codable {
    case user
    case audit
    case thunk
    case system
  }
}

extension Decoder {
  /// The error of decoding what only an audited build has.
  var unaudited: DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: "AccessAudit: \(Unaudited.reason)"))
  }
}

#endif
