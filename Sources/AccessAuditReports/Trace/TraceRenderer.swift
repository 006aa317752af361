// SPDX-License-Identifier: Apache-2.0
//
// Violations in the Trace Event Format that Chrome's and Perfetto's viewers read: microseconds, a
// track for each thread, an arrow between the two parties. Formats; looks nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms
internal import FoundationEssentials

enum TraceRenderer {
  /// Between two accesses of one tick of the clock, where only the order is known.
  private static let step = 20.0
  /// An access whose length is not known.
  private static let shortLength = 10.0

  static func render(_ violations: [MergedViolation]) -> String {
    let moments = violations.map { microseconds($0.report.process.time) }
    let origin = (moments.min() ?? 0) - 10_000_000
    let events = zip(violations, moments).enumerated().flatMap { index, pair in
      Self.events(pair.0, number: index + 1, seen: pair.1 - origin)
    }
    return JSONValue.object([
      ("traceEvents", .array(events)), ("displayTimeUnit", .string("ms")),
      (
        "otherData",
        .object([
          ("tool", .string("AccessAudit")),
          ("note", .string("Within a tick of 10 ms the order of accesses is known, their distance is not.")),
        ])
      ),
    ]).text() + "\n"
  }

  /// The events of one violation. Each is a process of its own to the viewer, so that no two
  /// violations share a track.
  private static func events(_ merged: MergedViolation, number: Int, seen: Double) -> [JSONValue] {
    let violation = merged.report
    let timeline = AccessTimeline(violation)
    let starts = Self.starts(timeline, seen: seen)
    let overlapEnd = (starts.last ?? seen) + length(violation)
    var events = [
      metadata("process_name", number, 0, "name", .string("\(violation.message) (pid \(violation.process.pid))")),
      metadata("process_sort_index", number, 0, "sort_index", JSONValue(number)),
    ]
    for (index, thread) in timeline.threads.enumerated() {
      events.append(metadata("thread_name", number, id(thread), "name", .string(name(thread))))
      events.append(metadata("thread_sort_index", number, id(thread), "sort_index", JSONValue(index)))
    }
    for (bar, start) in zip(timeline.bars, starts) {
      let end =
        bar.role == nil ? start + shortLength : bar.end == timeline.columns ? overlapEnd : overlapEnd - shortLength / 2
      events.append(slice(bar, violation, number, start: start, length: max(1, end - start)))
    }
    if let begin = zip(timeline.bars, starts).filter({ $0.0.role != nil }).map(\.1).max() {
      for (phase, role) in [("s", Violation.Role.conflicting), ("f", .detected)] {
        guard let bar = timeline.bars.first(where: { $0.role == role }) else { continue }
        events.append(flow(phase, merged, number, thread: bar.thread, at: begin))
      }
    }
    return events
  }

  /// When each bar begins: never before the one to its left, never later than its age allows where
  /// that is possible.
  private static func starts(_ timeline: AccessTimeline, seen: Double) -> [Double] {
    var starts: [Double] = []
    let newest = timeline.bars.compactMap(\.ageMilliseconds).min() ?? 0
    for (index, bar) in timeline.bars.enumerated() {
      let place = Double(index - timeline.bars.count + 1) * step
      let age = Double((bar.ageMilliseconds ?? newest) - newest) * 1_000
      starts.append(max((starts.last ?? -.infinity) + step, seen - age + place))
    }
    return starts
  }

  private static func length(_ violation: Violation) -> Double {
    let nanoseconds = violation.overlap?.atLeastNanoseconds ?? violation.overlap?.atMostNanoseconds
    return max(step, Double(nanoseconds ?? 0) / 1_000)
  }

  private static func slice(
    _ bar: AccessTimeline.Bar, _ violation: Violation, _ process: Int, start: Double, length: Double
  ) -> JSONValue {
    let access = violation.accesses.first { $0.role == bar.role }
    let frames = access?.stack.filter { !$0.isHidden } ?? bar.frame.map { [$0] } ?? []
    let stack = frames.map { frame in
      let place = frame.file.flatMap { file in frame.line.map { " \(PathNames.display(file, strip: "")):\($0)" } }
      return "\(frame.symbol ?? frame.address)\(place ?? "")\(frame.isAwaiting ? " [awaiting]" : "")"
    }
    return .object([
      ("name", .string("\(bar.writing ? "write" : "read") \(bar.operation?.rawValue ?? "unknown")")),
      ("cat", .string(bar.role == nil ? "access" : "violation")), ("ph", .string("X")),
      ("ts", .integer(Int64(start))), ("dur", .integer(Int64(length))), ("pid", JSONValue(process)),
      ("tid", JSONValue(id(bar.thread))),
      (
        "args",
        .object([
          ("role", JSONValue(bar.role?.rawValue)), ("collection", .string(violation.container.type)),
          ("label", JSONValue(violation.container.label)), ("stack", .string(stack.joined(separator: "\n"))),
        ])
      ),
    ])
  }

  private static func flow(
    _ phase: String, _ merged: MergedViolation, _ process: Int, thread: Violation.ThreadDescription?, at time: Double
  ) -> JSONValue {
    .object([
      ("name", .string(merged.report.message)), ("cat", .string("violation")), ("ph", .string(phase)),
      ("id", JSONValue(process)), ("bp", phase == "f" ? .string("e") : .null), ("ts", .integer(Int64(time))),
      ("pid", JSONValue(process)), ("tid", JSONValue(id(thread))),
    ])
  }

  private static func metadata(
    _ name: String, _ process: Int, _ thread: Int, _ key: String, _ value: JSONValue
  ) -> JSONValue {
    .object([
      ("name", .string(name)), ("ph", .string("M")), ("pid", JSONValue(process)), ("tid", JSONValue(thread)),
      ("args", .object([(key, value)])),
    ])
  }

  /// The unknown thread is 0.
  private static func id(_ thread: Violation.ThreadDescription?) -> Int { Int(thread?.id ?? 0) }

  private static func name(_ thread: Violation.ThreadDescription?) -> String {
    thread.map { $0.name ?? "thread \($0.id)" } ?? "unknown thread"
  }

  /// Microseconds since 1970 of an ISO 8601 time with milliseconds; 0 of anything else.
  static func microseconds(_ time: String) -> Double {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    guard let date = try? style.parse(time) else { return 0 }
    return (date.timeIntervalSince1970 * 1_000).rounded() * 1_000
  }
}

#endif
