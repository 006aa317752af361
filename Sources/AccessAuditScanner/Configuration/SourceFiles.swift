// SPDX-License-Identifier: Apache-2.0
//
// Finds and reads the Swift files of a scan and groups them into modules. Nothing here parses.

#if Scanner

import Foundation

/// The Swift files below some paths.
public struct SourceFiles: Sendable {
  /// One list of files per module.
  public var modules: [[SourceText]] = []
  /// Files that could not be read.
  public var problems: [SourceProblem] = []

  /// Reads all files below `paths`.
  ///
  /// Hidden directories and build folders are left out. A module is a directory below `Sources`,
  /// `Tests` or `Plugins`; all files outside these form one more.
  ///
  /// - Parameters:
  ///   - paths: files and directories.
  ///   - root: findings show paths relative to it.
  ///   - configuration: its patterns say which paths to leave out.
  ///   - eachFileAlone: makes every file its own module.
  /// - Throws: `ConfigurationError` when a path does not exist.
  public init(
    _ paths: [String], root: String, configuration: ScanConfiguration, eachFileAlone: Bool = false
  ) throws {
    var files: [String] = []
    for path in paths {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw ConfigurationError(path: path, line: 0, message: "no such file or directory")
      }
      files += isDirectory.boolValue ? SourceFiles.below(path) : [path]
    }
    var grouped: [String: [SourceText]] = [:]
    var seen: Set<String> = []
    for file in files.sorted() {
      let shown = SourceFiles.relative(file, to: root)
      guard !configuration.excludes(shown), seen.insert(shown).inserted else { continue }
      guard let data = FileManager.default.contents(atPath: file) else {
        let place = SourcePlace(path: shown, line: 1, column: 1, endLine: 1, endColumn: 1)
        problems.append(SourceProblem(place: place, message: "could not be read", isUnscanned: true))
        continue
      }
      if String(validating: data, as: UTF8.self) == nil {
        let place = SourcePlace(path: shown, line: 1, column: 1, endLine: 1, endColumn: 1)
        problems.append(SourceProblem(place: place, message: "is not valid UTF-8; what is valid was scanned"))
      }
      let text = SourceText(path: shown, text: String(decoding: data, as: UTF8.self))
      grouped[eachFileAlone ? shown : SourceFiles.module(of: shown), default: []].append(text)
    }
    modules = grouped.keys.sorted().map { grouped[$0] ?? [] }
  }

  /// The Swift files below a directory.
  static func below(_ directory: String) -> [String] {
    guard let items = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return [] }
    var found: [String] = []
    for item in items where !item.hasPrefix(".") {
      let path = directory == "." ? item : directory + (directory.hasSuffix("/") ? "" : "/") + item
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { continue }
      if isDirectory.boolValue {
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
        if !isLink, !item.hasSuffix(".docc"), !item.hasSuffix(".xcassets") { found += below(path) }
      } else if item.hasSuffix(".swift") {
        found.append(path)
      }
    }
    return found
  }

  /// The path below `root`, or the path itself.
  static func relative(_ path: String, to root: String) -> String {
    var path = path
    while path.hasPrefix("./") { path.removeFirst(2) }
    let prefix = root.hasSuffix("/") ? root : root + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  /// The directory that names the module: the one below the last `Sources`, `Tests` or `Plugins`
  /// of the path.
  static func module(of path: String) -> String {
    let parts = path.split(separator: "/")
    guard let base = parts.dropLast().lastIndex(where: { $0 == "Sources" || $0 == "Tests" || $0 == "Plugins" }),
      base + 2 < parts.count
    else { return parts.dropLast().first.map(String.init) ?? "" }
    return parts[...(base + 1)].joined(separator: "/")
  }
}

extension String {
  /// The text, when the bytes are valid.
  fileprivate init?(validating data: Data, as encoding: UTF8.Type) { self.init(data: data, encoding: .utf8) }
}

#endif
