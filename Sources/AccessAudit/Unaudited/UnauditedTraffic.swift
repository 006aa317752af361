// SPDX-License-Identifier: Apache-2.0
//
// What an observer of accesses would get, where auditing is not compiled in. No value of these
// types exists. Their members are those of audited builds, so that what handles an access compiles.

#if !(AUDITED && canImport(Glibc))

public import AccessTerms

/// A registered observer of accesses, which is never called.
public final class AccessObserver: Sendable {
  package init() {}

  /// 0: this build does not audit.
  public var lost: UInt64 { 0 }

  /// Ends the observation.
  public func cancel() {}
}

/// One access. No value exists: this build does not audit.
public struct AuditedAccess: Sendable {
  private init() {}

  /// The collection that was accessed. No value exists: this build does not audit.
  public struct Collection: Sendable, Hashable {
    private init() {}

    public var id: UInt64 {
      get { Unaudited.unmade() }
      set {}
    }
    public var kind: CollectionKind {
      get { Unaudited.unmade() }
      set {}
    }
    public var label: String? {
      get { Unaudited.unmade() }
      set {}
    }
    public var type: String { Unaudited.unmade() }
    public var declaration: String? { Unaudited.unmade() }
  }

  public var collection: Collection {
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
  public var threadID: Int32 {
    get { Unaudited.unmade() }
    set {}
  }
  public var taskID: UInt64? {
    get { Unaudited.unmade() }
    set {}
  }
  public var keyHash: UInt32? {
    get { Unaudited.unmade() }
    set {}
  }
  public var durationNanoseconds: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
  public var elementCount: Int? {
    get { Unaudited.unmade() }
    set {}
  }
  public var isInsertion: Bool {
    get { Unaudited.unmade() }
    set {}
  }
  public var isRemoval: Bool {
    get { Unaudited.unmade() }
    set {}
  }
  public var timeNanoseconds: UInt64 {
    get { Unaudited.unmade() }
    set {}
  }
  public var stack: [Violation.Frame] { Unaudited.unmade() }
}

#endif
