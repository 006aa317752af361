// SPDX-License-Identifier: Apache-2.0
// Shape: gojek/clickstream-ios #148: two collections changed from several serial queues and read on another.
// expect: two-guards EventsHelper.eventsCaptured
import Foundation

final class EventsHelper {
  private let networkQueue = DispatchQueue(label: "network")
  private let storageQueue = DispatchQueue(label: "storage")
  private var eventsCaptured: [String] = []

  func sent(_ event: String) {
    networkQueue.async {
      self.eventsCaptured.append(event)
    }
  }

  func stored(_ event: String) {
    storageQueue.async {
      self.eventsCaptured.append(event)
    }
  }
}
