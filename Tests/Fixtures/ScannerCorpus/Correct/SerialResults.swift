// SPDX-License-Identifier: Apache-2.0
// Correct: parallel work, results funnelled through a serial queue.
import Foundation

func lengths(_ words: [String]) -> [Int] {
  var lengths: [Int] = []
  let results = DispatchQueue(label: "results")
  let group = DispatchGroup()
  for word in words {
    DispatchQueue.global().async(group: group) {
      let length = word.count
      results.sync { lengths.append(length) }
    }
  }
  group.wait()
  return results.sync { lengths }
}
