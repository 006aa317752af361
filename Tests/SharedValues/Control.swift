// SPDX-License-Identifier: Apache-2.0
//
// A plain dictionary under a mutex that ThreadSanitizer knows, without any code of this project:
// its reports here, in an optimised build, are false.

import Foundation

final class Box: @unchecked Sendable {
  private var elements: [Int: [Int]] = [0: [0, 0, 0, 0, 0], 1: [1, 1, 1, 1, 1]]
  private let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    return mutex
  }()

  /// Changes an array in place and returns it.
  @inline(never)
  func change(_ key: Int) -> [Int] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    for index in 0..<5 { elements[key, default: []][index] &+= 1 }
    return elements[key, default: []]
  }

  @inline(never)
  func snapshot() -> [Int: [Int]] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return elements
  }
}

let box = Box()
let takesSnapshots = CommandLine.arguments.last == "snapshot"
let group = DispatchGroup()
for thread in 0..<8 {
  group.enter()
  Thread {
    for round in 0..<100_000 {
      let items = takesSnapshots && thread >= 3 ? box.snapshot()[0, default: []] : box.change(round & 1)
      if items.contains(where: { $0 != items[0] }) { print("TORN") }
    }
    group.leave()
  }.start()
}
group.wait()
