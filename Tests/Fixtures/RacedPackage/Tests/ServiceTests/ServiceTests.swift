// SPDX-License-Identifier: Apache-2.0
//
// The tests of the service. They pass, races and all, in nearly every run.

import Dispatch
import Foundation
import Service
import XCTest

final class ServiceTests: XCTestCase {
  func testSessionsAreCounted() {
    let table = SessionTable()
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for request in 0..<50 {
        table.touch(worker * 100 + request % 4)
        // Without a pause one thread may serve all requests before another is awake.
        usleep(100)
      }
    }
    XCTAssertGreaterThan(table.requests(of: 0), 0)
  }

  func testPluginsAreRegistered() {
    let registry = PluginRegistry()
    let group = DispatchGroup()
    for number in 0..<2 {
      DispatchQueue.global().async(group: group) {
        registry.register("plugin \(number)", version: number)
      }
    }
    group.wait()
    XCTAssertNotNil(registry.version(of: "plugin 0"))
  }

  func testOldValuesAreSwept() {
    let store = ExpiringStore()
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      for key in 0..<400 { store.put(key % 8, until: key) }
    }
    DispatchQueue.global().async(group: group) { store.sweep(now: 200) }
    group.wait()
  }

  func testThumbnailsAreMade() async {
    let cache = ThumbnailCache()
    let sizes = await withTaskGroup(of: Int.self) { group in
      for page in 0..<4 { group.addTask { await cache.thumbnail(of: "page \(page)").count } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    XCTAssertEqual(sizes, [6, 6, 6, 6])
  }

  func testRoutesAreNumbered() {
    let table = RouteTable()
    DispatchQueue.concurrentPerform(iterations: 2) { worker in
      for route in 0..<20 {
        _ = table.number(of: "/\(worker)/\(route)")
        // As above: both workers' iterations may be one thread's.
        usleep(100)
      }
    }
    XCTAssertEqual(table.number(of: "/"), 0)
  }

  func testThatFailsWhenAsked() {
    XCTAssertNil(ProcessInfo.processInfo.environment["SERVICE_FAILS"])
  }
}
