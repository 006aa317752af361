// SPDX-License-Identifier: Apache-2.0
//
// What a safe dictionary says of itself. No code runs here.

/// What has happened in a safe dictionary so far.
public struct SafeDictionaryStatistics: Sendable, Equatable {
  /// Reads that found a value.
  public var hits = 0
  /// Reads that found none, or one that was too old.
  public var misses = 0
  /// Calls of a loader.
  public var loads = 0
  /// Calls of a loader that threw.
  public var loadFailures = 0
  /// Values that came from a fallback.
  public var fallbacks = 0
  /// Operations that had to wait for another.
  public var waits = 0
  /// Operations given up at their deadline.
  public var timeouts = 0
  /// Operations given up because their task was cancelled.
  public var cancellations = 0
  /// Elements removed because there were too many.
  public var evictions = 0
  /// Elements removed because they were too old.
  public var expirations = 0
  /// The latency half of the operations stayed below, to an eighth.
  public var latencyP50 = Duration.zero
  /// The latency 99 % of the operations stayed below, to an eighth.
  public var latencyP99 = Duration.zero
  /// The latency 99.9 % of the operations stayed below, to an eighth.
  public var latencyP999 = Duration.zero
}
