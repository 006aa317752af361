// SPDX-License-Identifier: Apache-2.0
// Shape: get under the lock, add one, set under the lock again.
// expect: check-then-act HitCounter.hits
import Foundation

final class HitCounter {
  private let queue = DispatchQueue(label: "hits")
  private var hits: [String: Int] = [:]

  func hit(_ page: String) {
    let old = queue.sync { hits[page] ?? 0 }
    queue.sync { hits[page] = old + 1 }
  }
}
