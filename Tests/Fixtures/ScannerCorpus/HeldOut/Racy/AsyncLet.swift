// SPDX-License-Identifier: Apache-2.0
// Shape: two child tasks of one function fill the same object.
// expect: unprotected-property CollectedList.found
final class Collector {
  var collected = CollectedList()

  func run() async {
    async let first: Void = collect("a")
    async let second: Void = collect("b")
    _ = await (first, second)
  }

  func collect(_ name: String) async {
    collected.found.append(name)
  }
}

final class CollectedList {
  var found: [String] = []
}
