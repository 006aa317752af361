// SPDX-License-Identifier: Apache-2.0
//
// The choices a safe dictionary is made with. No code runs here.

/// How a ``SafeDictionary`` behaves.
public struct SafeDictionaryConfiguration: Sendable {
  /// How long an operation may take when it is given no deadline of its own.
  public var timeout: Duration
  /// How many elements may stay; no limit when nil.
  ///
  /// Operations in progress may take the dictionary above it, by one each.
  public var maximumCount: Int?
  /// How long after its last write an element may be given out; for ever when nil.
  public var lifetime: Duration?
  /// The first part of the names of metrics.
  public var label: String

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - timeout: How long an operation may take when it is given no deadline of its own.
  ///   - maximumCount: How many elements may stay; no limit when nil.
  ///   - lifetime: How long after its last write an element may be given out; for ever when nil.
  ///   - label: The first part of the names of metrics.
  public init(
    timeout: Duration = .seconds(5), maximumCount: Int? = nil, lifetime: Duration? = nil,
    label: String = "safe_dictionary"
  ) {
    self.timeout = timeout
    self.maximumCount = maximumCount
    self.lifetime = lifetime
    self.label = label
  }
}
