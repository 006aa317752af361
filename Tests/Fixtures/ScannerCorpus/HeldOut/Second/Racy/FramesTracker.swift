// SPDX-License-Identifier: Apache-2.0
// Shape: getsentry/sentry-cocoa #7155: listeners are changed on the main queue in all places but one.
// expect: guarded-elsewhere FramesTracker.listeners
import Foundation

protocol FramesListener: AnyObject {
  func frame()
}

final class FramesTracker {
  private var listeners: [ObjectIdentifier: FramesListener] = [:]

  func add(_ listener: FramesListener) {
    DispatchQueue.main.async {
      self.listeners[ObjectIdentifier(listener)] = listener
    }
  }

  func remove(_ listener: FramesListener) {
    listeners.removeValue(forKey: ObjectIdentifier(listener))
  }

  func report() {
    DispatchQueue.main.async {
      for listener in self.listeners.values { listener.frame() }
    }
  }

  func stop() {
    DispatchQueue.main.async {
      self.listeners.removeAll()
    }
  }
}
