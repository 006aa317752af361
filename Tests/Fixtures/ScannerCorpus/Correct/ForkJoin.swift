// SPDX-License-Identifier: Apache-2.0
// Correct: the local is written by one task before the wait and read after it.
import Dispatch

func count(_ words: [String]) -> [String: Int] {
  var counts: [String: Int] = [:]
  let group = DispatchGroup()
  DispatchQueue.global().async(group: group) {
    for word in words {
      counts[word, default: 0] += 1
    }
  }
  group.wait()
  counts["total"] = words.count
  return counts
}
