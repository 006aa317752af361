// SPDX-License-Identifier: Apache-2.0
//
// The output of a measurement: one JSON object per line.

import Foundation

/// The rounds of one cell: nanoseconds of one operation. A ratio compares a round of the subject
/// with the round of the plain dictionary right before or after it.
struct Sample: Codable {
  var build: String
  var subject: String
  var operation: String
  var key: String
  var depth: Int
  var threads: Int
  var nanoseconds: [Double] = []
  var plain: [Double] = []

  func print() {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let line = try? encoder.encode(self) else { fatalError("a sample cannot be written") }
    FileHandle.standardOutput.write(line + Data("\n".utf8))
  }
}

/// The name of a build in results.
enum Build {
  static let name =
    ProcessInfo.processInfo.environment["PERFORMANCE_BUILD"] ?? (isDebug ? "debug" : "release")

  static var isDebug: Bool {
    #if DEBUG
    true
    #else
    false
    #endif
  }
}
