// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
//
// The measurements of the audit's cost: a separate package, so that its dependencies stay out of
// the graph of the library's users. With its default trait the audited types exist in release
// builds; without it they are the plain ones.

import PackageDescription

let swiftSettings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

let audited = Target.Dependency.product(name: "AuditedCollections", package: "swift-access-audit")

/// One folder of loops, compiled once for each key and subject: the folders named here are links to
/// it. Equal text measures the same operations, and a debug build runs code fast only when it is
/// not generic.
func loops(_ key: String, _ subject: String) -> Target {
  .target(
    name: "\(key)\(subject)Loops",
    dependencies: ["LoopInterface", "CMeasurement"] + (subject == "Audited" ? [audited] : []),
    path: "Sources/Loops/\(key)\(subject)",
    swiftSettings: swiftSettings + [.define("KEY_\(key.uppercased())"), .define("SUBJECT_\(subject.uppercased())")])
}

/// The small applications, likewise.
func applications(_ subject: String) -> Target {
  .target(
    name: "\(subject)Applications", dependencies: ["LoopInterface"] + (subject == "Audited" ? [audited] : []),
    path: "Sources/Applications/\(subject)",
    swiftSettings: swiftSettings + [.define("SUBJECT_\(subject.uppercased())")])
}

/// A program that makes one access.
func startUp(_ subject: String) -> Target {
  .executableTarget(
    name: "start-up-\(subject.lowercased())", dependencies: subject == "Audited" ? [audited] : [],
    path: "Sources/StartUp/\(subject)",
    swiftSettings: swiftSettings + [.define("SUBJECT_\(subject.uppercased())")])
}

let allApplications = [applications("Plain"), applications("Audited")]
let allLoops: [Target] = ["Int", "String", "Struct"].flatMap { [loops($0, "Plain"), loops($0, "Audited")] }
let allLoopDependencies: [Target.Dependency] = allLoops.map { .target(name: $0.name) }

/// The same loops as benchmarks of a benchmark package. The scripts leave them out, because its
/// sources would be fetched and its plugin's tools built with everything else.
let withBenchmarks = Context.environment["PERFORMANCE_WITHOUT_BENCHMARKS"] == nil
let benchmarkPackages: [Package.Dependency] =
  withBenchmarks ? [.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])] : []
let benchmarks: [Target] =
  withBenchmarks
  ? [
    .executableTarget(
      name: "AccessCost",
      dependencies: allLoopDependencies + [
        audited, "LoopInterface", .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/AccessCost", swiftSettings: swiftSettings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ] : []

let package = Package(
  name: "access-audit-performance",
  traits: [
    .trait(name: "AuditInRelease", description: "Keeps the audited types in release builds."),
    .default(enabledTraits: ["AuditInRelease"]),
  ],
  dependencies: [
    .package(
      name: "swift-access-audit", path: "../..",
      traits: [.trait(name: "AuditInRelease", condition: .when(traits: ["AuditInRelease"]))])
  ] + benchmarkPackages,
  targets: [
    .target(name: "CMeasurement"),
    .target(name: "LoopInterface", dependencies: ["CMeasurement"], swiftSettings: swiftSettings),
    .executableTarget(
      name: "instruction-loops", dependencies: allLoopDependencies + [audited, "LoopInterface", "CMeasurement"],
      swiftSettings: swiftSettings),
    .executableTarget(name: "performance-results", swiftSettings: swiftSettings),
    .executableTarget(
      name: "access-cost",
      dependencies: allLoopDependencies + [
        audited, "LoopInterface", "CMeasurement", "PlainApplications", "AuditedApplications",
      ],
      swiftSettings: swiftSettings),
  ] + allLoops + allApplications + [startUp("Plain"), startUp("Audited")] + benchmarks,
  swiftLanguageModes: [.v6]
)
