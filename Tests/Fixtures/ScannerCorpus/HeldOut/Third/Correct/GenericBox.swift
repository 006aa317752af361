// SPDX-License-Identifier: Apache-2.0

import Foundation

struct State { var other: [Int] = [] }

final class Store<State: Sendable> {
  private let lock = NSLock()
  private var values: [State] = []
  private var last: State?

  func push(_ value: State) {
    lock.withLock { values.append(value) }
    DispatchQueue.global().async { print("pushed") }
    last = value
  }

  func all() -> [State] { lock.withLock { values } }
}
