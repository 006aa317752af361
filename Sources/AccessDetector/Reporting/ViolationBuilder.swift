// SPDX-License-Identifier: Apache-2.0
//
// From a pending report to the model: looks up stacks, threads, history and losses. Runs on the
// detector; formats nothing.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

struct ViolationBuilder {
  static let historyLimit = 16
  /// Records of the collection that are looked at to tell how far apart the two accesses are.
  static let searchLimit = 256

  let source: FrameSource
  let losses: Violation.Losses
  let configuration: AuditConfiguration

  func build(_ pendingReport: PendingReport, history records: [HistoryRecord], bounds: OverlapBounds) -> Violation {
    let collection = pendingReport.collection
    let kind = collection.type.collectionKind
    // All at once: what finding names costs is passing over the files.
    source.prepare(
      [
        addresses(pendingReport.detected.stackID, awaitedBy: pendingReport.detected.context?.asyncCallers),
        addresses(pendingReport.conflicting.stackID, awaitedBy: pendingReport.conflicting.context?.asyncCallers),
        addresses(collection.creationStackID),
      ] + records.prefix(Self.historyLimit).map { addresses($0.record.stackID) })
    var violation = Violation(
      schema: Violation.schemaName, kind: pendingReport.kind, message: message(pendingReport, kind),
      container: Violation.Container(
        id: collection.id, kind: kind, type: TypeNames.name(of: collection.type),
        label: LabelTable.label(collection.labelID), count: collection.count, created: creation(collection)),
      accesses: [
        access(pendingReport.detected, role: .detected, inProgress: true),
        access(pendingReport.conflicting, role: .conflicting, inProgress: pendingReport.conflictingIsInProgress),
      ],
      history: entries(pendingReport, history: records), losses: losses,
      process: Violation.ProcessDescription(
        pid: getpid(), executable: ProcessNames.executable, time: WallClock.timestamp(pendingReport.moment),
        seed: Hunt.seedInUse),
      timesSeen: PendingReportQueue.timesSeen(pendingReport.pair),
      overlap: overlap(pendingReport, history: records, bounds: bounds),
      traffic: traffic(collection.id))
    if violation.container.label == nil, let created = violation.container.created {
      violation.container.declaration = Declarations.name(created: created.stack)
    }
    violation.process.host = ProcessNames.host
    violation.process.service = ProcessNames.service
    violation.process.version = PackageVersion.text
    violation.images = source.images(of: violation)
    return violation
  }

  private func message(_ pendingReport: PendingReport, _ kind: CollectionKind) -> String {
    let message = pendingReport.kind.message(for: kind)
    return pendingReport.signal.map { "\(message) (\(SignalNames.name($0)))" } ?? message
  }

  private func creation(_ collection: PendingReportCollection) -> Violation.Container.Creation? {
    guard collection.creatorThreadID != 0 else { return nil }
    return Violation.Container.Creation(
      thread: thread(collection.creatorThreadID), stack: stack(collection.creationStackID))
  }

  private func access(_ access: PendingReportAccess, role: Violation.Role, inProgress: Bool) -> Violation.Access {
    let stack = stack(access.stackID, awaitedBy: access.context?.asyncCallers)
    var built = Violation.Access(
      role: role,
      thread: access.threadID == 0 ? nil : .init(id: access.threadID, name: access.threadName),
      writing: access.isWriting, operation: access.operation, inProgress: inProgress, stack: stack,
      stackLoss: stack.isEmpty ? stackLoss(access) : nil,
      task: access.context?.task.map { .init(id: $0.id, name: $0.name) }, queue: access.context?.queue,
      excerpt: stack.location.flatMap(SourceExcerpts.around))
    built.traceID = access.context?.traceID
    return built
  }

  /// - Parameter now: The clock of the access that saw the violation.
  func entry(_ record: HistoryRecord, now: UInt32) -> Violation.HistoryEntry {
    Violation.HistoryEntry(
      thread: thread(record.threadID), operation: record.record.operation, writing: record.record.isWriting,
      ageMilliseconds: CoarseClock.milliseconds(from: record.record.coarseMilliseconds, to: now),
      frame: innermost(stack(record.record.stackID)))
  }

  /// The frame that made the access: the program's own, or what there is.
  func innermost(_ stack: [Violation.Frame]) -> Violation.Frame? {
    stack.location ?? stack.first { $0.category != .audit } ?? stack.first
  }

  private func thread(_ id: Int32) -> Violation.ThreadDescription {
    Violation.ThreadDescription(id: id, name: ProcessNames.thread(id))
  }

  private func stack(_ id: UInt32, awaitedBy callers: [UInt64]? = nil) -> [Violation.Frame] {
    source.frames(addresses(id, awaitedBy: callers))
  }

  /// The addresses of a stack. The callers that await it are those of its first sight, unless they
  /// are given.
  func addresses(_ id: UInt32, awaitedBy callers: [UInt64]? = nil) -> [UInt64] {
    var addresses = ThreadRegistry.stacks?.addresses(of: id) ?? []
    if let callers, !addresses.isEmpty {
      addresses.removeAll(where: ResumePoint.isMarked)
      addresses += callers
    }
    return addresses
  }
}

#endif
