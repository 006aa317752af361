// SPDX-License-Identifier: Apache-2.0
// Correct: parallel iterations, each mutation under a local lock.
import Foundation

func squares(_ count: Int) -> [Int: Int] {
  var result: [Int: Int] = [:]
  let lock = NSLock()
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let square = index * index
    lock.lock()
    result[index] = square
    lock.unlock()
  }
  return result
}
