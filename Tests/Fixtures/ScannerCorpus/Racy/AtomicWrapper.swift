// SPDX-License-Identifier: Apache-2.0
// Shape: a property wrapper locks get and set; the change in place is still lost.
// expect: check-then-act Metrics.counts
import Foundation

@propertyWrapper
final class Atomic<Value> {
  private let lock = NSLock()
  private var value: Value

  init(wrappedValue: Value) {
    value = wrappedValue
  }

  var wrappedValue: Value {
    get { lock.withLock { value } }
    set { lock.withLock { value = newValue } }
  }
}

final class Metrics {
  @Atomic private var counts: [String: Int] = [:]

  func add(_ name: String) {
    counts[name, default: 0] += 1
  }
}
