// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// A package that depends on this one, like a user's. The environment chooses the language mode and
// the trait, so that one source is built in all combinations.

import PackageDescription

let isAudited = Context.environment["CONSUMER_TRAIT"] == "AuditInRelease"
let languageMode: SwiftLanguageMode = Context.environment["CONSUMER_LANGUAGE"] == "5" ? .v5 : .v6

let package = Package(
  name: "consumer",
  dependencies: [
    .package(name: "swift-access-audit", path: "../..", traits: isAudited ? ["AuditInRelease"] : [])
  ],
  targets: [
    .executableTarget(
      name: "Consumer", dependencies: [.product(name: "AuditedCollections", package: "swift-access-audit")])
  ],
  swiftLanguageModes: [languageMode]
)
