// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// The measurements of the remedies: a separate package, so that its dependencies stay out of the
// graph of the library's users.

import PackageDescription

let package = Package(
  name: "remedies-performance",
  dependencies: [
    .package(name: "swift-access-audit", path: "../../.."),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
  ],
  targets: [
    .target(name: "CAllocation"),
    .executableTarget(
      name: "RemediesBenchmark",
      dependencies: [
        "CAllocation",
        .product(name: "ConcurrentCollections", package: "swift-access-audit"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
