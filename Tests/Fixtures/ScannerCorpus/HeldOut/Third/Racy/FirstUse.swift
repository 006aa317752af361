// SPDX-License-Identifier: Apache-2.0
// expect: shared-lazy Tables.words

import Dispatch

final class Tables {
  private lazy var words: [String: Int] = ["a": 1, "b": 2]

  func warm() {
    DispatchQueue.global().async { _ = self.words.count }
  }

  func look(_ word: String) -> Int? { words[word] }
}
