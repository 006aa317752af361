// SPDX-License-Identifier: Apache-2.0
//
// The load lab's numbers: intervals, fits of known laws, schedules; and the forms of its report.

#if REPORTS && canImport(Glibc)

import AccessTerms
import Foundation
import Testing

@testable import AccessTraffic

struct LoadNumbersTests {
  /// Against the table in Newcombe, "Two-sided confidence intervals for the single proportion"
  /// (1998), and the limits of none and all.
  @Test(arguments: [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
    (20, 20, 0.8389, 1),
  ])
  func interval_isWilsons(_ count: Int, _ runs: Int, _ low: Double, _ high: Double) {
    let proportion = Proportion(count, of: runs)
    #expect(abs(proportion.low - low) < 0.00006 && abs(proportion.high - high) < 0.00006, "\(proportion)")
  }

  @Test func intervalOfNoRuns_isEverything() {
    let proportion = Proportion(0, of: 0)
    #expect(proportion.share == 0 && proportion.low == 0 && proportion.high == 1)
  }

  static let laws = [
    ScalabilityLaw(lambda: 1e6, sigma: 0.05, kappa: 0.001), ScalabilityLaw(lambda: 3e7, sigma: 0, kappa: 0),
    ScalabilityLaw(lambda: 2e7, sigma: 0.9, kappa: 0), ScalabilityLaw(lambda: 5e5, sigma: 0, kappa: 0.02),
    ScalabilityLaw(lambda: 100, sigma: 1, kappa: 0.3),
  ]

  @Test(arguments: laws) func fit_findsAKnownLaw(_ law: ScalabilityLaw) throws {
    let points = [1.0, 2, 4, 8, 16, 32].map { ScalabilityLaw.Point(threads: $0, throughput: law.throughput($0)) }
    let found = try #require(ScalabilityLaw.fit(points))
    #expect(abs(found.lambda / law.lambda - 1) < 1e-6, "\(found)")
    #expect(abs(found.sigma - law.sigma) < 1e-6 && abs(found.kappa - law.kappa) < 1e-7, "\(found)")
  }

  /// Throughput that grows faster than the threads would need coefficients below 0.
  @Test func fit_hasNoCoefficientBelowZero() throws {
    let points = [1.0, 2, 4, 8].map { ScalabilityLaw.Point(threads: $0, throughput: 1e6 * $0 * $0.squareRoot()) }
    let found = try #require(ScalabilityLaw.fit(points))
    #expect(found.sigma == 0 && found.kappa == 0)
    #expect(ScalabilityLaw.fit([]) == nil)
  }

  private func measured(_ law: ScalabilityLaw, _ threads: [Int], noise: Double) -> [(threads: Int, rounds: [Double])] {
    var random = RandomNumbers(seed: 5)
    return threads.map { count in
      (count, (0..<5).map { _ in law.throughput(Double(count)) * (1 + noise * (2 * random.unit() - 1)) })
    }
  }

  @Test func bands_holdTheTruth() throws {
    let law = ScalabilityLaw(lambda: 1e6, sigma: 0.08, kappa: 0.002)
    let fit = try #require(
      ScalabilityFit(measured: measured(law, [1, 2, 4, 8, 16], noise: 0.03), cores: 16, seed: 1))
    #expect(fit.isOfCores && fit.isDetermined && fit.remarks.isEmpty, "\(fit)")
    #expect(fit.relativeError > 0.005 && fit.relativeError < 0.03)
    #expect(fit.sigmaInterval.low <= 0.08 && fit.sigmaInterval.high >= 0.08, "\(fit)")
    let last = try #require(fit.bands.last)
    #expect(last.threads == 64 && last.isExtrapolated)
    #expect(last.low < law.throughput(64) && last.high > law.throughput(64), "\(last)")
  }

  @Test func fewCores_areSaidNotToDetermineMore() throws {
    let law = ScalabilityLaw(lambda: 1e6, sigma: 0.5, kappa: 0)
    let shared = try #require(ScalabilityFit(measured: measured(law, [1, 2, 4, 8], noise: 0.02), cores: 2, seed: 1))
    #expect(!shared.isOfCores && shared.remarks.contains { $0.hasPrefix("Threads share 2 cores") })
    let few = try #require(ScalabilityFit(measured: measured(law, [1, 2], noise: 0.02), cores: 2, seed: 1))
    #expect(!few.isDetermined && few.remarks.contains { $0.hasPrefix("2 numbers of threads do not determine") })
    let loud = try #require(ScalabilityFit(measured: measured(law, [1, 2, 3, 4], noise: 0.6), cores: 8, seed: 1))
    #expect(!loud.isDetermined && loud.remarks.contains { $0.contains("wide") }, "\(loud)")
  }

  @Test func schedule_isFixedBeforehand() {
    func times(_ seed: UInt64, _ stream: Int) -> [UInt64] {
      var arrivals = ArrivalSchedule(seed: seed, stream: stream).arrivals(perSecond: 1_000)
      return (0..<ArrivalSchedule.length * 2).map { _ in arrivals.next() }
    }
    let one = times(7, 0)
    #expect(one == times(7, 0) && one != times(8, 0) && one != times(7, 1))
    #expect(zip(one, one.dropFirst()).allSatisfy { $0 <= $1 })
    // 1 000 a second on the average, and not evenly: most gaps of an exponential are short.
    #expect(abs(Double(one.last!) / 1e6 / Double(one.count) - 1) < 1e-3)
    let short = zip(one, one.dropFirst()).count { $1 - $0 < 693_147 }
    #expect(abs(Double(short) / Double(one.count) - 0.5) < 0.03)
  }

  static var report: LoadReport {
    var report = LoadReport(
      command: "access-audit-load --output <script>", date: "2026-01-01T00:00:00Z", seed: 1,
      machine: .init(
        processor: "Model \"<b>\"", cores: 2, kernel: "6.1", load: 0.5, swift: "Swift 6.3", isOptimized: true,
        isAudited: true))
    let name = "Evil</svg><script>alert(1)</script>\"'&"
    report.notes = ["<img src=x onerror=alert(1)>"]
    report.thresholds = [
      .init(
        threads: 8, readPercent: 90, reading: "get", writing: "set",
        violations: [
          .init(accesses: 100, runs: Proportion(3, of: 10)), .init(accesses: 1_000, runs: Proportion(10, of: 10)),
        ],
        crashes: 1, unfinished: 0)
    ]
    report.claims = [.init(text: "always <8>", accesses: 100, runs: Proportion(3, of: 10))]
    let place = LoadReport.Circumstances(model: name, keyType: "Int", keys: 10, readPercent: 90)
    let law = ScalabilityLaw(lambda: 1e6, sigma: 0.1, kappa: 0)
    let points = [1, 2, 4, 8].map { LoadReport.Point(threads: $0, rounds: [law.throughput(Double($0)), 1e6]) }
    report.curves = [
      .init(
        circumstances: place, points: points,
        fit: ScalabilityFit(measured: points.map { ($0.threads, $0.rounds) }, cores: 2, seed: 1))
    ]
    var spread = Spread()
    for latency in [1_000, 2_000, 90_000_000] as [UInt64] { spread.add(latency) }
    report.goals = [
      .init(
        circumstances: place, threads: 2, quantile: 0.99, goalNanoseconds: 100_000_000, perSecond: 1e6,
        failedPerSecond: 2e6, latencies: .init(spread, unfinished: 4), generatorPerSecond: 5e6)
    ]
    report.replayed = .init(
      file: "=cmd()\u{1B}[31m", collection: name, operations: 10, threads: 2, keys: 3, readShare: 0.5, seconds: 1,
      speed: 1,
      replays: [.init(model: name, nanosecondsPerOperation: 50, rounds: [50], latencies: .init(spread, unfinished: 0))])
    return report
  }

  @Test func labels_cannotBreakThePage() throws {
    let page = Self.report.html
    #expect(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>\"") && !page.contains("\u{1B}"))
    #expect(page.contains("Evil&lt;/svg&gt;&lt;script&gt;alert(1)"))
    let document = try XMLLite.check(page)
    #expect(document.contains("polyline") && document.contains("polygon") && document.contains("circle"))
  }

  @Test func forms_haveEveryPart() throws {
    let report = Self.report
    #expect(try JSONDecoder().decode(LoadReport.self, from: Data(report.json.utf8)) == report)
    let text = report.text
    for part in [
      "note: <img", "30 % (11-60)",
      "claim: always <8>: within 100 accesses 30 % (11-60), not so: 7 of 10 runs saw none",
      "universal scalability law", "Threads share 2 cores", "99.0 % within 100.0 ms of the moment", "1.0 million/s",
      "ns/operation", "2 cores, Linux 6.1, Swift 6.3, release, with the audit",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
    #expect(!text.contains("\u{1B}"))
    let csv = report.csv
    for part in ["\nthreshold,", "\nclaim,", "\nthroughput,", "\nlaw,", "\ngoal,", "\nreplay,"] {
      #expect(csv.contains(part), "\(part) in \(csv)")
    }
    let columns = Set(
      csv.split(separator: "\n").filter { !$0.contains("\"") }.map {
        $0.split(separator: ",", omittingEmptySubsequences: false).count
      })
    #expect(columns == [13])
  }
}

/// Whether elements are closed in the order in which they were opened.
enum XMLLite {
  struct Unbalanced: Error { var place: String }

  /// The names of the elements.
  static func check(_ page: String) throws -> Set<String> {
    var open: [String] = []
    var names: Set<String> = []
    for match in page.matches(of: /<(\/?)([a-z0-9!]+)((?:[^>"]|"[^"]*")*?)(\/?)>/) {
      let name = String(match.2)
      names.insert(name)
      if name.hasPrefix("!") || ["meta"].contains(name) || !match.4.isEmpty { continue }
      if match.1.isEmpty {
        open.append(name)
      } else if open.popLast() != name {
        throw Unbalanced(place: String(match.0))
      }
    }
    if !open.isEmpty { throw Unbalanced(place: open.joined(separator: " ")) }
    return names
  }
}

#endif
