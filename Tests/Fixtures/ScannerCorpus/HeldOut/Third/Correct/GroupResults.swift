// SPDX-License-Identifier: Apache-2.0

import Dispatch

func squares(_ numbers: [Int]) -> [Int: Int] {
  var results: [Int: Int] = [:]
  let group = DispatchGroup()
  let collect = DispatchQueue(label: "collect")
  for number in numbers {
    group.enter()
    DispatchQueue.global().async {
      let square = number * number
      collect.async {
        results[number] = square
        group.leave()
      }
    }
  }
  group.wait()
  return collect.sync { results }
}
