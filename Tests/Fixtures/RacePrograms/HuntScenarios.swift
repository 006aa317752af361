// SPDX-License-Identifier: Apache-2.0
//
// Hunting: what is held, and what never is. Each scenario prints how many accesses were held.

import AuditedCollections
import Foundation
import Synchronization

enum HuntScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "hunt-rare-writes": { rareWrites() },
    "hunt-shared": { shared() },
    "hunt-locked": { locked() },
    "hunt-alone": { alone() },
    "hunt-own": { own() },
    "hunt-forked-child": { forkedChild() },
    "hunt-signal-handler": { signalHandler() },
    "hunt-next-test": { nextTest() },
    "hunt-suspects": { suspects(byMembers: false) },
    "hunt-suspects-by-members": { suspects(byMembers: true) },
    "hunt-actor": { await actor(besideIt: false) },
    "hunt-beside-actor": { await actor(besideIt: true) },
    "hunt-two-sites": { twoSites() },
    "duty-overlaps": { dutyOverlaps() },
    "duty-stall": { dutyStall() },
  ]

  private static func say(_ what: String, since before: UInt64 = 0) {
    print("\(what) \(AccessAudit.diagnostics().holds - before)")
  }

  private static var holds: UInt64 { AccessAudit.diagnostics().holds }

  /// Something that runs beside the main thread and touches nothing, so that this is not the only
  /// thread.
  private static func besideAnother(_ body: () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let ended = DispatchSemaphore(value: 0)
    Thread {
      // With a limit, because a thread that waits for ever cannot run into anything, which ends a
      // hold.
      while done.wait(timeout: .now() + .milliseconds(20)) == .timedOut {}
      ended.signal()
    }.start()
    body()
    done.signal()
    ended.wait()
  }

  /// One thread writes now and then, another one looks again and again: each access takes a
  /// microsecond, so they meet only where one is held.
  private static func rareWrites() {
    let table = Shared<AuditedDictionary<Int, Int>>([:])
    let isDone = Gate()
    together(
      {
        for write in 0..<50 where AccessAudit.violations.isEmpty {
          table.value[write] = write
          usleep(2_000)
        }
        isDone.open()
      },
      {
        while !isDone.isOpen {
          _ = table.value[1]
          usleep(300)
        }
      })
  }

  /// Another thread than the one that made it touches a collection.
  private static func shared() {
    let table = Shared<AuditedDictionary<Int, Int>>([:])
    besideAnother {
      let ended = DispatchSemaphore(value: 0)
      Thread {
        table.value[1] = 1
        ended.signal()
      }.start()
      while ended.wait(timeout: .now() + .milliseconds(20)) == .timedOut {}
    }
    say("held")
  }

  /// Everything under a lock: the holds end soon, and the pairs are found to be ordered.
  private static func locked() {
    let table = Shared<AuditedDictionary<Int, Int>>([:])
    let lock = NSLock()
    onThreads(2) { worker in
      for round in 0..<400 {
        lock.withLock { table.value[worker] = round }
        usleep(100)
      }
    }
    print("suspects \(AccessAudit.suspects().count)")
  }

  /// A process with one thread.
  private static func alone() {
    let table = Shared<AuditedDictionary<Int, Int>>([:])
    for i in 0..<1_000 { table.value[i % 7] = i }
    say("held")
  }

  /// A collection that its maker alone touches, in a process with more threads.
  private static func own() {
    besideAnother {
      let table = Shared<AuditedDictionary<Int, Int>>([:])
      for i in 0..<1_000 { table.value[i % 7] = i }
    }
    say("held")
  }

  /// A child has the thread that forked, and a collection that several had touched.
  private static func forkedChild() {
    let table = Shared<AuditedDictionary<Int, Int>>([:])
    let lock = NSLock()
    onThreads(2) { worker in for i in 0..<10 { lock.withLock { table.value[worker] = i } } }
    let child = ForkScenarios.forkProcess()
    if child == 0 {
      for i in 0..<1_000 { table.value[i % 7] = i }
      say("held in the child")
      fflush(nil)
      _exit(0)
    }
    _ = ForkScenarios.waitForChild(child)
  }

  /// Two tests execute the same two sites, in the first one so often that nothing more is expected
  /// of them: the second one has holds of its own.
  private static func nextTest() {
    for (test, times) in [("first", 1_000), ("second", 20)] {
      let scope = AuditScopes.open(ScopeName(symbol: test, file: nil, display: test))
      let before = holds
      AuditScopes.carrying(scope.id) { takeTurns(times, on: Shared([:])) }
      print("held in the \(test) test \(holds > before)")
      precondition(AuditScopes.close(scope).isEmpty)
    }
  }

  /// Two threads that write in turn.
  private static func takeTurns(_ times: Int, on table: Shared<AuditedDictionary<Int, Int>>) {
    let turns = [DispatchSemaphore(value: 1), DispatchSemaphore(value: 0)]
    onThreads(2) { worker in
      for turn in 0..<times {
        turns[worker].wait()
        table.value[worker] = turn
        turns[1 - worker].signal()
      }
    }
  }

  nonisolated(unsafe) private static var handled = Shared<AuditedDictionary<Int, Int>>([:])

  /// A handler touches what another thread has made.
  private static func signalHandler() {
    let made = DispatchSemaphore(value: 0)
    Thread {
      handled = Shared([1: 1])
      made.signal()
    }.start()
    made.wait()
    signal(SIGUSR1) { _ in HuntScenarios.handled.value[2] = 2 }
    besideAnother {
      let before = holds
      raise(SIGUSR1)
      say("held in the handler", since: before)
      handled.value[3] = 3
      say("held outside", since: before)
    }
  }

  /// Overlaps that are forced fifty times a second, for `DUTY_SECONDS`: a write in the middle of a
  /// read, which has not touched the elements yet and waits for the write's end. Prints how many
  /// there were, and how many of them the audit has seen.
  private static func dutyOverlaps() {
    let seconds = ProcessInfo.processInfo.environment["DUTY_SECONDS"].flatMap { Double($0) } ?? 2
    let table = Shared<AuditedDictionary<GatedKey, Int>>([GatedKey(1): 1, GatedKey(2): 2])
    let deadline = ContinuousClock.now + .seconds(seconds)
    var overlaps = 0
    var next = ContinuousClock.now
    while ContinuousClock.now < deadline {
      // As many in a burst as outside, where each takes less time.
      next += .milliseconds(20)
      while ContinuousClock.now < next { usleep(1_000) }
      let trap = Trap()
      let isInside = Gate()
      let isWritten = Gate()
      trap.arm {
        isInside.open()
        isWritten.wait()
      }
      together(
        { _ = table.value[GatedKey(2, trap)] },
        {
          isInside.wait()
          table.value[GatedKey(1)] = 1
          isWritten.open()
        })
      overlaps += 1
    }
    let seen = AccessAudit.totals().violations.values.reduce(0, +)
    print("overlaps \(overlaps) seen \(seen)")
  }

  /// Something keeps the detector in a pause between two bursts, past its end.
  private static func dutyStall() {
    var table: AuditedDictionary<Int, Int> = [:]
    let isStalled = Gate()
    let mayGoOn = Gate()
    AccessAudit.onInterval(seconds: 0.01) { _ in
      guard !AccessAudit.isEnabled else { return }
      isStalled.open()
      mayGoOn.wait()
    }
    table[1] = 1
    isStalled.wait()
    usleep(500_000)
    let lag = AccessAudit.totals().detectorLagSeconds
    mayGoOn.open()
    print("lag \(Int(lag * 1_000)) ms, ratio \(AccessAudit.totals().dutyRatio)")
  }

  /// A counter whose actor protects its collections, but for what says that it does not need it.
  actor Ledger {
    private var totals: AuditedDictionary<Int, Int> = [:]
    @Audited private var names: [Int: String] = [:]
    nonisolated(unsafe) var notes: AuditedDictionary<Int, Int> = [:]

    /// The threads that it ran on.
    private(set) var threads: Set<UInt> = []

    func add(_ amount: Int) {
      threads.insert(UInt(pthread_self()))
      totals[amount % 4, default: 0] += amount
      names[amount % 4] = "\(amount)"
    }

    func note(_ amount: Int) { notes[amount % 4] = amount }
  }

  /// Tasks that call one actor, on several threads; one of them goes around it to a collection that
  /// is not isolated.
  private static func actor(besideIt: Bool) async {
    let ledger = Ledger()
    // The pool takes another thread sooner or later, and the accesses of two come near each other.
    let latest = ContinuousClock.now + .seconds(30)
    var rounds = 0
    var threads = 0
    while rounds < 200 || (threads < 2 && ContinuousClock.now < latest) {
      rounds += 1
      await withTaskGroup(of: Void.self) { group in
        for amount in 0..<8 {
          group.addTask {
            if !besideIt {
              await ledger.add(amount)
            } else if amount > 0 {
              await ledger.note(amount)
            }
          }
        }
      }
      if besideIt {
        await Task.detached { ledger.notes[1] = 1 }.value
        if !AccessAudit.suspects().isEmpty { break }
      }
      threads = await ledger.threads.count
    }
    print("several threads \(threads > 1)")
    printSuspects()
  }

  /// Two threads come near each other, one after the other: neither an overlap nor an order is
  /// seen.
  ///
  /// - Parameter byMembers: By members that have frames of their own.
  private static func suspects(byMembers: Bool) {
    let table = Shared<AuditedDictionary<Int, Int>>([:])
    // More than once where other work keeps the two further apart than accesses are remembered.
    for _ in 0..<50 where AccessAudit.suspects().isEmpty {
      let wasWritten = DispatchSemaphore(value: 0)
      together(
        {
          if byMembers { table.value.merge([1: 1]) { $1 } } else { table.value[1] = 1 }
          wasWritten.signal()
        },
        {
          while wasWritten.wait(timeout: .now() + .milliseconds(20)) == .timedOut {}
          if byMembers { _ = table.value.dictionary } else { _ = table.value[1] }
        })
    }
    printSuspects()
  }

  private static func printSuspects() {
    let suspects = AccessAudit.suspects()
    print("counted \(AccessAudit.totals().suspects == suspects.count)")
    for suspect in suspects {
      let places = suspect.accesses.map(\.description).sorted()
      print("suspect: \(places.joined(separator: " and ")), holds \(suspect.holds)")
    }
  }
}
