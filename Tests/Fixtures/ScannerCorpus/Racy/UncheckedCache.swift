// SPDX-License-Identifier: Apache-2.0
// Shape: declared @unchecked Sendable, with nothing that makes it true.
// expect: unchecked-sendable TextCache.entries
import Foundation

final class TextCache: @unchecked Sendable {
  private var entries: [String: String] = [:]

  func text(_ key: String) -> String? {
    entries[key]
  }

  func store(_ text: String, _ key: String) {
    entries[key] = text
  }
}
