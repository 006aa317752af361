// SPDX-License-Identifier: Apache-2.0
// Shape: nonisolated(unsafe) put there to silence the compiler.
// expect: nonisolated-unsafe observers
nonisolated(unsafe) var observers: [String: Int] = [:]

func register(_ name: String) {
  observers[name] = observers.count
}

func count() -> Int {
  observers.count
}
