// SPDX-License-Identifier: Apache-2.0
// Correct: filled in the initialiser, only read by threads.
import Dispatch

final class Dictionary2 {
  private var words: [String: Int] = [:]

  init(_ list: [String]) {
    for (index, word) in list.enumerated() { words[word] = index }
    prepare()
  }

  private func prepare() {
    words[""] = 0
  }

  func lookAll(_ list: [String]) {
    DispatchQueue.concurrentPerform(iterations: list.count) { index in
      print(self.words[list[index]] ?? 0)
    }
  }
}
