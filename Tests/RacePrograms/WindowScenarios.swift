// SPDX-License-Identifier: Apache-2.0
//
// The window of a mutation lasts as long as the mutation: through the value's own mutation, the
// caller's closure, and a thrown error; and it ends with it.

import AuditedCollections
import Foundation

/// A value whose mutation springs a trap.
struct GatedValue: Sendable {
  var numbers: [Int] = []
  var trap: Trap?

  mutating func append(_ number: Int) {
    trap?.spring()
    numbers.append(number)
  }

  static func += (left: inout GatedValue, right: [Int]) {
    left.trap?.spring()
    left.numbers += right
  }
}

enum WindowScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "window-optional-chain": { overlap { $0.value[1]?.append(1) } },
    "window-default-assign": { overlap { $0.value[1, default: GatedValue()] += [1] } },
    "window-merge-closure": {
      overlap { shared in
        shared.value.merge([1: GatedValue()]) { old, _ in
          old.trap?.spring()
          return old
        }
      }
    },
    "window-inout-argument": { overlap { mutate(&$0.value[1, default: GatedValue()]) } },
    "window-closes-after-throw": { closesAfterThrow() },
    "window-closes-after-modify": { closesAfterModify() },
  ]

  static func mutate(_ value: inout GatedValue) { value.append(1) }

  /// One thread is held inside the mutation of the value of key 1 while another reads.
  @inline(never)
  static func overlap(_ mutation: @escaping @Sendable (Shared<AuditedDictionary<Int, GatedValue>>) -> Void) {
    let trap = Trap()
    let shared = Shared<AuditedDictionary<Int, GatedValue>>([1: GatedValue(trap: trap)])
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { mutation(shared) },
      {
        inside.wait()
        _ = shared.value.count
      })
  }

  struct Failure: Error {}

  /// A closure that throws ends its window: a later access on another thread is no overlap.
  @inline(never)
  static func closesAfterThrow() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    for _ in 0..<100 {
      do {
        try shared.value.merge([1: 2]) { _, _ in throw Failure() }
        fatalError("the closure did not throw")
      } catch {}
      onThreads(1) { _ in shared.value[2] = shared.value[1] }
    }
  }

  @inline(never)
  static func closesAfterModify() {
    let shared = Shared<AuditedDictionary<Int, [Int]>>([1: [1]])
    for number in 0..<100 {
      shared.value[1]?.append(number)
      shared.value[number, default: []] += [number]
      onThreads(1) { _ in _ = shared.value.count }
    }
  }
}
