// SPDX-License-Identifier: Apache-2.0
//
// The page for Prometheus: its content, its sums, and promtool's check of it.

import Foundation
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct PrometheusTests {
    private typealias Safe = SafeDictionary<LockedDictionary<String, Int>>

    private func makeUsed(_ label: String, prefix: String? = "map") async throws -> Safe {
      let dictionary = Safe(
        LockedDictionary(), configuration: SafeDictionaryConfiguration(label: label, metricsPrefix: prefix))
      try await dictionary.updateValue(1, forKey: "a")
      #expect(try await dictionary.value(forKey: "a") == 1)
      #expect(try await dictionary.value(forKey: "b") == nil)
      #expect(
        try await dictionary.value(forKey: "b", fallback: { _ in 2 }, orLoad: { _ in throw CancellationError() }) == 2)
      let past = ContinuousClock.now.advanced(by: .seconds(-1))
      await #expect(throws: SafeDictionaryError.self) { try await dictionary.value(forKey: "a", deadline: past) }
      return dictionary
    }

    @Test("the counters and histograms have their names and numbers")
    func page() async throws {
      let page = try await makeUsed("orders").prometheusText
      for line in [
        "map_hit_total{map=\"orders\"} 1", "map_miss_total{map=\"orders\"} 2", "map_timeout_total{map=\"orders\"} 1",
        "map_fallback_total{map=\"orders\"} 1", "map_load_failure_total{map=\"orders\"} 1",
        "map_get_duration_seconds_count{map=\"orders\"} 3", "map_load_duration_seconds_count{map=\"orders\"} 1",
        "map_set_duration_seconds_bucket{map=\"orders\",le=\"+Inf\"} 1", "# TYPE map_get_duration_seconds histogram",
      ] { #expect(page.contains(line + "\n"), "missing: \(line)\n\(page)") }
      // The counts of the buckets never decrease.
      let buckets = page.split(separator: "\n").filter { $0.hasPrefix("map_get_duration_seconds_bucket") }
        .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
      #expect(buckets.count == OperationHistograms.bounds.count + 1)
      #expect(buckets == buckets.sorted())
    }

    @Test("off by default; several dictionaries share the families of one prefix")
    func several() async throws {
      #expect(try await makeUsed("quiet", prefix: nil).prometheusText.isEmpty)
      let parts = try await [makeUsed("a").metricsSource, makeUsed("b \"\\\n").metricsSource]
      let page = SafeDictionaryMetricsSource(parts).text
      #expect(page.components(separatedBy: "# TYPE map_hit_total counter").count == 2)
      #expect(page.contains("map_hit_total{map=\"b \\\"\\\\\\n\"} 1\n"))
    }

    @Test("a duration falls into the bucket it belongs to")
    func buckets() {
      let histograms = OperationHistograms(stripes: 2)
      for (index, nanoseconds) in [0, 1000, 1001, 10_000_000_000, 10_000_000_001].enumerated() {
        histograms.record(.set, nanoseconds: UInt64(nanoseconds), stripe: index)
      }
      let histogram = histograms.histogram(.set)
      #expect(histogram.counts.first == 2)
      #expect(histogram.counts[1] == 1)
      #expect(Array(histogram.counts.suffix(2)) == [1, 1])
      #expect(histogram.nanoseconds == 20_000_002_002)
      #expect(histograms.histogram(.get).count == 0)
    }

    /// The path of promtool; nil if it is not installed.
    private static let promtool: URL? =
      (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent("promtool") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }

    @Test(
      "promtool finds nothing wrong",
      .enabled(
        if: promtool != nil, "promtool is not installed: apt-get install prometheus. The page was NOT checked by it."))
    func checkedByPromtool() async throws {
      let parts = try await [
        makeUsed("a").metricsSource, makeUsed("b").metricsSource, makeUsed("c", prefix: "shop_orders").metricsSource,
      ]
      #expect(try check(SafeDictionaryMetricsSource(parts).text) == "")
      #expect(try check("# TYPE map_hit counter\nmap_hit 1\n") != "", "it does find what is wrong")
    }

    private func check(_ page: String) throws -> String {
      let process = Process()
      process.executableURL = Self.promtool
      process.arguments = ["check", "metrics"]
      let (input, output) = (Pipe(), Pipe())
      process.standardInput = input
      process.standardOutput = output
      process.standardError = output
      try process.run()
      input.fileHandleForWriting.write(Data(page.utf8))
      try input.fileHandleForWriting.close()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return process.terminationStatus == 0 ? text : text + "status \(process.terminationStatus)"
    }
  }
}
