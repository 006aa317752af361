// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// A service with races, and tests that find them. Only the test target depends on the test kit.

import PackageDescription

let package = Package(
  name: "TestedService",
  dependencies: [.package(name: "swift-access-audit", path: "../..")],
  targets: [
    .target(
      name: "TestedService", dependencies: [.product(name: "AuditedCollections", package: "swift-access-audit")]),
    .testTarget(
      name: "TestedServiceTests",
      dependencies: ["TestedService", .product(name: "AccessAuditTesting", package: "swift-access-audit")]),
  ],
  swiftLanguageModes: [.v6]
)
