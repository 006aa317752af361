// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// A package whose product is a dynamic library with audited types in it.

import PackageDescription

let isAudited = Context.environment["CONSUMER_TRAIT"] == "AuditInRelease"

let package = Package(
  name: "Shelf",
  products: [.library(name: "Shelf", type: .dynamic, targets: ["Shelf"])],
  dependencies: [
    .package(name: "swift-access-audit", path: "../../../..", traits: isAudited ? ["AuditInRelease"] : [])
  ],
  targets: [
    .target(name: "Shelf", dependencies: [.product(name: "AuditedCollections", package: "swift-access-audit")])
  ],
  swiftLanguageModes: [.v6]
)
