// SPDX-License-Identifier: Apache-2.0

import Synchronization

final class Box: Sendable {
  let items = Mutex<[Int]>([])
}

func fill(_ box: Box) {
  Task { box.items.withLock { $0.append(1) } }
  Task { box.items.withLock { $0.append(2) } }
}
