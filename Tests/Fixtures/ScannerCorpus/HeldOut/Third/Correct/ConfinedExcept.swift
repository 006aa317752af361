// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Prefetcher {
  private let queue = DispatchQueue(label: "prefetcher")
  private var active: Set<URL> = []

  func start(_ url: URL, _ loader: Loader) {
    queue.async {
      self.active.insert(url)
      loader.load(url, callbackQueue: self.queue, completion: { self.active.remove(url) })
    }
  }

  func cancelAll() { queue.async { self.active.removeAll() } }
}

protocol Loader {
  func load(_ url: URL, callbackQueue: DispatchQueue, completion: @escaping () -> Void)
}
