// SPDX-License-Identifier: Apache-2.0
// expect: captured-variable results

import Dispatch

func squares(_ numbers: [Int]) -> [Int: Int] {
  var results: [Int: Int] = [:]
  let group = DispatchGroup()
  for number in numbers {
    group.enter()
    DispatchQueue.global().async {
      results[number] = number * number
      group.leave()
    }
  }
  group.wait()
  return results
}
