// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
//
// The incident of a payment service, on a real server: see `play`. A package of its own, so that
// nobody who depends on this one gets a web server into the graph.

import PackageDescription

let package = Package(
  name: "PaymentService",
  dependencies: [
    // The audited types stay in the release build, as in a canary.
    .package(name: "swift-access-audit", path: "../..", traits: ["AuditInRelease"]),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
  ],
  targets: [
    .executableTarget(
      name: "PaymentService",
      dependencies: [
        .product(name: "AuditedCollections", package: "swift-access-audit"),
        .product(name: "ConcurrentCollections", package: "swift-access-audit"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "PaymentClient",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
