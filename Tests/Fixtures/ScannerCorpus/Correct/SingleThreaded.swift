// SPDX-License-Identifier: Apache-2.0
// Correct: a class that nobody shares.
final class Parser {
  private var symbols: [String: Int] = [:]
  private var stack: [String] = []

  func push(_ name: String) {
    stack.append(name)
    symbols[name] = stack.count
  }

  func pop() -> String? {
    guard let last = stack.popLast() else { return nil }
    symbols[last] = nil
    return last
  }
}
