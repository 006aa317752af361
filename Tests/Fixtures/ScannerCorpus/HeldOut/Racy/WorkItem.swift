// SPDX-License-Identifier: Apache-2.0
// Shape: a work item that is kept in a local and handed to the global queue.
// expect: captured-variable seen
import Dispatch

func search(_ words: [String]) -> Int {
  var seen: Set<String> = []
  let item = DispatchWorkItem {
    for word in words { seen.insert(word) }
  }
  DispatchQueue.global().async(execute: item)
  seen.insert("main")
  return seen.count
}
