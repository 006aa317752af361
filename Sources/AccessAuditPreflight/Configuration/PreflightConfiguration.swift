// SPDX-License-Identifier: Apache-2.0
//
// What the key `preflight` of `.access-audit.yml` says of the stages. Values only; another file
// reads them.

#if Scanner && canImport(Glibc)

package struct PreflightConfiguration: Sendable, Equatable {
  /// The stages to go through, in this order.
  package var stages = Stage.allCases
  package var build = Build()
  package var tests = Tests()
  package var canary: Canary?
  package var observability: Observability?
  package var consequences = Consequences()
  /// Files that the results are written to, by form.
  package var reports: [ChecklistForm: String] = [:]

  package init() {}

  /// What is built, and what is expected of it.
  package struct Build: Sendable, Equatable {
    package enum Audit: String, Sendable, CaseIterable {
      /// The program is to be audited: a debug build, or one with the trait `AuditInRelease`.
      case compiledIn = "in"
      /// The program is to carry nothing of the audit.
      case compiledOut = "out"
    }

    package var products: [String] = []
    package var configuration = "debug"
    /// More arguments for `swift build`.
    package var arguments: [String] = []
    package var audit = Audit.compiledIn
    /// Files and folders with symbols that were moved out of the programs.
    package var symbols: [String] = []
    /// The root folder of the image that the program will run in.
    package var image = "/"

    package init() {}
  }

  /// How the tests are run.
  package struct Tests: Sendable, Equatable {
    package enum Mode: String, Sendable, CaseIterable {
      /// `access-audit try`: the audit is put into a copy.
      case trial = "try"
      /// `access-audit run`: the package has the audit.
      case run
    }

    /// Without one: `run` for a package that depends on this one, else `try`.
    package var mode: Mode?
    package var rounds = 3
    package var onViolation = "shield"
    package var baseline: String?
    package var suppressions: String?
    /// Arguments for `swift test`.
    package var arguments: [String] = []
    /// Arguments for `swift build` and `swift test`.
    package var buildArguments: [String] = []

    package init() {}
  }

  /// A program that is started, put under load, and stopped.
  package struct Canary: Sendable, Equatable {
    package var program: [String]
    package var environment: [String: String] = [:]
    /// An address that answers with a status below 400 when the program is ready.
    package var ready: String?
    package var readySeconds = 30.0
    package var load: [String] = []
    package var stopSeconds = 20.0
    /// More options of `ACCESS_AUDIT`.
    package var options = ""
    package var baseline: String?
    package var suppressions: String?

    package init(program: [String]) { self.program = program }
  }

  /// What the metrics and the alert rules must have.
  package struct Observability: Sendable, Equatable {
    /// The address of the metrics.
    package var metrics: String?
    /// Series that must be there beside the audit's: a name, with labels in braces where they
    /// matter.
    package var series: [String] = []
    /// Whether the audit's own series must be there.
    package var requiresAudit = true
    package var rules: [String] = []
    package var ruleTests: [String] = []
    package var alertmanagerConfiguration: String?

    package init() {}
  }

  /// Where consequences go. They happen only when the command line asks for them.
  package struct Consequences: Sendable, Equatable {
    package var silence: Silence?
    package var pagerDuty: PagerDuty?

    package init() {}
  }

  package struct Silence: Sendable, Equatable {
    /// The address of an Alertmanager.
    package var alertmanager: String
    /// `name=value`, `name!=value`, `name=~expression`, `name!~expression`.
    package var matchers = ["alertname=~AccessAudit(Absent|DetectorStalled|DetectorAbsent|RecordsLost)"]
    package var minutes = 30
    package var comment = "deployment"
    /// The environment variable with a bearer token.
    package var tokenVariable = "ALERTMANAGER_TOKEN"

    package init(alertmanager: String) { self.alertmanager = alertmanager }
  }

  package struct PagerDuty: Sendable, Equatable {
    package var url = "https://events.pagerduty.com/v2/enqueue"
    /// The environment variable with the routing key.
    package var keyVariable = "PAGERDUTY_ROUTING_KEY"
    package var severity = Severity.error
    package var source: String?

    package enum Severity: String, Sendable, CaseIterable {
      case critical
      case error
      case warning
      case info
    }

    package init() {}
  }
}

#endif
