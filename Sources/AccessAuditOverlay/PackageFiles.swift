// SPDX-License-Identifier: Apache-2.0
//
// The files of a package as git sees them: the tracked ones with their uncommitted changes, and
// those that are not ignored. Without git, all but what builds leave behind.

#if Scanner && canImport(Glibc)

import Foundation

package enum PackageFiles {
  /// Files that builds read although git may be told to ignore them.
  private static let wanted = ["Package.resolved", ".swiftpm/configuration/mirrors.json"]
  /// Folders that are never part of a package's sources.
  private static let unwanted: Set<String> = [".build", ".git", ".index-build"]

  /// The paths of the package's files, relative to its folder.
  ///
  /// - Complexity: O(*n* log *n*) in the number of files.
  package static func list(_ root: String) -> [String] {
    var paths = Set(below(root, ""))
    for path in wanted where FileStamp("\(root)/\(path)") != nil { paths.insert(path) }
    return paths.sorted()
  }

  /// The files below a folder of the package.
  private static func below(_ root: String, _ folder: String) -> [String] {
    let place = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let listed = tracked(place) else { return walk(root, folder) }
    // A folder that an outer repository ignores has no files there.
    if folder.isEmpty, !listed.contains("Package.swift") { return walk(root, folder) }
    var found: [String] = []
    for name in listed {
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      guard !isUnwanted(path) else { continue }
      switch FileStamp("\(root)/\(path)")?.kind {
      // A module of the repository, or a repository of its own.
      case .folder?: found += below(root, path.hasSuffix("/") ? String(path.dropLast()) : path)
      case .file?, .link?: found.append(path)
      case .other?, nil: break
      }
    }
    return found
  }

  private static func isUnwanted(_ path: String) -> Bool {
    path.split(separator: "/").contains { unwanted.contains(String($0)) }
  }

  /// What git lists for a folder, relative to it; `nil` when the folder is in no repository.
  private static func tracked(_ folder: String) -> [String]? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    // A hook of git names another repository there.
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func walk(_ root: String, _ folder: String) -> [String] {
    let place = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else { return [] }
    return names.filter { !unwanted.contains($0) }.flatMap { name -> [String] in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      switch FileStamp("\(root)/\(path)")?.kind {
      case .folder?: return walk(root, path)
      case .file?, .link?: return [path]
      case .other?, nil: return []
      }
    }
  }
}

#endif
