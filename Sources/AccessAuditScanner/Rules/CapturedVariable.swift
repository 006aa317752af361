// SPDX-License-Identifier: Apache-2.0
//
// The rule `captured-variable`. It reads only the accesses of one body at a time.

#if Scanner

/// A local variable that is changed by a closure on another thread.
enum CapturedVariable: Rule {
  static let descriptor = RuleDescriptor(
    id: "captured-variable", severity: .error,
    summary: "A local collection is changed in a closure that runs elsewhere while another thread can use it.",
    rationale: """
      A captured `var` is one variable for all closures that capture it. Iterations of `concurrentPerform`, tasks started \
      in a loop, or a closure and the code after it, use it at once.
      """,
    badExample: """
      import Dispatch

      func lengths(_ words: [String]) -> [Int] {
        var lengths: [Int] = []
        DispatchQueue.concurrentPerform(iterations: words.count) { index in
          lengths.append(words[index].count)
        }
        return lengths
      }
      """,
    goodExample: """
      import Foundation

      func lengths(_ words: [String]) -> [Int] {
        var lengths: [Int] = []
        let lock = NSLock()
        DispatchQueue.concurrentPerform(iterations: words.count) { index in
          lock.withLock { lengths.append(words[index].count) }
        }
        return lengths
      }
      """,
    limits: """
      Waiting is recognised by name: `wait`, `join`, `notify`, a task's `value`, the end of a task group, \
      `concurrentPerform` and a `sync` on a serial queue. A wait that hides in another function is not seen.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.bodies.flatMap { body in findings(body, context) }
  }

  private static func findings(_ body: BodyFacts, _ context: RuleContext) -> [Finding] {
    guard !body.frames.isEmpty else { return [] }
    var grouped: [Int: [AccessRecord]] = [:]
    for access in body.accesses {
      if case .local(let id) = access.variable { grouped[id, default: []].append(access) }
    }
    return grouped.keys.sorted().compactMap { id in
      finding(body.locals[id], grouped[id] ?? [], body, context)
    }
  }

  private static func finding(
    _ local: LocalVariable, _ accesses: [AccessRecord], _ body: BodyFacts, _ context: RuleContext
  ) -> Finding? {
    let timing = BodyTiming(body)
    let limited = accesses.prefix(200)
    for first in limited where first.isWrite {
      for second in limited {
        guard !first.held.excludes(second.held, bothRead: false) else { continue }
        let left = Moment(order: first.order, frames: first.frames)
        let right = Moment(order: second.order, frames: second.frames)
        guard timing.mayOverlap(left, right, declaredAt: local.order, in: local.frames) else { continue }
        return make(local, first, second, body, context)
      }
    }
    return nil
  }

  /// True when annotations alone say that another thread is there: `@Sendable` on the closure, and
  /// `nonisolated(unsafe)` on the variable, which says that it is not used by two at once.
  private static func isOnlyAnnotated(
    _ local: LocalVariable, _ shown: AccessRecord, _ other: AccessRecord, _ body: BodyFacts
  ) -> Bool {
    local.isUnsafe && (shown.frames + other.frames).allSatisfy { body.frames[$0].kind == .sendable }
  }

  private static func make(
    _ local: LocalVariable, _ first: AccessRecord, _ second: AccessRecord, _ body: BodyFacts, _ context: RuleContext
  ) -> Finding {
    // The access that runs elsewhere is shown first.
    let (shown, other) = first.frames.count >= second.frames.count ? (first, second) : (second, first)
    let function = context.index.functions[body.function]
    let source = context.sources[function.file]
    let kind = shown.frames.last.map { body.frames[$0].kind.rawValue } ?? "a closure"
    var related: [RelatedPlace] = []
    if other.start != shown.start {
      related.append(
        RelatedPlace(place: source.place(other.start, other.end), label: other.isWrite ? "written here" : "read here")
      )
    }
    related.append(RelatedPlace(place: source.place(local.start, local.end), label: "declared here"))
    return Finding(
      rule: descriptor.id, severity: isOnlyAnnotated(local, shown, other, body) ? .note : descriptor.severity,
      message: "the captured variable '\(local.name)' is \(shown.isWrite ? "changed" : "read") here in \(kind) while "
        + "another thread can be in it",
      symbol: local.name, function: function.symbol, place: source.place(shown.start, shown.end), related: related,
      fingerprint: "")
  }
}

#endif
