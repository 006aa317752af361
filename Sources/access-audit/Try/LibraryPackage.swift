// SPDX-License-Identifier: Apache-2.0
//
// Where the package with the audited types is: the sources that the tool itself was built of, or
// a folder that is named. Its version has to be the tool's.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessTerms
import Foundation

struct LibraryPackage {
  /// The package's name, which is its identity: the name of its folder.
  static let name = "swift-access-audit"
  /// Its folder.
  let root: String
  /// The same, by the path that manifests name.
  let path: String

  /// The sources that the tool was built of.
  private static let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// Finds the package, and checks its version.
  ///
  /// - Parameters:
  ///   - given: the folder that is named.
  ///   - work: a folder for a link with the package's name, where its folder has another.
  init(_ given: String?, work: String) throws {
    let root = URL(fileURLWithPath: given ?? Self.own).standardizedFileURL.path
    self.root = root
    guard let version = Self.version(root) else {
      throw ToolError.failure(
        given == nil
          ? "the sources that this tool was built of are not at \(root) any more; name a checkout of \(Self.name) "
            + "\(PackageVersion.text) by --library"
          : "--library: \(root) is no checkout of \(Self.name)")
    }
    guard version == PackageVersion.text else {
      throw ToolError.failure(
        "this tool is of version \(PackageVersion.text), and the package at \(root) of version \(version): build the tool "
          + "there (swift build -c release --traits Tools --product access-audit), or name another checkout by --library"
      )
    }
    guard URL(fileURLWithPath: root).lastPathComponent != Self.name else {
      path = root
      return
    }
    let link = "\(work)/library/\(Self.name)"
    if (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != root {
      try ToolError.passing { try FileCopy.link(link, to: root) }
    }
    path = link
  }

  /// The version of a checkout; `nil` when the folder is none.
  private static func version(_ root: String) -> String? {
    guard let data = FileManager.default.contents(atPath: "\(root)/Sources/AccessTerms/PackageVersion.swift"),
      let match = String(decoding: data, as: UTF8.self).firstMatch(of: /static var text: String \{ "([^"]+)" \}/)
    else { return nil }
    return String(match.output.1)
  }
}
#endif
