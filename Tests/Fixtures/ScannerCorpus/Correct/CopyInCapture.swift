// SPDX-License-Identifier: Apache-2.0
// Correct: the closure captures a copy by its capture list; the original stays with the caller.
import Foundation

func announce(_ names: [String]) {
  var pending = names
  pending.append("last")
  DispatchQueue.global().async { [pending] in
    print(pending.count)
  }
  pending.removeAll()
}
