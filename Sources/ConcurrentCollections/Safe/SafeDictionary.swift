// SPDX-License-Identifier: Apache-2.0
//
// A wrapper that bounds every operation. Waiting suspends tasks; callers' closures run with a key held, never inside the wrapped
// dictionary's locks.

/// A dictionary whose operations end: in time, or with an error and no effect.
///
/// It wraps any of the models and adds:
/// - a deadline for each operation and respect for the cancellation of its task: ``SafeDictionaryError``, and nothing was changed;
/// - a loader with single flight for each key, and a fallback for when it throws;
/// - counters and latencies (``statistics``), which the trait `Metrics` passes on to swift-metrics;
/// - a limit on the number of elements or on their age, with eviction.
///
/// Operations wait for each other here, suspended, where they can be given up; what is done inside the wrapped
/// dictionary is short and is not interrupted. That holds as long as nobody else uses the wrapped dictionary, so hand it over and
/// keep no reference.
///
/// Re-entrancy: a closure given to an operation is synchronous and every operation here is asynchronous, so it cannot call back. A loader
/// may use the dictionary for other keys; for its own key it would wait for itself until the deadline.
public final class SafeDictionary<Base: AsyncConcurrentDictionary>: Sendable {
  public typealias Key = Base.Key
  public typealias Value = Base.Value

  @usableFromInline let base: Base
  @usableFromInline let configuration: SafeDictionaryConfiguration
  @usableFromInline let timeout: UInt64
  @usableFromInline let gate = OperationGate()
  @usableFromInline let locks: KeyLocks<Key>
  @usableFromInline let counters: SafeDictionaryCounters
  @usableFromInline let flights = SingleFlight<Key, Value>()
  /// Nil when there is no limit to keep.
  @usableFromInline let index: GuardedEvictionIndex<Key>?

  /// Wraps a dictionary.
  ///
  /// - Parameters:
  ///   - base: The dictionary; nobody else should use it from here on. Elements it has already are subject to the limits once they
  ///     are written again.
  ///   - configuration: Time-out, limits, label.
  public init(_ base: Base, configuration: SafeDictionaryConfiguration = SafeDictionaryConfiguration()) {
    self.base = base
    self.configuration = configuration
    timeout = Moment.nanoseconds(in: configuration.timeout)
    locks = KeyLocks()
    counters = SafeDictionaryCounters(label: configuration.label)
    index =
      configuration.maximumCount == nil && configuration.lifetime == nil
      ? nil
      : GuardedEvictionIndex(maximumCount: configuration.maximumCount, lifetime: configuration.lifetime)
  }

  /// What has happened so far.
  public var statistics: SafeDictionaryStatistics { counters.statistics }
}
