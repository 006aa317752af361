// SPDX-License-Identifier: Apache-2.0
// Correct: results are collected on a serial queue and read when the group says that all have left.
import Dispatch

func collect(_ names: [String], completion: @escaping ([String: Int]) -> Void) {
  var sizes: [String: Int] = [:]
  let group = DispatchGroup()
  let collecting = DispatchQueue(label: "collecting")
  for name in names {
    group.enter()
    DispatchQueue.global().async {
      let size = name.count
      collecting.async {
        sizes[name] = size
        group.leave()
      }
    }
  }
  group.notify(queue: .main) {
    completion(sizes)
  }
}
