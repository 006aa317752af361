// SPDX-License-Identifier: Apache-2.0
//
// The context of a report's accesses: tasks and their awaiting callers, queues, traffic,
// suppression in code.

import AuditedCollections
import Foundation

enum ContextScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "awaited": { await awaited() },
    "queued": { queued() },
    "named-threads": { namedThreads() },
    "busy-history": { busyHistory() },
    "suppressed-label": { suppressedLabel() },
    "stackless": { ReportScenarios.overlapOnce(label: "stackless") },
    "totals": { totals() },
  ]

  /// Two named tasks whose awaiting callers are two functions deep.
  static func awaited() async {
    let scene = GatedScene(label: "awaited")
    let first = Task(name: "refresh") { await outerRefresh(scene) }
    let second = Task(name: "evict") { await outerEvict(scene) }
    await first.value
    await second.value
  }

  @inline(never) static func outerRefresh(_ scene: GatedScene) async {
    await innerRefresh(scene)
    await Task.yield()
  }

  @inline(never) static func innerRefresh(_ scene: GatedScene) async {
    await Task.yield()
    scene.holdInside()
    await Task.yield()
  }

  @inline(never) static func outerEvict(_ scene: GatedScene) async {
    await innerEvict(scene)
    await Task.yield()
  }

  @inline(never) static func innerEvict(_ scene: GatedScene) async {
    await Task.yield()
    scene.runInto()
    await Task.yield()
  }

  /// Two dispatch queues.
  static func queued() {
    let scene = GatedScene(label: "queued")
    let group = DispatchGroup()
    DispatchQueue(label: "shop.refresh").async(group: group) { scene.holdInside() }
    DispatchQueue(label: "shop.evict").async(group: group) { scene.runInto() }
    group.wait()
  }

  /// Two threads that name themselves. Foundation forgets a name that a thread gives itself before
  /// `start()` has returned.
  static func namedThreads() {
    let scene = GatedScene(label: "named")
    let done = DispatchSemaphore(value: 0)
    for (name, body) in [("refresher", scene.holdInside), ("evicter", scene.runInto)] {
      let isStarted = DispatchSemaphore(value: 0)
      Thread {
        isStarted.wait()
        Thread.current.name = name
        body()
        done.signal()
      }.start()
      isStarted.signal()
    }
    for _ in 0..<2 { done.wait() }
  }

  /// Many equal reads before the overlap.
  static func busyHistory() {
    let scene = GatedScene(label: "busy")
    for _ in 0..<40 { _ = scene.shared.value.count }
    together({ scene.holdInside() }, { scene.runInto() })
  }

  static func suppressedLabel() {
    AccessAudit.suppress(label: "known-*")
    AccessAudit.suppress(label: "never")
    let scene = GatedScene(label: "known-cache", isReported: false)
    together({ scene.holdInside() }, { scene.runInto() })
    for statistics in AccessAudit.statistics() where statistics.label == "known-cache" {
      print("violations \(statistics.violations) writes \(statistics.writes)")
    }
  }

  /// The totals of the process, as they are exported.
  static func totals() {
    let scene = GatedScene(label: "totals")
    together({ scene.holdInside() }, { scene.runInto() })
    print(AccessAudit.totals().prometheusText, terminator: "")
  }
}

/// One dictionary and the two sides of an overlap on it: one stays inside its write until the other
/// has overlapped with it, the violation is reported, and for 30 ms more.
final class GatedScene: Sendable {
  let shared: Shared<AuditedDictionary<GatedKey, Int>>
  private let trap = Trap()
  private let inside = Gate()
  private let leaving = Gate()
  private let isReported: Bool

  /// - Parameter isReported: Whether the violation is reported, and not suppressed.
  init(label: String, isReported: Bool = true) {
    self.isReported = isReported
    shared = Shared(AuditedDictionary<GatedKey, Int>(label: label))
    let (inside, leaving) = (inside, leaving)
    trap.arm {
      inside.open()
      leaving.wait()
    }
  }

  func holdInside() { shared.value[GatedKey(1, trap)] = 1 }

  func runInto() {
    inside.wait()
    let (leaving, isReported) = (leaving, isReported)
    Thread {
      // What the second access records when it goes on is no part of the report then.
      if isReported { Waiting.untilReported() }
      usleep(30_000)
      leaving.open()
    }.start()
    shared.value[GatedKey(2)] = 2
  }
}
