// SPDX-License-Identifier: Apache-2.0
//
// The measured types of keys.

/// A type of keys.
protocol BenchmarkKey: Hashable, Sendable {
  static var kind: KeyKind { get }
  static func make(_ number: Int) -> Self
}

/// The name of a type of keys.
enum KeyKind: String, Codable, CaseIterable, Sendable {
  case integer = "Int"
  case string = "String"
}

extension Int: BenchmarkKey {
  static let kind = KeyKind.integer
  static func make(_ number: Int) -> Int { number }
}

extension String: BenchmarkKey {
  static let kind = KeyKind.string
  /// Short enough to need no allocation: with longer keys the measurement would show only the
  /// reference counts, which all threads share.
  static func make(_ number: Int) -> String { "order-\(number)" }
}

/// A plain dictionary of a number of keys.
func plain<Key: BenchmarkKey>(_ keys: Int) -> [Key: Int] {
  Dictionary(uniqueKeysWithValues: (0..<keys).map { (Key.make($0), $0) })
}
