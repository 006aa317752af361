// SPDX-License-Identifier: Apache-2.0
//
// The model of a violation where auditing is not compiled in. No value of these types exists, and
// none can be decoded. Their members are those of audited builds, so that what handles a violation
// compiles.

#if !(AUDITED && canImport(Glibc))

/// Two overlapping accesses to one collection. No value exists: this build does not audit.
public struct Violation: Sendable, Hashable, Codable {
  private init() {}

  public var schema: String {
    get { Unaudited.unmade() }
    set {}
  }
  public var kind: ViolationKind {
    get { Unaudited.unmade() }
    set {}
  }
  public var message: String {
    get { Unaudited.unmade() }
    set {}
  }
  public var container: Container {
    get { Unaudited.unmade() }
    set {}
  }
  public var accesses: [Access] {
    get { Unaudited.unmade() }
    set {}
  }
  public var history: [HistoryEntry] {
    get { Unaudited.unmade() }
    set {}
  }
  public var losses: Losses {
    get { Unaudited.unmade() }
    set {}
  }
  public var process: ProcessDescription {
    get { Unaudited.unmade() }
    set {}
  }
  public var timesSeen: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
  public var overlap: Overlap? {
    get { Unaudited.unmade() }
    set {}
  }
  public var traffic: Traffic? {
    get { Unaudited.unmade() }
    set {}
  }
  public var images: [Image]? {
    get { Unaudited.unmade() }
    set {}
  }

  /// The name of the JSON schema.
  public static var schemaName: String { "access-audit/1" }

  public var detected: Access { Unaudited.unmade() }
  public var conflicting: Access { Unaudited.unmade() }

  package var textReport: String { Unaudited.unmade() }
  package var jsonReport: String { Unaudited.unmade() }

  public init(from decoder: any Decoder) throws { throw decoder.unaudited }
  public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
}

extension Violation {
  /// The collection. No value exists: this build does not audit.
  public struct Container: Sendable, Hashable, Codable {
    private init() {}

    public var id: UInt64 {
      get { Unaudited.unmade() }
      set {}
    }
    public var kind: CollectionKind {
      get { Unaudited.unmade() }
      set {}
    }
    public var type: String {
      get { Unaudited.unmade() }
      set {}
    }
    public var label: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var count: Int? {
      get { Unaudited.unmade() }
      set {}
    }
    public var declaration: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var created: Creation? {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

extension Violation.Container {
  /// Where a collection was created. No value exists: this build does not audit.
  public struct Creation: Sendable, Hashable, Codable {
    private init() {}

    public var thread: Violation.ThreadDescription {
      get { Unaudited.unmade() }
      set {}
    }
    public var stack: [Violation.Frame] {
      get { Unaudited.unmade() }
      set {}
    }

    public init(from decoder: any Decoder) throws { throw decoder.unaudited }
    public func encode(to encoder: any Encoder) throws { Unaudited.unmade() }
  }
}

/// What makes two reports the same race. Never asked: this build makes no report.
package enum RaceIdentity {
  package static func exact(_ violation: Violation) -> String { Unaudited.unmade() }
}

#endif
