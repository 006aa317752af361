// SPDX-License-Identifier: Apache-2.0

import Foundation

enum Formatters {
  private static let lock = NSLock()
  private static var cache: [String: NumberFormatter] = [:]

  static func formatter(_ locale: String) -> NumberFormatter {
    lock.withLock {
      if let known = cache[locale] { return known }
      let made = NumberFormatter()
      made.locale = Locale(identifier: locale)
      cache[locale] = made
      return made
    }
  }
}
