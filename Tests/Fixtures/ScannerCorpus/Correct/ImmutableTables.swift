// SPDX-License-Identifier: Apache-2.0
// Correct: static and global tables that never change.
import Foundation

let powers: [Int: Int] = [1: 2, 2: 4]

enum Tables {
  static let names: [String: Int] = ["one": 1]
  static var computed: [String: Int] { ["two": 2] }

  static func look(_ name: String) -> Int? {
    names[name] ?? computed[name]
  }
}

func spread() {
  DispatchQueue.concurrentPerform(iterations: 3) { index in
    print(powers[index] ?? 0, Tables.look("one") ?? 0)
  }
}
