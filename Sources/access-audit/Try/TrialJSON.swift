// SPDX-License-Identifier: Apache-2.0
//
// The result of a trial as JSON: what `show --format json` writes, which `show` and `diff` read,
// and one more key with everything else of the page.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import AccessReports

enum TrialJSON {
  static func text(_ result: TrialResult) -> String {
    JSONValue.object([
      ("schema", .string(MergedReports.schemaName)),
      ("violations", .array(result.races.map(MergedJSON.value))),
      ("trial", trial(result)),
    ]).text() + "\n"
  }

  private static func trial(_ result: TrialResult) -> JSONValue {
    .object([
      ("schema", .string("access-audit-trial/1")), ("exitStatus", .integer(Int64(result.exitStatus))),
      ("ownStatus", .integer(Int64(result.ownStatus))), ("rounds", .integer(Int64(result.rounds))),
      ("known", .array(result.known.map(MergedJSON.value))), ("suspects", HuntSummary.suspects(result.plan)),
      ("variables", .array(result.variables.map(variable))), ("tests", tests(result.tests)),
      ("milliseconds", milliseconds(result.seconds)),
      ("stages", .array(result.stages.map(stage))),
    ])
  }

  private static func stage(_ stage: StageLog.Stage) -> JSONValue {
    .object([
      ("name", .string(stage.name)), ("milliseconds", milliseconds(stage.seconds)),
      ("processorMilliseconds", milliseconds(stage.processorSeconds)),
    ])
  }

  private static func variable(_ variable: InstrumentedVariable) -> JSONValue {
    .object([
      ("symbol", .string(variable.symbol)), ("file", .string(variable.path)),
      ("line", .integer(Int64(variable.line))), ("form", .string(variable.form.rawValue)),
      ("reason", JSONValue(variable.reason)),
    ])
  }

  private static func tests(_ tally: TestTally?) -> JSONValue {
    guard let tally else { return JSONValue(String?.none) }
    return .object([
      ("count", .integer(Int64(tally.tests))), ("failed", .array(tally.failed.sorted().map { .string($0) })),
    ])
  }

  private static func milliseconds(_ seconds: Double) -> JSONValue { .integer(Int64(seconds * 1_000)) }
}
#endif
