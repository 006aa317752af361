// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Store.values

import Dispatch

struct State { var other: [Int] = [] }

final class Store<State> {
  private var values: [State] = []
  private var last: State?

  func push(_ value: State) {
    DispatchQueue.global().async { self.values.append(value) }
  }

  func all() -> [State] { values }
}
