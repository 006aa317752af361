// SPDX-License-Identifier: Apache-2.0
//
// The record of an adoption, kept beside the package so that it can be undone exactly. Reading,
// writing, undoing.

#if Scanner

import Foundation

/// The changes of an adoption, file by file.
public struct AdoptionRecord: Codable, Sendable {
  /// The record's name in the root of the package.
  public static let fileName = ".access-audit-adopted.json"

  /// One changed file.
  public struct File: Codable, Sendable {
    public var path: String
    /// The text before the first adoption.
    public var original: String
    /// The text after the last one.
    public var adopted: String
  }

  public var schema = "access-audit-adopted/1"
  public var files: [File] = []

  /// An empty record.
  public init() {}

  /// Reads the record; an empty one when there is none.
  ///
  /// - Throws: `ConfigurationError` when the file exists and is not a record.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      self.init()
      return
    }
    guard let value = try? JSONDecoder().decode(AdoptionRecord.self, from: data) else {
      throw ConfigurationError(path: path, line: 1, message: "not a record of an adoption")
    }
    self = value
  }

  /// The text of the record.
  public func encoded() -> String { StableJSON.encode(self) + "\n" }

  /// Adds a change. A file that was adopted before keeps its first original. If it was edited in
  /// between, the restored text includes that edit.
  public mutating func add(path: String, before: String, after: String) {
    guard let position = files.firstIndex(where: { $0.path == path }) else {
      files.append(File(path: path, original: before, adopted: after))
      return
    }
    if files[position].adopted != before {
      files[position].original = AdoptionRecord.undo(files[position], in: before).text
    }
    files[position].adopted = after
  }

  /// The text without the adoption: the original when nothing else changed since, otherwise the
  /// text with each adopted run of lines restored.
  ///
  /// - Returns: the text, and the lines, from 1, of the adopted text that could not be found
  ///   again.
  public static func undo(_ file: File, in current: String) -> (text: String, lost: [Int]) {
    if current == file.adopted { return (file.original, []) }
    let adopted = UnifiedDiff.lines(file.adopted)
    let original = UnifiedDiff.lines(file.original)
    var lines = UnifiedDiff.lines(current).map(String.init)
    var lost: [Int] = []
    var from = 0
    for change in UnifiedDiff.changes(original, adopted) {
      let wanted = adopted[change.new].map(String.init)
      let back = original[change.old].map(String.init)
      guard let found = find(wanted, in: lines, from: from) ?? find(wanted, in: lines, from: 0) else {
        lost.append(change.new.lowerBound + 1)
        continue
      }
      lines.replaceSubrange(found..<(found + wanted.count), with: back)
      from = found + back.count
    }
    return (lines.joined(), lost)
  }

  private static func find(_ wanted: [String], in lines: [String], from: Int) -> Int? {
    guard !wanted.isEmpty, lines.count >= wanted.count + from else { return nil }
    return (from...(lines.count - wanted.count)).first { start in
      Array(lines[start..<(start + wanted.count)]) == wanted
    }
  }
}

#endif
