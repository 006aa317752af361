// SPDX-License-Identifier: Apache-2.0
//
// Adds the audited types to a manifest: the package, and the product to some targets. The
// manifest's own text stays as it is; what cannot be edited is said in a sentence.

#if Scanner

import SwiftParser
import SwiftSyntax

/// Where the audited types come from.
public struct AuditedPackage: Sendable {
  /// The dependency, as the manifest spells it: `.package(path: "…")`.
  public var dependency: String
  /// The name by which products refer to the package.
  public var identity: String

  /// A package in a folder.
  public init(path: String) {
    dependency = ".package(path: \(AuditedSpelling.quoted(path)))"
    identity = AuditedPackage.identity(path)
  }

  /// A package in a repository, from that version on.
  public init(url: String, from version: String) {
    dependency = ".package(url: \(AuditedSpelling.quoted(url)), from: \(AuditedSpelling.quoted(version)))"
    identity = AuditedPackage.identity(url)
  }

  /// The last part of a path or address, without `.git`.
  static func identity(_ location: String) -> String {
    let last = location.split(separator: "/").last.map(String.init) ?? location
    return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
  }
}

/// The result of an edit of a manifest.
public enum ManifestOutcome: Sendable, Equatable {
  /// The new text; the same as the old one when nothing was missing.
  case text(String)
  /// Nothing can be edited; the sentence says what to add by hand.
  case byHand(String)
}

extension PackageManifest {
  /// The name of the product with the audited types.
  public static let product = "AuditedCollections"

  /// The manifest with the product in each of the targets.
  ///
  /// - Parameters:
  ///   - names: the targets with audited collections.
  ///   - package: where the product comes from; `nil` when the manifest has the dependency already.
  public func adding(to names: [String], from package: AuditedPackage?) -> ManifestOutcome {
    var edits: [TextEdit] = []
    var byHand: [String] = []
    let known = knownDependency()
    let identity = known ?? package?.identity ?? "swift-access-audit"
    let item = ".product(name: \"\(PackageManifest.product)\", package: \"\(identity)\")"
    for name in names {
      guard let target = targets.first(where: { $0.name == name }) else {
        byHand.append("\(item) to the dependencies of the target '\(name)', which the manifest computes")
        continue
      }
      if target.call.description.contains("\"\(PackageManifest.product)\"") { continue }
      edits += Self.append(item, to: target.call, "dependencies", before: PackageManifest.afterDependencies)
    }
    if known == nil, byHand.isEmpty, !edits.isEmpty {
      if let package, let call = packageCall() {
        edits += Self.append(package.dependency, to: call, "dependencies", before: PackageManifest.afterPackages)
      } else {
        byHand.append("a dependency on the package \(identity)")
      }
    }
    guard byHand.isEmpty else { return .byHand("add to \(path): " + byHand.joined(separator: "; ")) }
    let edited = edits.applied(to: text)
    // The result is parsed again: text that does not parse is never written.
    guard edits.isEmpty || !Parser.parse(source: edited).hasError || tree.hasError else {
      return .byHand("add to \(path): \(item) to the dependencies of \(names.joined(separator: ", "))")
    }
    return .text(edited)
  }

  /// The identity of this project's package, when the manifest depends on it.
  private func knownDependency() -> String? {
    let visitor = PackageVisitor(viewMode: .sourceAccurate)
    visitor.walk(tree)
    for call in visitor.dependencies {
      for label in ["path", "url", "id"] {
        guard let location = PackageManifest.string(call, label) else { continue }
        let identity = AuditedPackage.identity(location)
        if identity.lowercased().hasSuffix("swift-access-audit") { return identity }
      }
      if let name = PackageManifest.string(call, "name"), name == "swift-access-audit" { return name }
    }
    return nil
  }

  private func packageCall() -> FunctionCallExprSyntax? {
    let visitor = PackageVisitor(viewMode: .sourceAccurate)
    visitor.walk(tree)
    return visitor.package
  }

  /// The arguments that follow `dependencies` in a target and in a package.
  private static let afterDependencies: Set<String> = [
    "path", "exclude", "sources", "resources", "publicHeadersPath", "packageAccess", "cSettings", "cxxSettings",
    "swiftSettings", "linkerSettings", "plugins",
  ]
  private static let afterPackages: Set<String> = [
    "targets", "swiftLanguageVersions", "swiftLanguageModes", "cLanguageStandard", "cxxLanguageStandard",
  ]

  /// The edits that add an element to an array argument, or the argument itself.
  private static func append(
    _ item: String, to call: FunctionCallExprSyntax, _ label: String, before following: Set<String>
  ) -> [TextEdit] {
    guard let argument = call.arguments.first(where: { $0.label?.text == label }) else {
      if let next = call.arguments.first(where: { following.contains($0.label?.text ?? "") }) {
        let start = next.positionAfterSkippingLeadingTrivia.utf8Offset
        return [AuditedSpelling.insert("\(label): [\(item)],\(separator(before: next))", at: start)]
      }
      guard let last = call.arguments.last else { return [] }
      let end = last.expression.endPositionBeforeTrailingTrivia.utf8Offset
      return [AuditedSpelling.insert(",\(separator(before: last))\(label): [\(item)]", at: end)]
    }
    guard let array = argument.expression.as(ArrayExprSyntax.self) else {
      // A computed list: a sum is one too.
      let value = argument.expression
      let needsParentheses =
        !(value.is(DeclReferenceExprSyntax.self) || value.is(MemberAccessExprSyntax.self)
        || value.is(FunctionCallExprSyntax.self))
      let end = value.endPositionBeforeTrailingTrivia.utf8Offset
      let start = value.positionAfterSkippingLeadingTrivia.utf8Offset
      guard needsParentheses else { return [AuditedSpelling.insert(" + [\(item)]", at: end)] }
      return [
        AuditedSpelling.insert("(", at: start), AuditedSpelling.insert(") + [\(item)]", at: end),
      ]
    }
    guard let last = array.elements.last else {
      return [AuditedSpelling.insert(item, at: array.leftSquare.endPositionBeforeTrailingTrivia.utf8Offset)]
    }
    let end = (last.trailingComma?.endPositionBeforeTrailingTrivia ?? last.expression.endPositionBeforeTrailingTrivia)
      .utf8Offset
    let space = separator(before: last)
    return [
      AuditedSpelling.insert(last.trailingComma == nil ? ",\(space)\(item)" : "\(space)\(item),", at: end)
    ]
  }

  /// The blanks before a node, or one blank.
  private static func separator(before node: some SyntaxProtocol) -> String {
    var text = ""
    for piece in node.leadingTrivia {
      switch piece {
      case .spaces, .tabs, .newlines, .carriageReturns, .carriageReturnLineFeeds: piece.write(to: &text)
      default: text = text.contains("\n") ? text : ""
      }
    }
    if let newline = text.lastIndex(where: \.isNewline) { text = String(text[newline...]) }
    if text.isEmpty, node.previousToken(viewMode: .sourceAccurate)?.trailingTrivia.contains(where: \.isNewline) ?? false
    {
      return "\n"
    }
    return text.isEmpty ? " " : text
  }
}

/// Finds the call that makes the package, and the calls in its list of dependencies.
private final class PackageVisitor: SyntaxVisitor {
  var package: FunctionCallExprSyntax?
  var dependencies: [FunctionCallExprSyntax] = []

  override func visit(_ node: FunctionCallExprSyntax) -> SyntaxVisitorContinueKind {
    if node.calledExpression.trimmedDescription == "Package", package == nil { package = node }
    if let member = node.calledExpression.as(MemberAccessExprSyntax.self),
      member.declName.baseName.text == "package"
    {
      dependencies.append(node)
    }
    return .visitChildren
  }
}

#endif
