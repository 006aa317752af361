// SPDX-License-Identifier: Apache-2.0
// Shape: mentalfaculty/LLVS #9: records collected from two callbacks with no lock.
// expect: captured-variable records
import Foundation

protocol Database {
  func query(_ zone: String, completionHandler: @escaping @Sendable ([String]) -> Void)
}

func fetchAll(_ zones: [String], from database: any Database, done: @escaping ([String]) -> Void) {
  var records: [String] = []
  let group = DispatchGroup()
  for zone in zones {
    group.enter()
    database.query(
      zone,
      completionHandler: { found in
        records += found
        group.leave()
      })
  }
  group.notify(queue: .main) { done(records) }
}
