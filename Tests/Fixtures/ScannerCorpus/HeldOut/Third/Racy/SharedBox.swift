// SPDX-License-Identifier: Apache-2.0
// expect: unchecked-sendable Box.items

final class Box: @unchecked Sendable {
  var items: [Int] = []
}

func fill(_ box: Box) {
  Task { box.items.append(1) }
  Task { box.items.append(2) }
}
