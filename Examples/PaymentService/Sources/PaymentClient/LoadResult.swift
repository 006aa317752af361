// SPDX-License-Identifier: Apache-2.0
//
// The result of a load, in JSON.

import Foundation

struct SecondOfLoad: Codable, Sendable {
  var second: Int
  var answered = 0
  /// Answered by an error.
  var failed = 0
  var timedOut = 0
  /// Attempts that were broken off, and those where nobody listened.
  var broken = 0
  var refused = 0
  /// Not sent, because too many were waiting.
  var unsent = 0
  /// Milliseconds from the moment the request was to begin; requests that timed out count with
  /// what they had waited.
  var p50: Double?
  var p99: Double?

  init(second: Int) { self.second = second }
}

struct LoadResult: Codable, Sendable {
  var name: String
  var rate: Int
  var timeout: Int
  var seconds: [SecondOfLoad]

  func sum(_ part: KeyPath<SecondOfLoad, Int>) -> Int { seconds.reduce(0) { $0 + $1[keyPath: part] } }

  /// The seconds in which the service broke connections off: it was gone, after a second without.
  var crashes: [Int] {
    let broken = seconds.filter { $0.broken > 0 }.map(\.second)
    return broken.filter { !broken.contains($0 - 1) }
  }

  /// One line: what became of the requests, the median at the start, and the worst second's 99 %.
  var summary: String {
    let first = seconds.prefix(3).compactMap(\.p50).min() ?? 0
    let worst = seconds.compactMap(\.p99).max() ?? 0
    let retries = sum(\.broken) + sum(\.refused)
    var text = "\(name): \(sum(\.answered)) answered after \(retries) retries, \(sum(\.timedOut)) given up, "
    text += "\(sum(\.failed)) failed, \(sum(\.unsent)) not sent; latency from \(Int(first)) ms to \(Int(worst)) ms"
    return text + (crashes.isEmpty ? "" : "; gone in seconds \(crashes.map(String.init).joined(separator: ", "))")
  }

  static func read(_ path: String) throws -> LoadResult {
    try JSONDecoder().decode(LoadResult.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: URL(fileURLWithPath: path))
  }
}
