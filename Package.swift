// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
//
// The manifest. The default trait set is empty and a package that depends on a library product of
// this one resolves nothing else: every dependency below is used only under a trait.

import PackageDescription

/// `ACCESS_AUDIT_PLATFORM=other` builds what other platforms than Linux get, on Linux, to test it.
let isLinux = Context.environment["ACCESS_AUDIT_PLATFORM"] != "other"

/// The builds that audit. Everywhere else the audited types are the plain ones, and every file of
/// the engine is empty.
let auditedBuilds: [BuildSettingCondition] =
  isLinux
  ? [.when(platforms: [.linux], configuration: .debug), .when(platforms: [.linux], traits: ["AuditInRelease"])] : []

/// The builds that read and write reports: those, and the command-line tool's.
let reportingBuilds = auditedBuilds + (isLinux ? [.when(platforms: [.linux], traits: ["ReportTools"])] : [])

/// What Swift sources ask to know the build: `AUDITED`, `REPORTS`, `ON_LINUX`. The C
/// library has to be GNU's as well, which the manifest cannot see: `canImport(Glibc)`.
let conditions: [SwiftSetting] =
  auditedBuilds.map { .define("AUDITED", $0) } + reportingBuilds.map { .define("REPORTS", $0) }
  + (isLinux ? [.define("ON_LINUX", .when(platforms: [.linux]))] : [])

/// The same for C sources.
let cSettings: [CSetting] =
  auditedBuilds.map { .define("AUDITED", $0) } + reportingBuilds.map { .define("REPORTS", $0) }
  + (isLinux ? [.define("ON_LINUX", .when(platforms: [.linux]))] : [])

/// libunwind, for the builds that audit. Neither a system library target nor its pkg-config file
/// can be had for some builds only, and every build of every user would ask for them.
let unwindSettings: [LinkerSetting] = auditedBuilds.flatMap { build in
  ["unwind-generic", "unwind"].map { .linkedLibrary($0, build) }
}

/// The settings of every Swift target.
let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + conditions

let package = Package(
  name: "swift-access-audit",
  products: [
    .library(name: "AuditedCollections", targets: ["AuditedCollections"]),
    .library(name: "AuditedCollectionsFoundation", targets: ["AuditedCollectionsFoundation"]),
    .library(name: "AccessAudit", targets: ["AccessAudit"]),
    .library(name: "AccessAuditTesting", targets: ["AccessAuditTesting"]),
    .library(name: "ConcurrentCollections", targets: ["ConcurrentCollections"]),
    .library(name: "AccessAuditLogging", targets: ["AccessAuditLogging"]),
    .library(name: "AccessAuditMetrics", targets: ["AccessAuditMetrics"]),
    .executable(name: "access-audit", targets: ["access-audit"]),
    .executable(name: "access-audit-load", targets: ["access-audit-load"]),
    .plugin(name: "AccessAuditScan", targets: ["AccessAuditScan"]),
  ],
  traits: [
    .trait(
      name: "AuditInRelease",
      description: "Keeps the audited types in release builds; without it they are the plain collections there."),
    .trait(
      name: "Tools", description: "Builds the access-audit command-line tool with all its parts.",
      enabledTraits: ["ReportTools", "Scanner"]),
    .trait(
      name: "ReportTools",
      description:
        "Builds the load lab, and the tool's parts without swift-syntax: run, show, diff, traffic, advise, load, diagnostics."
    ),
    .trait(
      name: "Scanner", description: "Builds the source scanner, and the tool's parts for sources: scan, instrument.",
      enabledTraits: ["ReportTools"]),
    .trait(name: "Metrics", description: "Adds the bridge to swift-metrics."),
    .trait(name: "Logging", description: "Adds the bridge to swift-log."),
    .default(enabledTraits: []),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // The layers of the engine. Each uses only what stands above it here: no call goes the other
    // way.
    .target(name: "AccessTerms", swiftSettings: swiftSettings),
    .target(name: "CAccessRecorder", cSettings: cSettings, linkerSettings: unwindSettings),
    .target(name: "AccessRecorder", dependencies: ["CAccessRecorder", "AccessTerms"], swiftSettings: swiftSettings),
    .target(
      name: "AccessWindows", dependencies: ["AccessRecorder", "CAccessRecorder", "AccessTerms"],
      swiftSettings: swiftSettings),
    .target(name: "CAccessSymbols", cSettings: cSettings),
    .target(name: "AccessReports", dependencies: ["CAccessSymbols", "AccessTerms"], swiftSettings: swiftSettings),
    .target(
      name: "AccessDetector",
      dependencies: ["AccessReports", "AccessWindows", "AccessRecorder", "CAccessRecorder", "AccessTerms"],
      swiftSettings: swiftSettings),
    .target(
      name: "AccessAudit",
      dependencies: [
        "AccessDetector", "AccessReports", "AccessWindows", "AccessRecorder", "CAccessRecorder", "AccessTerms",
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "AuditedCollections", dependencies: ["AccessAudit"],
      // `AuditedArray.span` lends memory that must not outlive the access.
      swiftSettings: swiftSettings + [.enableExperimentalFeature("Lifetimes")]),
    .target(
      name: "AuditedCollectionsFoundation", dependencies: ["AuditedCollections"], swiftSettings: swiftSettings),
    .target(name: "BaselineTerms", swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditReports", dependencies: ["AccessReports", "AccessTerms", "BaselineTerms"],
      swiftSettings: swiftSettings),
    // Without the engine: reads what a program has recorded.
    .target(name: "AccessTraffic", dependencies: ["AccessTerms"], swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditLogging",
      dependencies: [
        "AccessAudit", .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Logging"])),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditMetrics",
      dependencies: [
        "AccessAudit", .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditInterleaving", dependencies: ["AccessAudit", "CAccessRecorder"], swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditTesting", dependencies: ["AccessAudit", "AccessAuditInterleaving"], swiftSettings: swiftSettings
    ),
    .target(
      name: "ConcurrentCollections",
      dependencies: [
        .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"]))
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ConcurrentCollectionsTests",
      dependencies: [
        "ConcurrentCollections", "TestSupport",
        .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
      ],
      path: "Tests/Targets/ConcurrentCollectionsTests",
      swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditScanner",
      dependencies: [
        "BaselineTerms",
        .product(name: "SwiftSyntax", package: "swift-syntax", condition: .when(traits: ["Scanner"])),
        .product(name: "SwiftParser", package: "swift-syntax", condition: .when(traits: ["Scanner"])),
        .product(name: "Yams", package: "Yams", condition: .when(traits: ["Scanner"])),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditOverlay",
      dependencies: [
        "AccessAuditScanner", "CProcessSupport",
        .product(name: "SwiftSyntax", package: "swift-syntax", condition: .when(traits: ["Scanner"])),
        .product(name: "SwiftParser", package: "swift-syntax", condition: .when(traits: ["Scanner"])),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "AccessAuditPreflight",
      dependencies: [
        "AccessAuditOverlay", "AccessAuditReports", "AccessAuditScanner", "AccessReports", "AccessTerms",
        "BaselineTerms",
        .product(name: "Yams", package: "Yams", condition: .when(traits: ["Scanner"])),
      ],
      swiftSettings: swiftSettings),
    .target(name: "CProcessSupport"),
    // Without the engine: the tool reads reports, and makes no audited access.
    .executableTarget(
      name: "access-audit",
      dependencies: [
        "AccessAuditReports",
        "AccessReports",
        "AccessTerms",
        "AccessTraffic",
        "CProcessSupport",
        "AccessAuditScanner",
        "AccessAuditOverlay",
        "AccessAuditPreflight",
        "BaselineTerms",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["ReportTools"])),
      ],
      swiftSettings: swiftSettings),
    // The load lab: audited accesses are what it measures, so it has the engine.
    .executableTarget(
      name: "access-audit-load",
      dependencies: [
        "AccessAudit", "AccessTerms", "AccessTraffic", "AuditedCollections", "CProcessSupport", "ConcurrentCollections",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["ReportTools"])),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(name: "word-count", dependencies: ["AuditedCollections"], path: "Examples/WordCount"),
    .executableTarget(
      name: "order-cache", dependencies: ["AuditedCollections", "ConcurrentCollections"], path: "Examples/OrderCache"),
    .executableTarget(
      name: "hunt-programs", dependencies: ["AuditedCollections"], path: "Tests/Benchmarks/HuntPrograms"),
    .executableTarget(
      name: "pool-wait", dependencies: ["ConcurrentCollections"], path: "Tests/Benchmarks/PoolWait",
      swiftSettings: swiftSettings),
    .target(name: "CxxExceptions", path: "Tests/Fixtures/CxxExceptions"),
    .target(name: "TestSupport", path: "Tests/Targets/TestSupport", swiftSettings: swiftSettings),
    .executableTarget(
      name: "collection-surface", path: "Tests/Fixtures/API",
      exclude: ["generate", "array.txt", "dictionary.txt", "exceptions.txt", "expressions.txt", "set.txt"]),
    .executableTarget(
      name: "race-programs",
      dependencies: ["AuditedCollections", "AccessAuditInterleaving", "ConcurrentCollections", "CxxExceptions"],
      path: "Tests/Fixtures/RacePrograms", swiftSettings: conditions),
    .executableTarget(name: "thread-stopper", path: "Tests/Fixtures/ThreadStopper"),
    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "AccessAudit", "AuditedCollectionsFoundation", "race-programs", "word-count", "collection-surface",
        "thread-stopper",
      ],
      path: "Tests/Targets/ProgramTests",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "AccessAuditReportsTests",
      dependencies: ["AccessAuditReports", "AccessReports", "AccessTerms", "access-audit", "race-programs"],
      path: "Tests/Targets/AccessAuditReportsTests",
      exclude: ["Golden"], swiftSettings: swiftSettings),
    .testTarget(
      name: "AccessTrafficTests",
      dependencies: ["AccessTraffic", "AccessTerms", "access-audit", "access-audit-load", "race-programs"],
      path: "Tests/Targets/AccessTrafficTests", swiftSettings: swiftSettings),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "AccessAuditLogging", "AccessAuditMetrics",
        .product(name: "InMemoryLogging", package: "swift-log", condition: .when(traits: ["Logging"])),
        .product(name: "MetricsTestKit", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
      ],
      path: "Tests/Targets/IntegrationTests",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "AccessAuditTestingTests",
      dependencies: [
        "AccessAuditTesting", "AuditedCollections", "AccessDetector", "AccessReports", "AccessWindows", "AccessTerms",
      ],
      path: "Tests/Targets/AccessAuditTestingTests",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "AccessAuditTests",
      dependencies: [
        "AccessAudit", "AccessDetector", "AccessReports", "AccessWindows", "AccessRecorder", "CAccessRecorder",
        "CAccessSymbols", "AccessTerms", "CxxExceptions", "TestSupport",
      ],
      path: "Tests/Targets/AccessAuditTests",
      exclude: ["SymbolFiles"], swiftSettings: swiftSettings),
    .testTarget(
      name: "AuditedCollectionsTests",
      dependencies: [
        "AuditedCollections", "AuditedCollectionsFoundation", "AccessDetector", "AccessReports", "AccessWindows",
        "AccessRecorder", "CAccessRecorder", "AccessTerms",
      ],
      path: "Tests/Targets/AuditedCollectionsTests",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "AccessAuditScannerTests",
      dependencies: [
        "AccessAuditScanner", "AccessAuditOverlay", "AccessAuditPreflight", "AccessAuditReports", "AccessReports",
        "BaselineTerms", "access-audit", "TestSupport",
      ],
      path: "Tests/Targets/AccessAuditScannerTests",
      swiftSettings: swiftSettings),
    .plugin(
      name: "AccessAuditScan",
      capability: .command(
        intent: .custom(
          verb: "access-audit-scan",
          description: "Scans the package's Swift sources for shared collections that nothing protects.")),
      dependencies: ["access-audit"],
      path: "Sources/AccessAuditScanPlugin"),
  ],
  swiftLanguageModes: [.v6]
)
