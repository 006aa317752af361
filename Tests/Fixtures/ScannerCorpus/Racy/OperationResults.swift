// SPDX-License-Identifier: Apache-2.0
// Shape: operations of a wide queue append to one array of the owner.
// expect: unprotected-property Importer.imported
import Foundation

final class Importer {
  private let operations = OperationQueue()
  private var imported: [String] = []

  func run(_ files: [String]) {
    for file in files {
      operations.addOperation {
        self.imported.append(file)
      }
    }
    operations.waitUntilAllOperationsAreFinished()
  }
}
