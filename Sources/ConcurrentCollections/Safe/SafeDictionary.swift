// SPDX-License-Identifier: Apache-2.0
//
// A wrapper that bounds every operation. Waiting suspends tasks; callers' closures run with a key
// held, never inside the wrapped dictionary's locks; values are destroyed when nothing is held.

/// A dictionary whose operations end: in time, or with an error and no effect.
///
/// It wraps any of the models and adds:
/// - a deadline for each operation and respect for the cancellation of its task:
///   ``SafeDictionaryError``, and nothing was changed;
/// - a loader with single flight for each key, a fallback for when it throws, and loading again in
///   the background before a value is too old;
/// - counters and latencies (``statistics``, ``prometheusText``), which the trait `Metrics` passes
///   on to swift-metrics;
/// - limits on the number of elements, on their weight and on their age, with eviction.
///
/// Operations wait for each other here, suspended, where they can be given up; what is done inside
/// the wrapped dictionary is short and is not interrupted. That holds as long as nobody else uses
/// the wrapped dictionary, so hand it over and keep no reference.
///
/// All deadlines of the process share one thread and one heap: a wait or a load with a deadline
/// costs memory as long as it lasts, not until its deadline.
///
/// Re-entrancy: a closure given to an operation is synchronous and every operation here is
/// asynchronous, so it cannot call back. A loader may use the dictionary for other keys; for its
/// own key it would wait for itself until the deadline. Values are destroyed after everything is
/// released, so a `deinit` may wait for another task that uses the dictionary; but for a value that
/// a closure itself lets go of. The wrapped dictionary destroys keys, while the key is held here:
/// their `deinit` must not wait for a task.
///
/// Values are `Sendable`: one loaded value is given to all who wait for it.
public final class SafeDictionary<Base: AsyncConcurrentDictionary>: Sendable {
  public typealias Key = Base.Key
  public typealias Value = Base.Value

  @usableFromInline let base: Base
  @usableFromInline let configuration: SafeDictionaryConfiguration
  @usableFromInline let timeout: UInt64
  @usableFromInline let gate = AsyncReadWriteLock()
  @usableFromInline let locks: KeyLocks<Key>
  @usableFromInline let counters: SafeDictionaryCounters
  @usableFromInline let flights = SingleFlight<Key, Value>()
  /// Nil when there is no limit to keep.
  @usableFromInline let index: GuardedEvictionIndex<Key>?
  /// What an element weighs; nil when that does not matter.
  @usableFromInline let weight: (@Sendable (Key, Value) -> Int)?

  /// Wraps a dictionary.
  ///
  /// - Parameters:
  ///   - base: The dictionary; nobody else should use it from here on. Elements it has already are
  ///     subject to the limits once they are written again.
  ///   - configuration: Time-out, limits, label.
  ///   - weight: What an element weighs, not negative, for `maximumWeight`; 1 when left out. It
  ///     runs once for each write, with the key held.
  /// - Precondition: The configuration's numbers are in their ranges.
  public init(
    _ base: Base, configuration: SafeDictionaryConfiguration = SafeDictionaryConfiguration(),
    weight: (@Sendable (Key, Value) -> Int)? = nil
  ) {
    configuration.check()
    self.base = base
    self.configuration = configuration
    timeout = Moment.nanoseconds(in: configuration.timeout)
    locks = KeyLocks()
    counters = SafeDictionaryCounters(configuration)
    let limits = EvictionLimits(
      maximumCount: configuration.maximumCount, maximumWeight: configuration.maximumWeight,
      lifetime: configuration.lifetime, refreshAfter: configuration.refreshAfter)
    index = limits.isEmpty ? nil : GuardedEvictionIndex(limits)
    self.weight = configuration.maximumWeight == nil ? nil : weight ?? { _, _ in 1 }
  }

  /// What has happened so far.
  ///
  /// - Complexity: O(the number of stripes the counters are in).
  /// - Blocking: None.
  public var statistics: SafeDictionaryStatistics { counters.statistics }
}
