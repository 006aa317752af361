// SPDX-License-Identifier: Apache-2.0
//
// One round of the detector: drain, report, release. Owned by the detector thread.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

struct DetectorRound {
  private var configuration: AuditConfiguration
  private var drain = RingDrain()
  private var suppressions: Suppressions
  private var sink: ReportSink
  private var symbolicator: Symbolicator?
  private var reports = 0
  private var retired = RetiredBatches()
  private var reminders = RaceReminders()
  private let trafficFile: TrafficFile

  init(configuration: AuditConfiguration) {
    self.configuration = configuration
    suppressions = Suppressions()
    sink = ReportSink(configuration)
    trafficFile = TrafficFile(configuration)
  }

  /// Uses what rounds without a violation use, once, on the thread that starts the detector.
  ///
  /// The runtime makes metadata at its first use, under locks of its own. A program with one thread
  /// may fork by a system call that no handler hears of: if the detector held such a lock, the
  /// child would wait for it for ever.
  mutating func warmUp() {
    drain.perform()
    StatisticsTable.rehearse()
    _ = PendingReportQueue.takeAll()
    _ = TotalsObservers.nanosecondsUntilNext
    retired.warmUp()
  }

  /// Called on the detector before the first round.
  mutating func begin() { suppressions = SuppressionHits.load(configuration.suppressions) }

  mutating func apply(_ configuration: AuditConfiguration) {
    if configuration.suppressions != self.configuration.suppressions {
      suppressions = SuppressionHits.load(configuration.suppressions)
    }
    self.configuration = configuration
    sink.configuration = configuration
    trafficFile.apply(configuration)
  }

  /// Grows with each record that was read.
  var recordsRead: UInt64 { drain.recordsRead }

  mutating func perform() {
    let justRetired = RetiredMonitors.takeAll()
    drain.perform()
    deliverTraffic()
    reportCrash()
    reportPendingReports()
    remind()
    ForkGate.outside { TotalsObservers.notify() }
    retired.release(adding: justRetired)
    // Last: what was seen does not wait for it.
    if drain.hasSeenSharing { Rehearsal.once { rehearse() } }
  }

  /// Hands the observed accesses to who observes them.
  private mutating func deliverTraffic(isEnding: Bool = false) {
    ViolationResponse.adoptObservation()
    let (records, lost) = drain.traffic.finish()
    trafficFile.begin()
    defer { if isEnding || Hunt.isEnding.load(ordering: .relaxed) { trafficFile.end() } }
    if records.isEmpty && lost == 0 { return }
    trafficFile.write(records, lost: lost)
    ForkGate.outside { AccessObservers.notify(records, lost: lost) }
  }

  /// Says now and then that reported races go on.
  private mutating func remind() {
    let line = reminders.line(
      total: PendingReportQueue.total.load(ordering: .relaxed), now: .now(), counts: { ViolationLog.counts })
    if let line { Diagnostics.say(line) }
  }

  private mutating func reportPendingReports() {
    var waiting: [(PendingReport, [HistoryRecord], OverlapBounds)] = []
    let generation = ForkedRecording.generation
    repeat {
      // The history first, for all of them, and of what comes meanwhile after each report:
      // recording goes on as soon as it is copied.
      let taken = PendingReportQueue.takeAll().map { pendingReport in
        let history = ViolationBuilder.history(of: pendingReport)
        return (pendingReport, history, OverlapBounds.measure(pendingReport))
      }
      ViolationResponse.current.thawHistory()
      // What was recorded since this round drained the rings counts in the reports' traffic too.
      if !taken.isEmpty { drain.perform() }
      waiting += taken
      guard !waiting.isEmpty else { return }
      let (pendingReport, history, bounds) = waiting.removeFirst()
      report(pendingReport, history, bounds)
      PendingReportQueue.finish(pendingReport)
      // An observer has forked, and this is the child: what its parent has seen is reported there.
      if generation != ForkedRecording.generation { return beginAsChild() }
    } while true
  }

  /// A thread has crashed inside an access and waits in its signal handler.
  private mutating func reportCrash() {
    var note = audit_crash_note()
    guard audit_take_crash(&note) else { return }
    defer { audit_finish_crash() }
    guard let pendingReport = PendingCrashReport.make(note) else { return }
    if note.is_end {
      let history = ViolationBuilder.history(of: pendingReport)
      let bounds = OverlapBounds.measure(pendingReport)
      drain.perform()
      let violation = build(pendingReport, history, bounds)
      ViolationLog.add(violation, isDelivered: false)
      sink.write(violation)
      FactsReport.withdraw()
      ForkGate.outside { ViolationObservers.notify(violation) }
    } else if PendingReportQueue.add(pendingReport, completedBy: { _ in }) {
      reportPendingReports()
    }
  }

  /// Makes a report that nobody gets, see `Rehearsal`.
  mutating func rehearse() {
    Rehearsal.withPendingReport { pendingReport, history in
      symbolicator = Rehearsal.symbolicator()
      let violation = build(pendingReport, history, OverlapBounds.measure(pendingReport), isRehearsal: true)
      symbolicator = nil
      StatisticsTable.rehearse()
      ViolationLog.rehearse(violation)
      sink.rehearse(violation)
    }
  }

  /// The facts first, which are then there whatever becomes of the names.
  private mutating func build(
    _ pendingReport: PendingReport, _ history: [HistoryRecord], _ bounds: OverlapBounds, isRehearsal: Bool = false
  ) -> Violation {
    let losses = Losses.current(recordsLost: drain.recordsLost)
    let facts = ViolationBuilder(source: .addresses(LoadedImages()), losses: losses, configuration: configuration)
    FactsReport.prepare(facts.build(pendingReport, history: history, bounds: bounds), isRehearsal: isRehearsal)
    let symbolicator = symbolicator ?? Symbolicator()
    self.symbolicator = symbolicator
    let builder = ViolationBuilder(source: .names(symbolicator), losses: losses, configuration: configuration)
    return builder.build(pendingReport, history: history, bounds: bounds)
  }

  private mutating func report(_ pendingReport: PendingReport, _ history: [HistoryRecord], _ bounds: OverlapBounds) {
    let violation = build(pendingReport, history, bounds)
    defer { FactsReport.withdraw() }
    let isEnding = pendingReport.isEndingProcess
    let generation = ForkedRecording.generation
    if SuppressionHits.isMatched(violation, by: suppressions) {
      ViolationLog.countSuppressed()
      if isEnding { ViolationResponse.resumeAccesses() }
      return
    }
    // Before the limit: however many came before it, a test must hear of its own.
    let isDelivered = AuditScopes.deliver(violation, pendingReport)
    // A race is a pair of places: other ways to them are counted. The report that a process ends
    // with is made in any case.
    if ViolationLog.isKnown(violation, pendingReport.pair, isDelivered: isDelivered), !isEnding { return }
    if reports < configuration.maxReports {
      reports += 1
      ViolationLog.add(violation, isDelivered: isDelivered)
      if !isDelivered || sink.writesFiles { sink.write(violation, announcesFiles: !isDelivered) }
      FactsReport.withdraw()
      if !isDelivered { reminders.noteReport(total: PendingReportQueue.total.load(ordering: .relaxed), now: .now()) }
      ForkGate.outside { ViolationObservers.notify(violation) }
    } else {
      ViolationLog.countUnreported()
    }
    // An observer may have forked: the child has nothing to end for.
    if isEnding, generation == ForkedRecording.generation {
      HuntPlanFile.write(configuration.plan, symbolicator)
      drain.perform()
      deliverTraffic(isEnding: true)
      ProcessEnd.halt(configuration, seenBy: pendingReport.detected.threadID)
    }
  }

  /// The detector goes on in a child that an observer has forked.
  private mutating func beginAsChild() { reports = 0 }
}

#endif
