// SPDX-License-Identifier: Apache-2.0
// Correct: results are read after every operation has ended.
import Foundation

func gather(_ names: [String]) -> [String] {
  let operations = OperationQueue()
  operations.maxConcurrentOperationCount = 1
  var gathered: [String] = []
  for name in names {
    operations.addOperation { gathered.append(name) }
  }
  operations.waitUntilAllOperationsAreFinished()
  return gathered
}
