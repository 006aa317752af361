// SPDX-License-Identifier: Apache-2.0
//
// The configuration file and the baseline: accepted and rejected texts, and the effect on a report.

#if Scanner
import AccessAuditScanner
import Testing

@Suite struct ConfigurationTests {
  @Test func readsEveryKey() throws {
    let configuration = try ScanConfiguration(
      yaml: """
        include:
          - Sources
        exclude: [Generated, "*.pb.swift"]
        fail-on: error
        baseline: known.json
        rules:
          mutable-global: off
          two-guards: note
        """, path: "c.yml")
    #expect(configuration.include == ["Sources"])
    #expect(configuration.exclude == ["Generated", "*.pb.swift"])
    #expect(configuration.failOn == .error)
    #expect(configuration.baseline == "known.json")
    let expected: [String: Severity?] = ["mutable-global": nil, "two-guards": .note]
    #expect(configuration.severities == expected)
    #expect(configuration.excludes("Generated/A.swift"))
    #expect(configuration.excludes("Sources/X/a.pb.swift"))
    #expect(!configuration.excludes("Sources/Generated.swift"))
  }

  @Test func emptyFileIsTheDefault() throws {
    #expect(try ScanConfiguration(yaml: "", path: "c.yml") == ScanConfiguration())
    #expect(try ScanConfiguration(yaml: "# nothing\n", path: "c.yml") == ScanConfiguration())
  }

  @Test(arguments: [
    ("incldue: [Sources]", 1, "unknown key 'incldue'"),
    ("rules:\n  no-such-rule: off", 2, "unknown rule 'no-such-rule'"),
    ("rules:\n  two-guards: loud", 2, "unknown severity 'loud'"),
    ("rules: off", 1, "'rules' must map"),
    ("include: Sources", 1, "expected a list"),
    ("exclude:\n  - [a]", 2, "expected a path"),
    ("fail-on: never", 1, "unknown severity 'never'"),
    ("baseline: [a]", 1, "'baseline' must be a path"),
    ("- a\n- b", 1, "must be a mapping"),
    ("include: [Sources", 1, "not valid YAML"),
    ("a: b: c", 1, "not valid YAML"),
  ])
  func refuses(yaml: String, line: Int, message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try ScanConfiguration(yaml: yaml, path: "c.yml") }
    #expect(error.path == "c.yml")
    #expect(error.message.contains(message), "\(error)")
    if !message.contains("YAML") { #expect(error.line == line, "\(error)") }
  }

  @Test func severitiesAreApplied() throws {
    let text = "var a: [Int] = []\nfunc f() { a.append(1) }"
    for (setting, expected) in [("off", []), ("note", [Severity.note]), ("error", [.error])] {
      var report = scan(text)
      try ScanConfiguration(yaml: "rules: {mutable-global: \(setting)}", path: "c.yml").apply(to: &report)
      #expect(report.findings.map(\.severity) == expected)
    }
  }

  @Test func baselineHidesWhatItKnowsAndNothingElse() throws {
    let one = "var a: [Int] = []\nfunc f() { a.append(1) }\n"
    let baseline = Baseline(of: scan(one))
    #expect(baseline.findings.map(\.symbol) == ["a"])
    var both = scan("\n\n" + one + "var b: [Int] = []\nfunc g() { b.append(1) }\n")
    #expect(baseline.apply(to: &both).isEmpty)
    #expect(both.active.map(\.symbol) == ["b"])
    #expect(both.findings.first { $0.symbol == "a" }?.suppression == .baseline)
    var none = scan("let a = 1\n")
    #expect(baseline.apply(to: &none).map(\.symbol) == ["a"], "an entry that matches nothing is named")
  }

  @Test func baselineFileIsReadBackAndOthersAreRefused() throws {
    let directory = try TemporaryDirectory()
    let baseline = Baseline(of: scan("var a: [Int] = []\nfunc f() { a.append(1) }\n"))
    try directory.write(baseline.encoded(), "b.json")
    #expect(try Baseline(contentsOf: directory.path + "/b.json") == baseline)
    try directory.write("{\"schema\": \"access-audit-baseline/9\", \"findings\": []}", "c.json")
    #expect(throws: ConfigurationError.self) { try Baseline(contentsOf: directory.path + "/c.json") }
    #expect(throws: ConfigurationError.self) { try Baseline(contentsOf: directory.path + "/none.json") }
  }
}
#endif
