// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// Audited types inside a macro, which the compiler runs, in what it expands to, and in its tests.

import CompilerPluginSupport
import PackageDescription

let audited: Target.Dependency = .product(name: "AuditedCollections", package: "swift-access-audit")

let package = Package(
  name: "counting",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-access-audit", path: "../../../.."),
    .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.0"),
  ],
  targets: [
    .macro(
      name: "CountingMacro",
      dependencies: [
        audited, .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
        .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
      ]),
    .target(name: "Counting", dependencies: [audited, "CountingMacro"]),
    .testTarget(
      name: "CountingTests",
      dependencies: [
        audited, "Counting", "CountingMacro", .product(name: "SwiftSyntaxBuilder", package: "swift-syntax"),
        .product(name: "SwiftSyntaxMacroExpansion", package: "swift-syntax"),
      ]),
  ]
)
