// SPDX-License-Identifier: Apache-2.0
//
// The checklist as JSON, schema "access-audit-preflight/1"; keys are only ever added.

#if Scanner && canImport(Glibc)

internal import AccessReports

enum JSONChecklist {
  static func render(_ result: PreflightResult) -> String {
    JSONValue.object([
      ("schema", .string("access-audit-preflight/1")), ("package", .string(result.name)),
      ("ready", .bool(result.isReady)), ("exitStatus", .integer(Int64(result.exitStatus))),
      ("milliseconds", milliseconds(result.seconds)), ("stages", .array(result.stages.map(stage))),
    ]).text() + "\n"
  }

  private static func stage(_ stage: StageResult) -> JSONValue {
    .object([
      ("stage", .string(stage.stage.rawValue)), ("verdict", .string(stage.verdict.rawValue)),
      ("exitStatus", .integer(stage.verdict == .failed ? Int64(stage.stage.exitStatus) : 0)),
      ("milliseconds", milliseconds(stage.seconds)), ("summary", .string(stage.summary)),
      ("next", JSONValue(stage.next)), ("command", .string(stage.command)), ("checks", .array(stage.checks.map(check))),
    ])
  }

  private static func check(_ check: Check) -> JSONValue {
    .object([
      ("name", .string(check.name)), ("outcome", .string(check.outcome.rawValue)), ("detail", .string(check.detail)),
      ("next", JSONValue(check.next)), ("file", JSONValue(check.place?.file)), ("line", JSONValue(check.place?.line)),
    ])
  }

  private static func milliseconds(_ seconds: Double) -> JSONValue { .integer(Int64(seconds * 1_000)) }
}

#endif
