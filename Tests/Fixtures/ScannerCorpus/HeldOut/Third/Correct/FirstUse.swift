// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Tables {
  private let words: [String: Int]

  init() { words = ["a": 1, "b": 2] }

  func warm() {
    DispatchQueue.global().async { _ = self.words.count }
  }

  func look(_ word: String) -> Int? { words[word] }
}
