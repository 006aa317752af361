// SPDX-License-Identifier: Apache-2.0
//
// What the plug-in's tool does, so that it can be tested.

import AuditedCollections

/// Words and how often they occur, as a Swift source.
public func source(of text: String) -> String {
  var counts: AuditedDictionary<String, Int> = [:]
  for word in text.split(whereSeparator: \.isWhitespace) { counts[String(word), default: 0] += 1 }
  let lines = counts.keys.sorted().map { "    \"\($0)\": \(counts[$0, default: 0])," }
  return """
    import AuditedCollections

    extension Lists {
      public static func words() -> AuditedDictionary<String, Int> {
        [
    \(lines.joined(separator: "\n"))
        ]
      }
    }

    """
}
