// SPDX-License-Identifier: Apache-2.0
//
// Decides by names alone whether the text of an accessor takes a lock.

#if Scanner

import SwiftSyntax

/// A search for locks in the text of a body.
enum LockText {
  private static let signs = [
    "lock(", "Lock(", "lock {", "Lock {", ".sync", "ithLock", "_lock(", "guarded", "synchroni",
  ]

  /// True when the body seems to take a lock or to wait for a queue.
  static func takesLock(_ function: FunctionDeclaration) -> Bool {
    let text = function.body.trimmedDescription
    return signs.contains { text.contains($0) }
  }
}

#endif
