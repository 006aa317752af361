// SPDX-License-Identifier: Apache-2.0
//
// The choices a safe dictionary is made with. Only their ranges are checked here.

/// How a ``SafeDictionary`` behaves.
public struct SafeDictionaryConfiguration: Sendable {
  /// How long an operation may take when it is given no deadline of its own. Not negative.
  public var timeout: Duration
  /// How many elements may stay; no limit when nil. Not negative.
  ///
  /// Operations in progress may take the dictionary above it, by one each.
  public var maximumCount: Int?
  /// How much the elements may weigh together, by the weight the dictionary was given; no limit
  /// when nil. Not negative.
  ///
  /// Operations in progress may take the dictionary above it, by one element each.
  public var maximumWeight: Int?
  /// How long after its last write an element may be given out; for ever when nil. Positive.
  ///
  /// An operation that begins later does not give it out. One that has begun before may, also when
  /// it has to wait for the wrapped dictionary.
  ///
  /// An element that is too old is removed with a later change, by
  /// ``SafeDictionary/purgeExpired(deadline:)``, or else by itself, about a sixteenth of the
  /// lifetime later, a second at most.
  public var lifetime: Duration?
  /// How long after its last write an element is loaded again in the background by a read that
  /// could load it; never when nil. Positive.
  ///
  /// That read, and those that follow, have the old value until the new one is there. A load that
  /// fails changes nothing and is tried again no sooner than this time later.
  public var refreshAfter: Duration?
  /// The first part of the names of metrics of the trait `Metrics`, and the label `map` of those
  /// for Prometheus.
  public var label: String
  /// The first part of the names of metrics for Prometheus, such as `map`; no such metrics when
  /// nil.
  ///
  /// It consists of letters, digits and `_`, and does not begin with a digit. With it, each
  /// operation counts its latency once more, in a histogram of its own: one atomic addition for the
  /// bucket and one for the sum, in a stripe of the thread's. A stripe takes 2 KiB; there are two
  /// for each core, 16 at most.
  public var metricsPrefix: String?

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - timeout: How long an operation may take when it is given no deadline of its own.
  ///   - maximumCount: How many elements may stay; no limit when nil.
  ///   - maximumWeight: How much the elements may weigh together; no limit when nil.
  ///   - lifetime: How long after its last write an element may be given out; for ever when nil.
  ///   - refreshAfter: How long after its last write an element is loaded again in the background;
  ///     never when nil.
  ///   - label: The first part of the names of metrics of the trait `Metrics`, and the label `map`
  ///     of those for Prometheus.
  ///   - metricsPrefix: The first part of the names of metrics for Prometheus; no such metrics when
  ///     nil.
  public init(
    timeout: Duration = .seconds(5), maximumCount: Int? = nil, maximumWeight: Int? = nil, lifetime: Duration? = nil,
    refreshAfter: Duration? = nil, label: String = "safe_dictionary", metricsPrefix: String? = nil
  ) {
    self.timeout = timeout
    self.maximumCount = maximumCount
    self.maximumWeight = maximumWeight
    self.lifetime = lifetime
    self.refreshAfter = refreshAfter
    self.label = label
    self.metricsPrefix = metricsPrefix
  }

  /// Stops with a message if a choice is out of its range.
  func check() {
    func isPositive(_ duration: Duration?) -> Bool { duration.map { $0 > .zero } ?? true }
    func isNatural(_ number: Int?) -> Bool { number.map { $0 >= 0 } ?? true }
    require(timeout >= .zero, "SafeDictionaryConfiguration.timeout must not be negative")
    require(isNatural(maximumCount), "SafeDictionaryConfiguration.maximumCount must not be negative")
    require(isNatural(maximumWeight), "SafeDictionaryConfiguration.maximumWeight must not be negative")
    require(isPositive(lifetime), "SafeDictionaryConfiguration.lifetime must be positive")
    require(isPositive(refreshAfter), "SafeDictionaryConfiguration.refreshAfter must be positive")
    require(
      metricsPrefix.map(PrometheusText.isName) ?? true,
      "SafeDictionaryConfiguration.metricsPrefix must be letters, digits and '_', not beginning with a digit")
  }
}
