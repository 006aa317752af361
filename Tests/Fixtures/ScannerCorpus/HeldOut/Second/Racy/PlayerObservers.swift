// SPDX-License-Identifier: Apache-2.0
// Shape: piemonte/Player #258: observers collected by the caller and by a notification block on a queue of its own.
// expect: unprotected-property Player.itemObservers
import Foundation

final class Player {
  private var itemObservers: [NSObjectProtocol] = []
  private let backgroundQueue = OperationQueue()

  func load() {
    let center = NotificationCenter.default
    let token = center.addObserver(forName: Notification.Name("failed"), object: nil, queue: backgroundQueue) { _ in
      self.itemObservers.removeAll()
    }
    itemObservers.append(token)
  }

  func unload() {
    for observer in itemObservers {
      NotificationCenter.default.removeObserver(observer)
    }
    itemObservers = []
  }
}
