// SPDX-License-Identifier: Apache-2.0
// Shape: work on the queue starts a request; its completion handler is no longer on the queue.
// expect: guarded-elsewhere ImageLoader.cache
import Foundation

struct Network {
  func fetch(_ url: String, completion: @escaping (Data) -> Void) {
    DispatchQueue.global().async { completion(Data(url.utf8)) }
  }
}

final class ImageLoader {
  private let queue = DispatchQueue(label: "images")
  private let network = Network()
  private var cache: [String: Data] = [:]

  func cached(_ url: String) -> Data? {
    queue.sync { cache[url] }
  }

  func forget(_ url: String) {
    queue.async { self.cache[url] = nil }
  }

  func load(_ url: String) {
    queue.async { [weak self] in
      guard let self, self.cache[url] == nil else { return }
      self.network.fetch(url) { data in
        self.cache[url] = data
      }
    }
  }
}
