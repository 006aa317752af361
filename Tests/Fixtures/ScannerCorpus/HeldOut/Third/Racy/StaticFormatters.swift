// SPDX-License-Identifier: Apache-2.0
// expect: mutable-global Formatters.cache

import Foundation

enum Formatters {
  private static var cache: [String: NumberFormatter] = [:]

  static func formatter(_ locale: String) -> NumberFormatter {
    if let known = cache[locale] { return known }
    let made = NumberFormatter()
    made.locale = Locale(identifier: locale)
    cache[locale] = made
    return made
  }
}
