// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Uploader.waiting

import Foundation

final class Uploader {
  private var waiting: [(Bool) -> Void] = []

  func upload(_ request: URLRequest, _ done: @escaping (Bool) -> Void) {
    waiting.append(done)
    URLSession.shared.dataTask(with: request) { _, _, error in
      for one in self.waiting { one(error == nil) }
      self.waiting.removeAll()
    }.resume()
  }
}
