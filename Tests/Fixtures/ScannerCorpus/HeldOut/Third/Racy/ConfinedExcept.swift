// SPDX-License-Identifier: Apache-2.0
// expect: guarded-elsewhere Prefetcher.active

import Foundation

final class Prefetcher {
  private let queue = DispatchQueue(label: "prefetcher")
  private var active: Set<URL> = []

  func start(_ url: URL) {
    queue.async {
      self.active.insert(url)
      URLSession.shared.dataTask(with: url) { _, _, _ in
        self.active.remove(url)
      }.resume()
    }
  }

  func cancelAll() { queue.async { self.active.removeAll() } }
}
