// SPDX-License-Identifier: Apache-2.0
// Shape: slots of one array written by parallel iterations: the array's storage is still one variable.
// expect: captured-variable results
import Dispatch

extension Array {
  func parallelMap<Result>(_ transform: (Element) -> Result) -> [Result?] {
    var results = [Result?](repeating: nil, count: count)
    DispatchQueue.concurrentPerform(iterations: count) { index in
      results[index] = transform(self[index])
    }
    return results
  }
}
