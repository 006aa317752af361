// SPDX-License-Identifier: Apache-2.0
//
// The manifest of a package: which of its manifests is in use, and the targets that it writes out.
// Reads only.

#if Scanner

import Foundation
import SwiftParser
import SwiftSyntax

/// A version of the toolchain.
public struct ToolchainVersion: Comparable, Sendable, Hashable {
  public var major: Int
  public var minor: Int
  public var patch: Int

  public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Reads `6.3`, or `6.3.1`; missing parts are 0.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...3).contains(parts.count), !parts.contains(nil) else { return nil }
    let numbers = parts.compactMap { $0 } + [0, 0]
    self.init(numbers[0], numbers[1], numbers[2])
  }

  public static func < (left: ToolchainVersion, right: ToolchainVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }
}

/// A package's manifest.
public struct PackageManifest: Sendable {
  /// A target that the manifest writes out as a call.
  public struct Target: Sendable {
    public var name: String
    /// `target`, `executableTarget`, `testTarget`, `macro`, `plugin`.
    public var kind: String
    /// The folder, relative to the package.
    public var path: String
    let call: FunctionCallExprSyntax
  }

  /// The manifest, relative to the package.
  public let path: String
  public let text: String
  public let targets: [Target]
  let tree: SourceFileSyntax

  /// Reads the manifest that the package manager of that version uses.
  ///
  /// - Returns: `nil` when the folder has no manifest.
  public init?(package root: String, toolchain: ToolchainVersion) {
    guard let name = PackageManifest.name(in: root, toolchain: toolchain),
      let data = FileManager.default.contents(atPath: root + "/" + name)
    else { return nil }
    self.init(path: name, text: String(decoding: data, as: UTF8.self), root: root)
  }

  init(path: String, text: String, root: String) {
    self.path = path
    self.text = text
    tree = Parser.parse(source: text)
    let visitor = TargetVisitor(viewMode: .sourceAccurate)
    visitor.walk(tree)
    targets = visitor.calls.compactMap { call in
      guard let name = PackageManifest.string(call, "name") else { return nil }
      let kind = call.calledExpression.as(MemberAccessExprSyntax.self)?.declName.baseName.text ?? ""
      let path = PackageManifest.string(call, "path") ?? PackageManifest.folder(name, kind, root)
      return Target(name: name, kind: kind, path: path.hasSuffix("/") ? String(path.dropLast()) : path, call: call)
    }
  }

  /// The name of the manifest in use. A manifest for exactly this version goes first, then one for
  /// its minor or major version. Otherwise the newest that is not newer than the toolchain, if it
  /// needs newer tools than `Package.swift` does.
  public static func name(in root: String, toolchain: ToolchainVersion) -> String? {
    let manager = FileManager.default
    let plain = "Package.swift"
    for version in [
      "\(toolchain.major).\(toolchain.minor).\(toolchain.patch)", "\(toolchain.major).\(toolchain.minor)",
      "\(toolchain.major)",
    ] {
      let name = "Package@swift-\(version).swift"
      if manager.fileExists(atPath: root + "/" + name) { return name }
    }
    let versioned = ((try? manager.contentsOfDirectory(atPath: root)) ?? []).compactMap {
      name -> (version: ToolchainVersion, name: String)? in
      guard name.hasPrefix("Package@swift-"), name.hasSuffix(".swift"),
        let version = ToolchainVersion(name.dropFirst(14).dropLast(6))
      else { return nil }
      return version <= toolchain ? (version, name) : nil
    }
    let hasPlain = manager.fileExists(atPath: root + "/" + plain)
    guard let newest = versioned.max(by: { $0.version < $1.version }) else { return hasPlain ? plain : nil }
    guard hasPlain else { return newest.name }
    return tools(root + "/" + newest.name) > tools(root + "/" + plain) ? newest.name : plain
  }

  /// The version after `swift-tools-version:` in the first line; 3.1 without one.
  private static func tools(_ path: String) -> ToolchainVersion {
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    for line in text.split(separator: "\n").prefix(10) {
      guard let range = line.lowercased().firstRange(of: "swift-tools-version:") else { continue }
      let rest = line.lowercased()[range.upperBound...].drop { $0 == " " }
      if let version = ToolchainVersion(rest.prefix { $0.isNumber || $0 == "." }) { return version }
    }
    return ToolchainVersion(3, 1)
  }

  /// The text of a string literal that is an argument of the call.
  static func string(_ call: FunctionCallExprSyntax, _ label: String) -> String? {
    guard
      let literal = call.arguments.first(where: { $0.label?.text == label })?.expression
        .as(StringLiteralExprSyntax.self), literal.segments.count == 1,
      case .stringSegment(let segment)? = literal.segments.first
    else { return nil }
    return segment.content.text
  }

  /// The folder of a target that names none.
  private static func folder(_ name: String, _ kind: String, _ root: String) -> String {
    let folders =
      switch kind {
      case "testTarget": ["Tests", "Sources", "Source", "src", "srcs"]
      case "plugin": ["Plugins"]
      default: ["Sources", "Source", "src", "srcs"]
      }
    for folder in folders where FileManager.default.fileExists(atPath: "\(root)/\(folder)/\(name)") {
      return "\(folder)/\(name)"
    }
    return "\(folders[0])/\(name)"
  }

  /// The target whose folder holds the file most closely.
  public func target(of file: String) -> Target? {
    targets.filter { $0.path == "." || file.hasPrefix($0.path + "/") }.max { $0.path.utf8.count < $1.path.utf8.count }
  }
}

/// Finds the calls that make targets. The same names inside `dependencies`, `plugins` and
/// `products` refer to targets or make something else.
private final class TargetVisitor: SyntaxVisitor {
  static let kinds: Set<String> = ["target", "executableTarget", "testTarget", "macro", "plugin", "systemLibrary"]
  var calls: [FunctionCallExprSyntax] = []

  override func visit(_ node: LabeledExprSyntax) -> SyntaxVisitorContinueKind {
    ["dependencies", "plugins", "products"].contains(node.label?.text ?? "") ? .skipChildren : .visitChildren
  }

  override func visit(_ node: FunctionCallExprSyntax) -> SyntaxVisitorContinueKind {
    if let member = node.calledExpression.as(MemberAccessExprSyntax.self),
      TargetVisitor.kinds.contains(member.declName.baseName.text),
      member.base.map({ ["Target", "PackageDescription.Target"].contains($0.trimmedDescription) }) ?? true
    {
      calls.append(node)
    }
    return .visitChildren
  }
}

#endif
