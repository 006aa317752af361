// SPDX-License-Identifier: Apache-2.0
//
// The JSON form of a violation, schema "access-audit/1". Formats what the model holds; looks
// nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

package enum JSONRenderer {
  /// The violation as one JSON object that `Violation` can be decoded from, with a final line feed.
  package static func render(_ violation: Violation) -> String { value(violation).text() + "\n" }

  /// The same on one line, with a final line feed: one event for what collects logs.
  package static func line(_ violation: Violation) -> String { value(violation).line() + "\n" }

  /// The violation as a JSON value, to be part of another.
  package static func value(_ violation: Violation) -> JSONValue {
    .object([
      ("schema", .string(violation.schema)),
      // What collects logs looks for these at the top.
      ("time", .string(violation.process.time)), ("level", .string("error")),
      ("host", JSONValue(violation.process.host)), ("service", JSONValue(violation.process.service)),
      ("version", JSONValue(violation.process.version)), ("traceID", JSONValue(violation.detected.traceID)),
      ("kind", .string(violation.kind.rawValue)),
      ("message", .string(violation.message)),
      ("container", container(violation.container)),
      ("accesses", .array(violation.accesses.map(access))),
      ("history", .array(violation.history.map(entry))),
      (
        "losses",
        .object([
          ("records", .unsigned(violation.losses.records)), ("stacks", .unsigned(violation.losses.stacks)),
          ("unrecorded", .unsigned(violation.losses.unrecorded)),
          ("violations", .unsigned(violation.losses.violations)), ("waits", .unsigned(violation.losses.waits)),
        ])
      ),
      (
        "process",
        .object([
          ("pid", .integer(Int64(violation.process.pid))), ("executable", .string(violation.process.executable)),
          ("time", .string(violation.process.time)), ("seed", violation.process.seed.map { .unsigned($0) } ?? .null),
          ("host", JSONValue(violation.process.host)), ("service", JSONValue(violation.process.service)),
          ("version", JSONValue(violation.process.version)),
        ])
      ),
      ("timesSeen", .unsigned(violation.timesSeen)),
      ("overlap", violation.overlap.map(overlap) ?? .null),
      ("traffic", violation.traffic.map(traffic) ?? .null),
      ("next", .object([("text", .string(NextStep(violation).text)), ("page", .string(NextStep(violation).page))])),
      ("images", violation.images.map { .array($0.map(image)) } ?? .null),
    ])
  }

  private static func container(_ container: Violation.Container) -> JSONValue {
    .object([
      ("id", .unsigned(container.id)), ("kind", .string(container.kind.rawValue)),
      ("type", .string(container.type)), ("label", JSONValue(container.label)),
      ("declaration", JSONValue(container.declaration)),
      ("count", JSONValue(container.count)),
      (
        "created",
        container.created.map { created in
          .object([("thread", thread(created.thread)), ("stack", .array(created.stack.map(frame)))])
        } ?? .null
      ),
    ])
  }

  private static func access(_ access: Violation.Access) -> JSONValue {
    .object([
      ("role", .string(access.role.rawValue)), ("thread", access.thread.map(thread) ?? .null),
      ("writing", .bool(access.writing)), ("operation", JSONValue(access.operation?.rawValue)),
      ("inProgress", .bool(access.inProgress)), ("stack", .array(access.stack.map(frame))),
      ("stackLoss", JSONValue(access.stackLoss?.rawValue)),
      (
        "task",
        access.task.map { .object([("id", .unsigned($0.id)), ("name", JSONValue($0.name))]) } ?? .null
      ),
      ("queue", JSONValue(access.queue)), ("traceID", JSONValue(access.traceID)),
      ("excerpt", access.excerpt.map(excerpt) ?? .null),
    ])
  }

  private static func excerpt(_ excerpt: Violation.SourceExcerpt) -> JSONValue {
    .object([
      ("file", .string(excerpt.file)), ("firstLine", JSONValue(excerpt.firstLine)), ("line", JSONValue(excerpt.line)),
      ("column", JSONValue(excerpt.column)), ("lines", .array(excerpt.lines.map { .string($0) })),
    ])
  }

  private static func overlap(_ overlap: Violation.Overlap) -> JSONValue {
    .object([
      ("atLeastNanoseconds", overlap.atLeastNanoseconds.map { .unsigned($0) } ?? .null),
      ("atMostNanoseconds", overlap.atMostNanoseconds.map { .unsigned($0) } ?? .null),
      ("conflictingAgeMilliseconds", JSONValue(overlap.conflictingAgeMilliseconds)),
      ("accessesBetween", JSONValue(overlap.accessesBetween)),
    ])
  }

  private static func image(_ image: Violation.Image) -> JSONValue {
    .object([
      ("name", .string(image.name)), ("path", .string(image.path)), ("buildID", JSONValue(image.buildID)),
      ("begin", .string(image.begin)),
    ])
  }

  private static func traffic(_ traffic: Violation.Traffic) -> JSONValue {
    .object([
      ("reads", .unsigned(traffic.reads)), ("writes", .unsigned(traffic.writes)),
      ("threads", JSONValue(traffic.threads)), ("lifetimeMilliseconds", JSONValue(traffic.lifetimeMilliseconds)),
      ("isLowerBound", .bool(traffic.isLowerBound)),
    ])
  }

  private static func entry(_ entry: Violation.HistoryEntry) -> JSONValue {
    .object([
      ("thread", thread(entry.thread)), ("operation", .string(entry.operation.rawValue)),
      ("writing", .bool(entry.writing)), ("ageMilliseconds", JSONValue(entry.ageMilliseconds)),
      ("frame", entry.frame.map(frame) ?? .null), ("role", JSONValue(entry.role?.rawValue)),
    ])
  }

  private static func thread(_ thread: Violation.ThreadDescription) -> JSONValue {
    .object([("id", .integer(Int64(thread.id))), ("name", JSONValue(thread.name))])
  }

  private static func frame(_ frame: Violation.Frame) -> JSONValue {
    .object([
      ("symbol", JSONValue(frame.symbol)), ("file", JSONValue(frame.file)), ("line", JSONValue(frame.line)),
      ("column", JSONValue(frame.column)), ("image", JSONValue(frame.image)), ("address", .string(frame.address)),
      ("inlined", .bool(frame.inlined)), ("category", .string(frame.category.rawValue)),
      ("awaiting", frame.awaiting.map { .bool($0) } ?? .null), ("offset", JSONValue(frame.offset)),
      ("buildID", JSONValue(frame.buildID)),
    ])
  }
}

#endif
