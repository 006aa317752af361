// SPDX-License-Identifier: Apache-2.0
// Shape: expo/expo #33574: a static dictionary of aliases written and read by any thread.
// expect: mutable-global FontAliases.aliases
import Foundation

enum FontAliases {
  static var aliases: [String: String] = [:]

  static func register(_ alias: String, for name: String) {
    aliases[alias] = name
  }

  static func resolve(_ alias: String) -> String? {
    aliases[alias]
  }
}
