// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// A package with two races, both forced and both known: what the release checklist says of it
// depends on no luck.

import PackageDescription

let package = Package(
  name: "KnownRaces",
  dependencies: [.package(name: "swift-access-audit", path: "../../..")],
  targets: [
    .target(name: "Ledger", dependencies: [.product(name: "AuditedCollections", package: "swift-access-audit")]),
    .executableTarget(name: "ledger-server", dependencies: ["Ledger"]),
    .testTarget(name: "LedgerTests", dependencies: ["Ledger"]),
  ],
  swiftLanguageModes: [.v6]
)
