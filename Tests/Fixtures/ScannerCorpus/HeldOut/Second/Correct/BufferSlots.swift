// SPDX-License-Identifier: Apache-2.0
// Correct: each iteration has a slot of its own in an unsafe buffer, and an array of its own to work with.
import Dispatch

func tables(_ count: Int) -> [[Int]] {
  var results = [[Int]](repeating: [], count: count)
  results.withUnsafeMutableBufferPointer { buffer in
    nonisolated(unsafe) let slots = buffer
    DispatchQueue.concurrentPerform(iterations: count) { index in
      var row: [Int] = []
      for factor in 1...10 { row.append(index * factor) }
      slots[index] = row
    }
  }
  return results
}
