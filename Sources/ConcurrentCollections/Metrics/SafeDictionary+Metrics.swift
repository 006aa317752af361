// SPDX-License-Identifier: Apache-2.0
//
// What a safe dictionary has for a metrics page. Nothing here serves it.

extension SafeDictionary {
  /// The dictionary's counters and latencies as a page for Prometheus to scrape; empty unless the
  /// configuration has a ``SafeDictionaryConfiguration/metricsPrefix``.
  ///
  /// With the prefix `map`: the counters `map_hit_total`, `map_miss_total`, `map_load_total`,
  /// `map_load_failure_total`, `map_fallback_total`, `map_wait_total`, `map_timeout_total`,
  /// `map_cancellation_total`, `map_eviction_total` and `map_expiration_total`; and a histogram for
  /// each operation, `map_get_duration_seconds` and likewise `load`, `set`, `insert`, `update`,
  /// `delete`, `remove_all`, `size`, `snapshot` and `purge`. All have the label `map` with the
  /// configuration's label.
  ///
  /// - Complexity: O(operations × buckets × stripes): some thousand words.
  /// - Blocking: None.
  public var prometheusText: String { metricsSource.text }

  /// What this dictionary has for a page with several.
  ///
  /// - Complexity: As ``prometheusText``.
  /// - Blocking: None.
  public var metricsSource: SafeDictionaryMetricsSource {
    SafeDictionaryMetricsSource(sources: counters.metrics.map { [$0] } ?? [])
  }
}

/// The counters and latencies of safe dictionaries at one moment, for one page: dictionaries with
/// one prefix must be on one page, which names each metric once.
public struct SafeDictionaryMetricsSource: Sendable {
  let sources: [PrometheusText.Source]

  /// The content type to serve ``text`` with.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  init(sources: [PrometheusText.Source]) { self.sources = sources }

  /// Puts several dictionaries onto one page.
  public init(_ parts: [SafeDictionaryMetricsSource]) { sources = parts.flatMap(\.sources) }

  /// The page, in Prometheus's text format.
  ///
  /// - Complexity: O(the length of the page).
  public var text: String { PrometheusText.page(sources) }
}
