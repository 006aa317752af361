// swift-tools-version: 5.9
// SPDX-License-Identifier: Apache-2.0
//
// A small service with five races of different kinds, which knows nothing of the audit.

import PackageDescription

let names = ["Service"]

let package = Package(
  name: "raced-package",
  products: [.library(name: "Service", targets: names)],
  targets: names.map { .target(name: $0) }
    + names.map { .testTarget(name: "\($0)Tests", dependencies: [.byName(name: $0)]) }
)
