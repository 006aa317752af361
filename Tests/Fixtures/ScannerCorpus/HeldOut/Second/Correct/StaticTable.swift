// SPDX-License-Identifier: Apache-2.0
// Correct: a static constant is built by a closure that fills a local dictionary, and only read by many threads.
import Dispatch

enum Keywords {
  static let codes: [String: Int] = {
    var codes: [String: Int] = [:]
    for (number, word) in ["if", "else", "for"].enumerated() {
      codes[word] = number
    }
    return codes
  }()

  static func count(_ words: [String]) -> Int {
    let counter = Counter()
    DispatchQueue.concurrentPerform(iterations: words.count) { index in
      if codes[words[index]] != nil { counter.add() }
    }
    return counter.value
  }
}

final class Counter {
  private let queue = DispatchQueue(label: "counter")
  private var total = 0
  func add() { queue.sync { total += 1 } }
  var value: Int { queue.sync { total } }
}
