// SPDX-License-Identifier: Apache-2.0
// Shape: operations of a class of their own report into an object that all of them were given.
// expect: unprotected-property Graph.declarations
import Foundation

final class Graph {
  var declarations: Set<String> = []

  func add(_ name: String) {
    declarations.insert(name)
  }
}

final class ParseOperation: Operation, @unchecked Sendable {
  private let file: String
  private let graph: Graph

  init(file: String, graph: Graph) {
    self.file = file
    self.graph = graph
  }

  override func main() {
    graph.add(file)
  }
}

func parse(_ files: [String]) -> Graph {
  let graph = Graph()
  let queue = OperationQueue()
  queue.maxConcurrentOperationCount = 8
  for file in files {
    queue.addOperation(ParseOperation(file: file, graph: graph))
  }
  queue.waitUntilAllOperationsAreFinished()
  return graph
}
