// SPDX-License-Identifier: Apache-2.0
//
// The highest rate at which a goal holds: found by trying. Pure but for what it is given to try.

#if ReportTools && canImport(Glibc)

struct GoalSearch {
  /// Between the rate that holds and the one that does not, at the end.
  static let precision = 1.08
  static let tries = 14

  struct Found {
    var holds: (rate: Double, result: OpenResult)?
    var fails: Double?
    var tries = 0
  }

  /// - Parameters:
  ///   - first: the rate to begin with, about half of what may hold.
  ///   - trial: runs at a rate, and again for longer to confirm.
  static func run(
    first: Double, isLeft: () -> Bool = { true }, holds: (OpenResult) -> Bool, trial: (Double, Bool) -> OpenResult
  ) -> Found {
    var found = Found()
    var rate = max(first, 1)
    while found.tries < tries, found.tries == 0 || isLeft() {
      found.tries += 1
      let result = trial(rate, false)
      if holds(result) { found.holds = (rate, result) } else { found.fails = rate }
      guard let fails = found.fails else {
        rate *= 1.6
        continue
      }
      guard let held = found.holds?.rate else {
        if rate <= 1 { break }
        rate = max(rate / 2.5, 1)
        continue
      }
      if fails / held <= precision { break }
      rate = (fails * held).squareRoot()
    }
    // A short trial can hold by luck: the answer has to hold for twice as long.
    guard var candidate = found.holds?.rate else { return found }
    for _ in 0..<6 where isLeft() {
      let result = trial(candidate, true)
      if holds(result) {
        found.holds = (candidate, result)
        return found
      }
      (found.fails, found.holds) = (candidate, nil)
      candidate /= precision
    }
    return found
  }
}
#endif
