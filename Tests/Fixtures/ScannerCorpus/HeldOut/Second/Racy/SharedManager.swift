// SPDX-License-Identifier: Apache-2.0
// Shape: asuc-octo/berkeley-mobile-ios #156: a shared instance whose dictionary is filled by completion handlers of its users.
// expect: unprotected-property DataManager.data
import Foundation

struct API {
  static func load(_ path: String, completionHandler: @escaping ([String]) -> Void) {
    Thread.detachNewThread { completionHandler([path]) }
  }
}

class DataManager {
  static let shared = DataManager()
  private var data: [String: [String]] = [:]

  private init() {}

  func store(_ items: [String], for source: String) {
    data[source] = items
  }

  func items(for source: String) -> [String] {
    data[source] ?? []
  }
}

class MapSource {
  func fetch() {
    API.load("map") { items in
      DataManager.shared.store(items, for: "map")
    }
  }
}

class GymSource {
  func fetch() {
    API.load("gyms") { items in
      DataManager.shared.store(items, for: "gyms")
    }
  }

  func show() {
    print(DataManager.shared.items(for: "gyms"))
  }
}
