// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Uploader {
  private let queue = DispatchQueue(label: "uploader")
  private var waiting: [(Bool) -> Void] = []

  func upload(_ request: URLRequest, _ done: @escaping (Bool) -> Void) {
    queue.sync { waiting.append(done) }
    URLSession.shared.dataTask(with: request) { _, _, error in
      let all = self.queue.sync {
        defer { self.waiting.removeAll() }
        return self.waiting
      }
      for one in all { one(error == nil) }
    }.resume()
  }
}
