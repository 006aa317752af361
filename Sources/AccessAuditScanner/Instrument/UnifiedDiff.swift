// SPDX-License-Identifier: Apache-2.0
//
// The difference of two texts in the unified format that `patch` reads. Plain text in, plain text
// out.

#if Scanner

/// Renders differences.
public enum UnifiedDiff {
  /// A run of changed lines: lines `old` of the first text become lines `new` of the second, both
  /// from 0.
  struct Change: Equatable {
    var old: Range<Int>
    var new: Range<Int>
  }

  /// The changed runs.
  ///
  /// - Complexity: O(*n* · *d*) for *d* differences.
  static func changes(_ old: [Substring], _ new: [Substring]) -> [Change] {
    let difference = new.difference(from: old)
    var removed = Set<Int>()
    var inserted = Set<Int>()
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var result: [Change] = []
    var left = 0
    var right = 0
    while left < old.count || right < new.count {
      let start = (left, right)
      while removed.contains(left) { left += 1 }
      while inserted.contains(right) { right += 1 }
      if (left, right) != start { result.append(Change(old: start.0..<left, new: start.1..<right)) }
      left += 1
      right += 1
    }
    return result
  }

  /// The lines of a text, line feeds kept.
  static func lines(_ text: String) -> [Substring] {
    var lines: [Substring] = []
    var start = text.startIndex
    let bytes = text.utf8
    var position = start
    while position < text.endIndex {
      let next = bytes.index(after: position)
      if bytes[position] == 0x0A {
        lines.append(text[start..<next])
        start = next
      }
      position = next
    }
    if start < text.endIndex { lines.append(text[start...]) }
    return lines
  }

  /// The difference, or an empty text when there is none.
  public static func render(_ old: String, _ new: String, path: String, context: Int = 3) -> String {
    let before = lines(old)
    let after = lines(new)
    let changes = changes(before, after)
    guard !changes.isEmpty else { return "" }
    var text = "--- a/\(path)\n+++ b/\(path)\n"
    var position = 0
    while position < changes.count {
      var last = position
      while last + 1 < changes.count, changes[last + 1].old.lowerBound - changes[last].old.upperBound <= 2 * context {
        last += 1
      }
      text += hunk(changes[position...last], before, after, context)
      position = last + 1
    }
    return text
  }

  private static func hunk(
    _ changes: ArraySlice<Change>, _ before: [Substring], _ after: [Substring], _ context: Int
  ) -> String {
    guard let first = changes.first, let last = changes.last else { return "" }
    let lead = min(context, first.old.lowerBound)
    let trail = min(context, before.count - last.old.upperBound)
    let oldStart = first.old.lowerBound - lead
    let newStart = first.new.lowerBound - lead
    let oldCount = last.old.upperBound + trail - oldStart
    let newCount = last.new.upperBound + trail - newStart
    var text = "@@ -\(range(oldStart, oldCount)) +\(range(newStart, newCount)) @@\n"
    var position = oldStart
    for change in changes {
      while position < change.old.lowerBound {
        text += line(" ", before[position])
        position += 1
      }
      for number in change.old { text += line("-", before[number]) }
      for number in change.new { text += line("+", after[number]) }
      position = change.old.upperBound
    }
    for number in position..<(last.old.upperBound + trail) { text += line(" ", before[number]) }
    return text
  }

  private static func range(_ start: Int, _ count: Int) -> String {
    count == 1 ? "\(start + 1)" : "\(count == 0 ? start : start + 1),\(count)"
  }

  private static func line(_ mark: String, _ text: Substring) -> String {
    text.utf8.last == 0x0A ? mark + text : mark + text + "\n\\ No newline at end of file\n"
  }
}

#endif
