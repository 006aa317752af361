// SPDX-License-Identifier: Apache-2.0
// Shape: at-internet/atinternet-apple-sdk #96: parameters set from many tasks without any lock.
// expect: unprotected-property TrackerBuffer.volatileParameters
import Foundation

final class TrackerBuffer {
  var volatileParameters: [String: String] = [:]

  func set(_ key: String, _ value: String) {
    volatileParameters[key] = value
  }
}

final class Tracker {
  let buffer = TrackerBuffer()

  func track(_ pages: [String]) {
    for page in pages {
      Task.detached {
        self.buffer.set("page", page)
      }
    }
  }
}
