// SPDX-License-Identifier: Apache-2.0
//
// The universal scalability law, fitted to measured throughput. N. J. Gunther, "Guerrilla capacity
// planning" (2007). Pure.

#if REPORTS && canImport(Glibc)

/// Throughput at N threads: lambda N / (1 + sigma (N - 1) + kappa N (N - 1)). Sigma is the share
/// that takes turns; kappa what each pair costs to agree.
package struct ScalabilityLaw: Sendable, Codable, Equatable {
  package var lambda: Double
  package var sigma: Double
  package var kappa: Double

  package init(lambda: Double, sigma: Double, kappa: Double) {
    self.lambda = lambda
    self.sigma = sigma
    self.kappa = kappa
  }

  package func throughput(_ threads: Double) -> Double {
    lambda * threads / (1 + sigma * (threads - 1) + kappa * threads * (threads - 1))
  }

  /// Where the throughput is greatest; `nil` where it grows without an end.
  package var peak: Double? { kappa > 0 && sigma < 1 ? ((1 - sigma) / kappa).squareRoot() : sigma >= 1 ? 1 : nil }

  package struct Point: Sendable {
    package var threads: Double
    package var throughput: Double
    package init(threads: Double, throughput: Double) {
      self.threads = threads
      self.throughput = throughput
    }
  }

  /// The law with the least sum of squared relative errors of N / X(N), which is linear in
  /// 1/lambda, sigma/lambda and kappa/lambda; none of them below 0. `nil` without points.
  ///
  /// With two coefficients that may be 0, the constrained least squares are the best among the four
  /// choices of coefficients that are left out, of those that come out positive.
  package static func fit(_ points: [Point]) -> ScalabilityLaw? {
    let points = points.filter { $0.throughput > 0 && $0.threads >= 1 }
    let distinct = Set(points.map(\.threads)).count
    var best: (error: Double, law: ScalabilityLaw)?
    for columns in [[0, 1, 2], [0, 1], [0, 2], [0]] where columns.count <= distinct {
      guard let solution = solve(points, columns) else { continue }
      var coefficients = [0.0, 0, 0]
      for (column, value) in zip(columns, solution) { coefficients[column] = value }
      guard coefficients[0] > 0, coefficients[1] >= 0, coefficients[2] >= 0 else { continue }
      let law = ScalabilityLaw(
        lambda: 1 / coefficients[0], sigma: coefficients[1] / coefficients[0],
        kappa: coefficients[2] / coefficients[0])
      let error = points.reduce(0) { sum, point in
        let relative = point.throughput / law.throughput(point.threads) - 1
        return sum + relative * relative
      }
      if best.map({ error < $0.error }) ?? true { best = (error, law) }
    }
    return best?.law
  }

  private static func row(_ threads: Double) -> [Double] { [1, threads - 1, threads * (threads - 1)] }

  /// The normal equations, by elimination with pivots. Each row counts relative to its measurement.
  private static func solve(_ points: [Point], _ columns: [Int]) -> [Double]? {
    let size = columns.count
    // The columns are of very different sizes: each is scaled to at most 1.
    let scales = columns.map { column in points.map { row($0.threads)[column] }.max().map { $0 > 0 ? $0 : 1 } ?? 1 }
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: size + 1), count: size)
    for point in points {
      let weight = point.throughput / point.threads
      let row = row(point.threads)
      let scaled = columns.indices.map { row[columns[$0]] / scales[$0] * weight }
      for i in 0..<size {
        for j in 0..<size { matrix[i][j] += scaled[i] * scaled[j] }
        matrix[i][size] += scaled[i]
      }
    }
    for column in 0..<size {
      let pivot = (column..<size).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) } ?? column
      matrix.swapAt(column, pivot)
      guard abs(matrix[column][column]) > 1e-12 * abs(matrix[0][0]) else { return nil }
      for other in 0..<size where other != column {
        let factor = matrix[other][column] / matrix[column][column]
        for index in column...size { matrix[other][index] -= factor * matrix[column][index] }
      }
    }
    return (0..<size).map { matrix[$0][size] / matrix[$0][$0] / scales[$0] }
  }
}

/// A fitted law with what is known of its error.
package struct ScalabilityFit: Sendable, Codable, Equatable {
  package struct Band: Sendable, Codable, Equatable {
    package var threads: Int
    package var perSecond: Double
    /// The band in which 90 % of the laws lie that were fitted to redrawn measurements.
    package var low: Double
    package var high: Double
    /// Beyond what was measured.
    package var isExtrapolated: Bool
  }

  package struct Interval: Sendable, Codable, Equatable {
    package var low: Double
    package var high: Double
  }

  package var law: ScalabilityLaw
  package var sigmaInterval: Interval
  package var kappaInterval: Interval
  /// The root of the mean squared error, relative to the law.
  package var relativeError: Double
  package var bands: [Band]
  /// Whether the threads were on cores of their own; otherwise the law is that of threads which
  /// share them, and says nothing of a machine with more.
  package var isOfCores: Bool
  /// Whether the data determine the law beyond what was measured.
  package var isDetermined: Bool
  /// What is to be said of it, in sentences.
  package var remarks: [String]

  /// Numbers of cores that the three coefficients need, and one to check them.
  static let neededCounts = 4
  static let replicates = 200
  /// A band that is wider than this, of its middle, determines nothing.
  static let widestBand = 0.5

  package init?(measured: [(threads: Int, rounds: [Double])], cores: Int, seed: UInt64) {
    let own = measured.filter { $0.threads <= cores }
    isOfCores = own.count >= Self.neededCounts
    let used = isOfCores ? own : measured
    let points = used.flatMap { cell in
      cell.rounds.map { ScalabilityLaw.Point(threads: Double(cell.threads), throughput: $0) }
    }
    guard let law = ScalabilityLaw.fit(points), let most = used.map(\.threads).max() else { return nil }
    self.law = law
    let errors = points.map { $0.throughput / law.throughput($0.threads) - 1 }
    relativeError = (errors.reduce(0) { $0 + $1 * $1 } / Double(max(errors.count, 1))).squareRoot()
    // Efron, "Bootstrap methods: another look at the jackknife" (1979): residuals, made as large as
    // they would be of a law that had not been fitted to them.
    let freedom = max(Double(points.count) - 3, 1)
    let widening = (Double(points.count) / freedom).squareRoot()
    var random = RandomNumbers(seed: seed, stream: 17)
    let laws = (0..<Self.replicates).compactMap { _ in
      ScalabilityLaw.fit(
        points.map { point in
          let error = errors[random.below(errors.count)] * widening
          return .init(threads: point.threads, throughput: law.throughput(point.threads) * max(1 + error, 0.01))
        })
    }
    func interval(_ numbers: [Double]) -> Interval {
      let sorted = numbers.sorted()
      if sorted.isEmpty { return Interval(low: 0, high: 0) }
      return Interval(low: sorted[sorted.count / 20], high: sorted[sorted.count - 1 - sorted.count / 20])
    }
    sigmaInterval = interval(laws.map(\.sigma))
    kappaInterval = interval(laws.map(\.kappa))
    let places = Set(used.map(\.threads) + [most * 2, most * 4]).sorted()
    bands = places.map { place in
      let band = interval(laws.map { $0.throughput(Double(place)) })
      return Band(
        threads: place, perSecond: law.throughput(Double(place)), low: band.low, high: band.high,
        isExtrapolated: place > most)
    }
    let counts = Set(used.map(\.threads)).count
    let last = bands[bands.count - 1]
    let width = last.perSecond > 0 ? (last.high - last.low) / last.perSecond : .infinity
    isDetermined = counts >= Self.neededCounts && width <= Self.widestBand
    var words: [String] = []
    if counts < Self.neededCounts {
      words.append(
        "\(counts) numbers of threads do not determine the law's three coefficients: measure at \(Self.neededCounts) or "
          + "more.")
    } else if !isDetermined {
      words.append(
        "Where a band is more than \(Numbers.percent(Self.widestBand)) wide, the data do not determine the law.")
    }
    if !isOfCores {
      words.append(
        "Threads share \(cores) core\(cores == 1 ? "" : "s"): this says how more threads do here, and nothing of more "
          + "cores.")
    }
    remarks = words
  }
}

#endif
