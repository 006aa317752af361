// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// Audited types in a plug-in's tool, which is built for the host, in the module that its output is
// compiled into, and in the tests of both.

import PackageDescription

let audited: Target.Dependency = .product(name: "AuditedCollections", package: "swift-access-audit")

let package = Package(
  name: "lists",
  dependencies: [.package(name: "swift-access-audit", path: "../../../..")],
  targets: [
    .target(name: "WordLists", dependencies: [audited]),
    .executableTarget(name: "list-writer", dependencies: ["WordLists"]),
    .plugin(name: "ListWriter", capability: .buildTool(), dependencies: ["list-writer"]),
    .target(name: "Lists", dependencies: [audited], exclude: ["words.txt"], plugins: ["ListWriter"]),
    .testTarget(
      name: "ListsTests",
      dependencies: [
        "Lists", "WordLists", audited, .product(name: "AccessAuditTesting", package: "swift-access-audit"),
      ]),
  ]
)
