// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// A package that depends on this one, like a user's. The environment chooses the language mode and
// the trait, so that one source is built in all combinations.

import PackageDescription

let isAudited = Context.environment["CONSUMER_TRAIT"] == "AuditInRelease"
let languageMode: SwiftLanguageMode = Context.environment["CONSUMER_LANGUAGE"] == "5" ? .v5 : .v6
let audited: Target.Dependency = .product(name: "AuditedCollections", package: "swift-access-audit")

let package = Package(
  name: "consumer",
  dependencies: [
    .package(name: "swift-access-audit", path: "../../..", traits: isAudited ? ["AuditInRelease"] : []),
    .package(path: "Shelf"),
  ],
  targets: [
    .executableTarget(name: "Consumer", dependencies: [audited]),
    .executableTarget(name: "Light", dependencies: [audited]),
    .executableTarget(name: "LightTwin", swiftSettings: [.define("TWIN")]),
    .executableTarget(name: "Race", dependencies: [audited]),
    .executableTarget(
      name: "Shared", dependencies: [.product(name: "ConcurrentCollections", package: "swift-access-audit")]),
    .target(name: "CxxPart"),
    .executableTarget(
      name: "CxxConsumer", dependencies: [audited, "CxxPart"], swiftSettings: [.interoperabilityMode(.Cxx)]),
    .executableTarget(name: "ShelfUser", dependencies: [audited, .product(name: "Shelf", package: "Shelf")]),
  ],
  swiftLanguageModes: [languageMode],
  cxxLanguageStandard: .cxx20
)
