// SPDX-License-Identifier: Apache-2.0
//
// A share that was counted, with the interval in which the true one lies. Pure.

#if REPORTS && canImport(Glibc)

/// A share of runs, with the 95 % interval of E. B. Wilson, "Probable inference, the law of
/// succession, and statistical inference" (1927), which holds for few runs and for shares of 0 and
/// 1 as well.
package struct Proportion: Sendable, Codable, Equatable {
  package var count: Int
  package var runs: Int
  package var share: Double
  package var low: Double
  package var high: Double

  package init(_ count: Int, of runs: Int) {
    self.count = count
    self.runs = runs
    guard runs > 0 else {
      (share, low, high) = (0, 0, 1)
      return
    }
    let (n, z) = (Double(runs), 1.959_963_984_540_054)
    share = Double(count) / n
    let center = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    low = count == 0 ? 0 : max(0, center - half)
    high = count == runs ? 1 : min(1, center + half)
  }
}

#endif
