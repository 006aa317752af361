// SPDX-License-Identifier: Apache-2.0
//
// The key `preflight` of the configuration file: what it says, and what is wrong with it.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import AccessAuditScanner
import Testing

@Suite struct PreflightConfigurationTests {
  private func read(_ yaml: String) throws -> PreflightConfiguration {
    _ = try ScanConfiguration(yaml: yaml, path: "c.yml")
    return try PreflightConfiguration(yaml: yaml, path: "c.yml")
  }

  @Test func everythingIsRead() throws {
    let configuration = try read(
      """
      include: [Sources]
      preflight:
        stages: [tests, sources]
        build:
          products: shop
          configuration: release
          arguments: [--traits, Audited]
          audit: out
          symbols: [debug]
          image: rootfs
        tests:
          mode: run
          rounds: 5
          on-violation: report
          baseline: known.json
          suppressions: races.supp
          arguments: [--filter, Cache]
          build-arguments: [--traits=A]
        canary:
          program: [.build/debug/shop, --port, 8080]
          environment: {LOG: debug, COUNT: 3}
          ready: http://127.0.0.1:8080/health
          ready-seconds: 2.5
          load: hey -n 100 http://127.0.0.1:8080/
          stop-seconds: 4
          options: history_size=64
          baseline: known.json
        observability:
          metrics: http://127.0.0.1:8080/metrics
          series: ['up{job="shop"}', requests_total]
          audit-series: no
          rules: [alerts.yml]
          rule-tests: [alerts_test.yml]
          alertmanager-config: alertmanager.yml
        consequences:
          silence: {alertmanager: 'https://alerts.example.org/', matchers: [job=shop, 'alertname=~A.*'], minutes: 10}
          pagerduty: {severity: critical, source: ci, key-variable: KEY}
        reports: {junit: preflight.xml}

      """)
    #expect(configuration.stages == [.tests, .sources])
    #expect(configuration.build.products == ["shop"] && configuration.build.audit == .compiledOut)
    #expect(configuration.tests.mode == .run && configuration.tests.rounds == 5)
    #expect(configuration.canary?.program == [".build/debug/shop", "--port", "8080"])
    #expect(configuration.canary?.environment == ["LOG": "debug", "COUNT": "3"])
    #expect(configuration.canary?.load == ["/bin/sh", "-c", "hey -n 100 http://127.0.0.1:8080/"])
    #expect(configuration.canary?.readySeconds == 2.5)
    #expect(configuration.observability?.requiresAudit == false)
    #expect(configuration.consequences.silence?.minutes == 10)
    #expect(configuration.consequences.pagerDuty?.severity == .critical)
    #expect(configuration.reports == [.junit: "preflight.xml"])
  }

  @Test func withoutTheKeyTheDefaultsHold() throws {
    #expect(try read("include: [Sources]\n") == PreflightConfiguration())
    #expect(try read("") == PreflightConfiguration())
    #expect(PreflightConfiguration().stages == Stage.allCases)
  }

  @Test(arguments: [
    ("preflight: [a]\n", "c.yml:1: 'preflight' must be a mapping"),
    ("preflight:\n  stage: x\n", "c.yml:2: unknown key 'stage' in 'preflight'"),
    ("preflight:\n  stages: [sources, deploy]\n", "c.yml:2: unknown stage 'deploy'"),
    ("preflight:\n  stages: [tests, tests]\n", "must name each stage once"),
    ("preflight:\n  build:\n    audit: maybe\n", "c.yml:3: 'audit' must be one of: in, out; not 'maybe'"),
    ("preflight:\n  tests:\n    rounds: 0\n", "c.yml:3: 'rounds' must be a whole number between 1 and 100"),
    ("preflight:\n  tests:\n    on-violation: halt\n", "must be report or shield"),
    ("preflight:\n  canary:\n    load: [a]\n", "'canary' needs 'program'"),
    ("preflight:\n  canary:\n    program: [a]\n    ready: localhost\n", "must be an address"),
    ("preflight:\n  observability:\n    series: ['a{b}']\n", "'a{b}' is no series"),
    (
      "preflight:\n  consequences:\n    silence: {alertmanager: 'http://u:p@h/'}\n",
      "secrets belong in the environment"
    ),
    (
      "preflight:\n  consequences:\n    silence: {alertmanager: 'http://h', matchers: [job=]}\n", "'job=' is no matcher"
    ),
    ("preflight:\n  reports: {pdf: a}\n", "unknown key 'pdf' in 'reports'"),
  ])
  func whatIsWrongIsSaidWithItsLine(_ yaml: String, _ message: String) {
    #expect { try read(yaml) } throws: { "\($0)".contains(message) }
  }

  @Test func commandsAreShownAsShellsReadThem() {
    #expect(Command(["a", "b c", "it's", ""]).text == #"a 'b c' 'it'\''s' ''"#)
    #expect(Command(["a"], environment: ["X": "1 2"]).text == "X='1 2' a")
  }
}
#endif
