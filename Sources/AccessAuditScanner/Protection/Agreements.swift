// SPDX-License-Identifier: Apache-2.0
//
// Agreements that the sources state in words: comments that confine a variable, a type or a
// function to one thread, and names of functions that check it. Reads text only.

#if Scanner

import SwiftSyntax

/// Agreements in comments and names.
enum Agreements {
  /// Sentences of a comment that say that only one thread at a time is here.
  private static let confinements = [
    "not thread-safe", "not thread safe", "not threadsafe", "isn't thread-safe", "isn't thread safe",
    "single-threaded", "single threaded", "only be called on", "only be called from", "only be accessed on",
    "only be accessed from", "only be used on", "only be used from", "only be modified on", "only be mutated on",
    "only accessed on", "only accessed from", "only used on", "only used from", "only touched on", "only touched from",
    "only ever accessed", "only ever touched", "accessed only on", "accessed only from", "must be called on the",
    "must be called from", "must be called with", "must be accessed on", "must be accessed from", "must be on the",
    "must run on", "make sure we're on the", "always called on", "always accessed on", "confined to", "thread-confined",
    "thread confined", "event-loop-bound", "event loop bound", "loop-bound", "from the event loop", "on the event loop",
    "external synchronization", "external synchronisation", "externally synchronized", "externally synchronised",
    "synchronized externally", "caller is responsible for synchron", "callers must synchron", "caller must synchron",
  ]

  /// The part of a comment that confines the code below it; `nil` when none does.
  static func confinement(_ trivia: Trivia) -> String? {
    var text = ""
    for piece in trivia {
      switch piece {
      case .lineComment(let part), .blockComment(let part), .docLineComment(let part), .docBlockComment(let part):
        text += part + " "
      case .newlines(let count) where count > 1, .carriageReturnLineFeeds(let count) where count > 1: text = ""
      default: break
      }
    }
    guard !text.isEmpty else { return nil }
    let lowered = text.lowercased()
    return confinements.first { lowered.contains($0) }
  }

  /// True for a call whose name says that it stops the program on another thread than the main one.
  static func checksMainThread(_ name: String) -> Bool {
    let lowered = name.lowercased()
    guard lowered.contains("mainthread") || lowered.contains("mainqueue") else { return false }
    return checks(lowered)
  }

  /// True for a call whose name says that it stops the program off a queue.
  static func checksQueue(_ name: String) -> Bool {
    let lowered = name.lowercased()
    return lowered.hasSuffix("onqueue") && checks(lowered)
  }

  /// The queue of a session's delegate.
  static let delegateQueue = Guard(id: "the delegate queue", kind: .implicit, isExclusive: true, scope: 0)

  /// True for an object whose name says that it runs one closure at a time.
  static func isSerial(_ id: String) -> Bool {
    (id.split(separator: ".").last?.lowercased()).map { $0.contains("serial") } ?? false
  }

  private static func checks(_ lowered: String) -> Bool {
    ["ensure", "assert", "precondition", "check", "verify", "require", "expect"].contains { lowered.hasPrefix($0) }
  }
}

#endif
