// SPDX-License-Identifier: Apache-2.0
//
// The overlay: a copy of a package, kept from run to run, of which only the changed files are
// copied again. Nothing is ever written outside the overlay's own folder.

#if Scanner && canImport(Glibc)

import Foundation
import Glibc

/// A package and its copy.
package struct Overlay: Sendable {
  /// The package's folder: read only.
  package let original: String
  /// The copy's folder.
  package let root: String

  package init(original: String, root: String) {
    self.original = original
    self.root = root
  }

  /// What differs between the package and the copy.
  package struct Changes: Sendable {
    /// The files of the package.
    package var listed: [String] = []
    /// What they were like when they were listed.
    package var stamps: [String: FileStamp] = [:]
    /// Those that are new, were changed, or were changed in the copy.
    package var changed: [String] = []
    /// Files of the copy that the package does not have.
    package var removed: [String] = []

    package init() {}
  }

  /// Compares the package with what the state knows of the copy. The manifests are left out:
  /// what is in the copy is made of them.
  ///
  /// - Complexity: O(*n*) in the number of files.
  package func changes(since state: OverlayState) -> Changes {
    var result = Changes()
    for path in PackageFiles.list(original) {
      guard let source = FileStamp("\(original)/\(path)"), source.kind == .file || source.kind == .link else {
        continue
      }
      result.listed.append(path)
      result.stamps[path] = source
      guard !Self.isManifest(path) else { continue }
      let known = state.files[path]
      // The package manager writes some files of the copy anew.
      let isAsCopied = known?.copy == FileStamp("\(root)/\(path)") || Self.isOfBuilds(path)
      if known?.source != source || !isAsCopied { result.changed.append(path) }
    }
    let listed = Set(result.listed)
    result.removed = present("").filter { !listed.contains($0) && !Self.isOfBuilds($0) }
    return result
  }

  /// Whether a path is a manifest of the package.
  package static func isManifest(_ path: String) -> Bool {
    path == "Package.swift" || path.hasPrefix("Package@swift-") && path.hasSuffix(".swift") && !path.contains("/")
  }

  /// What the package manager leaves in a package's folder.
  private static func isOfBuilds(_ path: String) -> Bool { path == "Package.resolved" || path.hasPrefix(".swiftpm/") }

  private func present(_ folder: String) -> [String] {
    let place = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else { return [] }
    return names.flatMap { name -> [String] in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      return FileStamp("\(root)/\(path)")?.kind == .folder ? present(path) : [path]
    }
  }

  /// Removes a file from the copy, with the folders that become empty.
  package func remove(_ path: String) {
    var path = path
    unlink("\(root)/\(path)")
    while let slash = path.lastIndex(of: "/") {
      path = String(path[..<slash])
      guard rmdir("\(root)/\(path)") == 0 else { return }
    }
  }

  /// Copies a file as it is.
  package func copy(_ path: String) throws {
    let source = "\(original)/\(path)"
    guard let stamp = FileStamp(source) else { throw FileError(path: source, doing: "read", code: ENOENT) }
    try clearWay(to: path)
    guard stamp.kind == .link else { return try FileCopy.copy(source, to: "\(root)/\(path)", mode: stamp.mode) }
    let destination = try FileManager.default.destinationOfSymbolicLink(atPath: source)
    try FileCopy.link(
      "\(root)/\(path)", to: isInside(destination, of: path) ? destination : absolute(destination, of: path))
  }

  /// Gives a file of the copy this content, and tells whether it had another one. Where it has it
  /// already, the file is not touched, so that nothing is built again.
  @discardableResult
  package func write(_ bytes: [UInt8], to path: String) throws -> Bool {
    let place = "\(root)/\(path)"
    if FileStamp(place)?.kind == .file, let present = FileManager.default.contents(atPath: place),
      present.elementsEqual(bytes)
    {
      return false
    }
    try clearWay(to: path)
    try FileCopy.write(bytes, to: place, mode: FileStamp("\(original)/\(path)")?.mode ?? 0o644)
    return true
  }

  /// Gives a file of the copy the content that it has in the package.
  package func restore(_ path: String) throws {
    let source = "\(original)/\(path)"
    guard FileStamp(source)?.kind == .file, let bytes = FileManager.default.contents(atPath: source) else {
      return try copy(path)
    }
    try write(Array(bytes), to: path)
  }

  /// Whether the way to a file leads through a symbolic link: what is written there may be
  /// written elsewhere.
  package func isBehindLink(_ path: String) -> Bool {
    var place = root
    for part in path.split(separator: "/").dropLast() {
      place += "/\(part)"
      if FileStamp(place)?.kind == .link { return true }
    }
    return false
  }

  /// Removes what stands where a folder or the file will be: the package may have made a folder of
  /// a file, or of a link.
  private func clearWay(to path: String) throws {
    var place = root
    for part in path.split(separator: "/").dropLast() {
      place += "/\(part)"
      if let kind = FileStamp(place)?.kind, kind != .folder { unlink(place) }
    }
    if FileStamp("\(root)/\(path)")?.kind == .folder { try FileManager.default.removeItem(atPath: "\(root)/\(path)") }
  }

  private func absolute(_ destination: String, of path: String) -> String {
    destination.hasPrefix("/") ? destination : "\(folder(of: "\(original)/\(path)"))/\(destination)"
  }

  /// Whether a link's destination is in the package, so that it is in the copy too.
  private func isInside(_ destination: String, of path: String) -> Bool {
    guard !destination.hasPrefix("/") else { return false }
    var depth = path.split(separator: "/").count - 1
    for part in destination.split(separator: "/") {
      if part == ".." { depth -= 1 } else if part != "." { depth += 1 }
      if depth < 0 { return false }
    }
    return true
  }

  private func folder(of path: String) -> String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
}

#endif
