// SPDX-License-Identifier: Apache-2.0
//
// Finding reports in lines of logs: on a line of their own, behind what a collector puts before
// them, or as a string inside another JSON object. Pure.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import Foundation
internal import Glibc

package enum ReportLine {
  package enum Content {
    /// No report is spoken of.
    case none
    case reports([LoadedReport])
    /// A report that is cut, or not understood.
    case broken(String)
  }

  private static let mark = Array("access-audit".utf8)
  private static let begin = Array(#"{"schema":"access-audit"#.utf8)
  /// How deep objects are looked into; one inside a string counts as eight.
  private static let depthLimit = 32

  /// What a line holds.
  ///
  /// - Complexity: O(n); a line without a report is only searched.
  package static func read(_ line: UnsafeRawBufferPointer) -> Content {
    guard find(mark, in: line, pivot: 6) != nil else { return .none }
    if let start = find(begin, in: line, pivot: 0), let end = objectEnd(line, from: start) {
      return decode(Array(line[start..<end]))
    }
    // Another tool has written the object again, or has put it into a string.
    guard let start = line.firstIndex(of: UInt8(ascii: "{")), let end = objectEnd(line, from: start) else {
      return find(Array("schema".utf8), in: line, pivot: 0) == nil ? .none : .broken("is cut")
    }
    let whole = Array(line[start..<end])
    // The object itself is the report, with other white space or keys in another order.
    if ReportFile.isReport(whole) { return decode(whole) }
    guard let value = try? JSONSerialization.jsonObject(with: Data(whole)) else { return .none }
    let found = objects(in: value, depth: 0)
    if found.isEmpty { return .none }
    var reports: [LoadedReport] = []
    for bytes in found {
      switch decode(bytes) {
      case .reports(let more): reports += more
      case .broken(let reason): return .broken(reason)
      case .none: break
      }
    }
    return .reports(reports)
  }

  /// The first place of a pattern.
  ///
  /// - Parameter pivot: the offset of the byte in the pattern that is rarest in lines.
  private static func find(_ pattern: [UInt8], in line: UnsafeRawBufferPointer, pivot: Int) -> Int? {
    guard let base = line.baseAddress, line.count >= pattern.count else { return nil }
    var offset = pivot
    let last = line.count - (pattern.count - pivot)
    while offset <= last, let found = memchr(base + offset, Int32(pattern[pivot]), last - offset + 1) {
      let place = UnsafeRawPointer(found) - base - pivot
      if memcmp(base + place, pattern, pattern.count) == 0 { return place }
      offset = place + pivot + 1
    }
    return nil
  }

  /// The end of the object that begins at a place; `nil` when the line ends first.
  private static func objectEnd(_ line: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var depth = 0
    var isInString = false
    var index = start
    while index < line.count {
      let byte = line[index]
      if isInString {
        if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isInString = false }
      } else if byte == UInt8(ascii: "\"") {
        isInString = true
      } else if byte == UInt8(ascii: "{") {
        depth += 1
      } else if byte == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { return index + 1 }
      }
      index += 1
    }
    return nil
  }

  private static func decode(_ bytes: [UInt8]) -> Content {
    do {
      return .reports(try ReportFile.reports(in: bytes, file: "the line"))
    } catch {
      return .broken("\(error)")
    }
  }

  /// The objects with this package's schemas, however deep they are.
  private static func objects(in value: Any, depth: Int) -> [[UInt8]] {
    if depth > depthLimit { return [] }
    if let object = value as? [String: Any] {
      if let schema = object["schema"] as? String, schema == Violation.schemaName || schema == MergedReports.schemaName
      {
        return (try? JSONSerialization.data(withJSONObject: object)).map { [Array($0)] } ?? []
      }
      return object.sorted { $0.key < $1.key }.flatMap { objects(in: $0.value, depth: depth + 1) }
    }
    if let list = value as? [Any] { return list.flatMap { objects(in: $0, depth: depth + 1) } }
    guard let text = value as? String, text.contains(#""access-audit"#), let start = text.firstIndex(of: "{"),
      let inner = try? JSONSerialization.jsonObject(with: Data(text[start...].utf8))
    else { return [] }
    return objects(in: inner, depth: depth + 8)
  }
}

#endif
