// SPDX-License-Identifier: Apache-2.0
//
// The patterns of suppression files, as ThreadSanitizer has them. Pure.

#if REPORTS && canImport(Glibc)

/// A pattern that matches anywhere in a text unless anchored: `*` stands for any run of characters,
/// `^` and `$` for its ends.
package struct SuppressionPattern: Sendable, Hashable {
  private let segments: [[UInt8]]
  private let isAnchoredAtStart: Bool
  private let isAnchoredAtEnd: Bool

  package init(_ text: some StringProtocol) {
    var bytes = Array(text.utf8)[...]
    isAnchoredAtStart = bytes.first == UInt8(ascii: "^")
    if isAnchoredAtStart { bytes.removeFirst() }
    isAnchoredAtEnd = bytes.last == UInt8(ascii: "$")
    if isAnchoredAtEnd { bytes.removeLast() }
    segments = bytes.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  }

  /// Whether the text matches.
  ///
  /// - Complexity: O(n·m) in the lengths of text and pattern: segments are found greedily from the
  ///   left.
  func matches(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    var position = 0
    for (index, segment) in segments.enumerated() {
      let isFirst = index == 0
      let isLast = index == segments.count - 1
      if isLast && isAnchoredAtEnd {
        let start = bytes.count - segment.count
        let isInPlace = isFirst && isAnchoredAtStart ? start == 0 : start >= position
        return isInPlace && start >= 0 && Array(bytes[start...]) == segment
      }
      if isFirst && isAnchoredAtStart {
        guard bytes.starts(with: segment) else { return false }
        position = segment.count
      } else if let found = find(segment, in: bytes, from: position) {
        position = found + segment.count
      } else {
        return false
      }
    }
    return true
  }

  private func find(_ segment: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    if segment.isEmpty { return start }
    guard bytes.count - start >= segment.count else { return nil }
    return (start...(bytes.count - segment.count)).first { position in
      segment.indices.allSatisfy { bytes[position + $0] == segment[$0] }
    }
  }
}

#endif
