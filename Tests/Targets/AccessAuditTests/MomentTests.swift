// SPDX-License-Identifier: Apache-2.0
//
// The engine's clock: differences that do not trap, and a system clock that is set back.

#if AUDITED && canImport(Glibc)

import AccessRecorder
import CAccessRecorder
import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

@Suite(.serialized)
struct MomentTests {
  @Test func distance_toALaterMomentIsNone() {
    let now = Moment.now()
    let later = now.advanced(byNanoseconds: 5)
    #expect(later.nanoseconds(since: now) == 5 && now.nanoseconds(since: later) == 0)
    #expect(now.advanced(byNanoseconds: .max) == now.advanced(byMilliseconds: .max))
    #expect(now.advanced(byMilliseconds: -1) == now && now.preceded(byNanoseconds: .max) == .never)
    #expect(now < later && later > now && now <= now && now >= now && Moment.never < now)
  }

  @Test func coarseClock_distanceIsNoneBackwardsAndRightAcrossTheWrap() {
    #expect(CoarseClock.milliseconds(from: 20, to: 30) == 10)
    #expect(CoarseClock.milliseconds(from: 30, to: 20) == 0)
    #expect(CoarseClock.milliseconds(from: .max, to: 9) == 10)
  }

  /// Times that were measured before the system's clock was set back by an hour continue without a
  /// jump.
  @Test func clock_setBack_goesOn() {
    let before = Moment.now()
    let deadline = before.advanced(byMilliseconds: 20)
    audit_shift_system_clock(-3_600_000_000_000)
    var last = before
    while last < deadline {
      let now = Moment.now()
      #expect(now >= last)
      last = now
    }
    // Twenty milliseconds have passed, not an hour and twenty milliseconds.
    #expect(last.nanoseconds(since: before) < 60_000_000_000)
    audit_advance_coarse_clock()
    #expect(CoarseClock.milliseconds(from: audit_coarse_clock(), to: audit_coarse_clock()) == 0)
  }

  /// Threads read the clock while it is set back again and again: the times of each thread are in
  /// order, and those across threads too.
  @Test func clock_setBackBesideReaders_neverGoesBack() {
    let latest = Atomic<Moment>(.never)
    let wentBack = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for step in 0..<20_000 {
        if worker == 0, step % 100 == 0 { audit_shift_system_clock(-1_000_000_000) }
        let published = latest.load(ordering: .acquiring)
        let now = Moment.now()
        if now < published { wentBack.wrappingAdd(1, ordering: .relaxed) }
        latest.store(now, ordering: .releasing)
      }
    }
    #expect(wentBack.load(ordering: .relaxed) == 0)
  }

  /// A round that ended after the asking thread had read the clock.
  @Test func lastRound_newerThanNow_isNoTrap() {
    Detector.start()
    Detector.flush()
    for _ in 0..<100 {
      Idleness.lastRound.store(Moment.now().advanced(byMilliseconds: 60_000), ordering: .relaxed)
      #expect(Detector.isAlive == true)
      #expect(AuditTotals.current().detectorLagSeconds < 60)
    }
    Detector.flush()
  }

  @Test func event_waitEndsByTheClockThatCannotBeSet() {
    let begin = ContinuousClock.now
    audit_wait_for_event(2_000_000)
    #expect(ContinuousClock.now - begin < .seconds(60))
  }

  /// Times are subtracted in one place only, and no code sleeps by a clock that can be set.
  @Test func sources_askTheClockInOnePlace() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
    let clocks = ["clock_gettime", "CLOCK_", "sem_timedwait", "pthread_cond_timedwait", "DispatchTime", "gettimeofday"]
    // Where each is right: the clock itself, the time of day in reports, the processor time of
    // threads, the limits of other threads' waits.
    let exceptions = [
      "clock.c", "audit_clock.h", "event.c", "audit_event.h", "WallClock.swift", "thread.c", "hunt.c",
    ]
    var found: [String] = []
    var count = 0
    let targets = [
      "CAccessRecorder", "CAccessSymbols", "AccessTerms", "AccessRecorder", "AccessWindows", "AccessReports",
      "AccessDetector", "AccessAudit", "AccessAuditTesting", "AccessAuditInterleaving",
    ]
    for target in targets {
      let files = FileManager.default.enumerator(
        at: root.appendingPathComponent(target), includingPropertiesForKeys: nil)
      while let file = files?.nextObject() as? URL {
        guard ["swift", "c", "h"].contains(file.pathExtension), !exceptions.contains(file.lastPathComponent) else {
          continue
        }
        count += 1
        let text = try String(contentsOf: file, encoding: .utf8)
        found += clocks.filter(text.contains).map { "\(file.lastPathComponent): \($0)" }
      }
    }
    #expect(count > 100 && found.isEmpty, "\(found)")
  }
}

#endif
