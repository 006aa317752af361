// SPDX-License-Identifier: Apache-2.0
//
// What a report adds to a violation, and suspects, where auditing is not compiled in. No value of
// these types exists, and none can be decoded. Their members are those of audited builds, so that
// what handles a violation compiles.

#if !(AUDITED && canImport(Glibc))

extension Violation {
  /// The task an access was made in. No value exists: this build does not audit.
  public struct TaskDescription: Sendable, Hashable, Codable {
    private init() {}

    public var id: UInt64 {
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
  /// Lines of source around an access. No value exists: this build does not audit.
  public struct SourceExcerpt: Sendable, Hashable, Codable {
    private init() {}

    public var file: String {
      get { Unaudited.unmade() }
      set {}
    }
    public var firstLine: Int {
      get { Unaudited.unmade() }
      set {}
    }
    public var line: Int {
      get { Unaudited.unmade() }
      set {}
    }
    public var column: Int? {
      get { Unaudited.unmade() }
      set {}
    }
    public var lines: [String] {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  /// An executable or library. No value exists: this build does not audit.
  public struct Image: Sendable, Hashable, Codable {
    private init() {}

    public var name: String {
      get { Unaudited.unmade() }
      set {}
    }
    public var path: String {
      get { Unaudited.unmade() }
      set {}
    }
    public var buildID: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var begin: String {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  /// How the two accesses lay in time. No value exists: this build does not audit.
  public struct Overlap: Sendable, Hashable, Codable {
    private init() {}

    public var atLeastNanoseconds: UInt64? {
      get { Unaudited.unmade() }
      set {}
    }
    public var atMostNanoseconds: UInt64? {
      get { Unaudited.unmade() }
      set {}
    }
    public var conflictingAgeMilliseconds: Int? {
      get { Unaudited.unmade() }
      set {}
    }
    public var accessesBetween: Int? {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  /// The collection's recorded accesses. No value exists: this build does not audit.
  public struct Traffic: Sendable, Hashable, Codable {
    private init() {}

    public var reads: UInt64 {
      get { Unaudited.unmade() }
      set {}
    }
    public var writes: UInt64 {
      get { Unaudited.unmade() }
      set {}
    }
    public var threads: Int {
      get { Unaudited.unmade() }
      set {}
    }
    public var lifetimeMilliseconds: Int {
      get { Unaudited.unmade() }
      set {}
    }
    public var isLowerBound: Bool {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

/// Two call sites that came near each other. No value exists: this build does not audit.
public struct Suspect: Sendable, Hashable, Codable, CustomStringConvertible {
  private init() {}

  public var accesses: [Access] {
    get { Unaudited.unmade() }
    set {}
  }
  public var gapMilliseconds: Double {
    get { Unaudited.unmade() }
    set {}
  }
  public var timesNear: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
  public var holds: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }

  public var description: String { Unaudited.unmade() }

  public init(from decoder: any Decoder) throws { throw decoder.unaudited }
  public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
}

extension Suspect {
  /// One of the two sites. No value exists: this build does not audit.
  public struct Access: Sendable, Hashable, Codable, CustomStringConvertible {
    private init() {}

    public var operation: AccessOperation {
      get { Unaudited.unmade() }
      set {}
    }
    public var writing: Bool {
      get { Unaudited.unmade() }
      set {}
    }
    public var frames: [Violation.Frame] {
      get { Unaudited.unmade() }
      set {}
    }

    public var description: String { Unaudited.unmade() }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation {
  public enum StackLoss: String, Sendable, Hashable, Codable {
    case switchedOff = "switched-off"
    case tableFull = "table-full"
    case notUnwound = "not-unwound"
    case recordLost = "record-lost"

    public var explanation: String { rawValue }
  }
}

#endif
