// SPDX-License-Identifier: Apache-2.0
//
// From a sighting to the model: looks up stacks, threads, history and losses. Runs on the detector; formats nothing.

internal import AccessRecorder
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

  func build(_ sighting: Sighting, history records: [HistoryRecord], bounds: OverlapBounds) -> Violation {
    let collection = sighting.collection
    let kind = collection.type.collectionKind
    // All at once: what finding names costs is passing over the files.
    source.prepare(
      [
        addresses(sighting.detected.stackID, awaitedBy: sighting.detected.context?.asyncCallers),
        addresses(sighting.conflicting.stackID, awaitedBy: sighting.conflicting.context?.asyncCallers),
        addresses(collection.creationStackID),
      ] + records.prefix(Self.historyLimit).map { addresses($0.record.stackID) })
    var violation = Violation(
      schema: Violation.schemaName, kind: sighting.kind, message: message(sighting, kind),
      container: Violation.Container(
        id: collection.id, kind: kind, type: TypeNames.name(of: collection.type),
        label: LabelTable.label(collection.labelID), count: collection.count, created: creation(collection)),
      accesses: [
        access(sighting.detected, role: .detected, inProgress: true),
        access(sighting.conflicting, role: .conflicting, inProgress: sighting.conflictingIsInProgress),
      ],
      history: entries(sighting, history: records), losses: losses,
      process: Violation.ProcessDescription(
        pid: getpid(), executable: ProcessNames.executable, time: WallClock.timestamp(sighting.moment),
        seed: Hunt.seedInUse),
      timesSeen: SightingQueue.timesSeen(sighting.pair), overlap: overlap(sighting, history: records, bounds: bounds),
      traffic: traffic(collection.id))
    violation.images = source.images(of: violation)
    return violation
  }

  private func message(_ sighting: Sighting, _ kind: CollectionKind) -> String {
    let message = sighting.kind.message(for: kind)
    return sighting.signal.map { "\(message) (\(SignalNames.name($0)))" } ?? message
  }

  private func creation(_ collection: SightedCollection) -> Violation.Container.Creation? {
    guard collection.creatorThreadID != 0 else { return nil }
    return Violation.Container.Creation(
      thread: thread(collection.creatorThreadID), stack: stack(collection.creationStackID))
  }

  private func access(_ access: SightedAccess, role: Violation.Role, inProgress: Bool) -> Violation.Access {
    let stack = stack(access.stackID, awaitedBy: access.context?.asyncCallers)
    return Violation.Access(
      role: role,
      thread: access.threadID == 0 ? nil : .init(id: access.threadID, name: access.threadName),
      writing: access.isWriting, operation: access.operation, inProgress: inProgress, stack: stack,
      stackLoss: stack.isEmpty ? stackLoss(access) : nil, task: access.context?.task, queue: access.context?.queue,
      excerpt: stack.location.flatMap(SourceExcerpts.around))
  }

  func entry(_ record: HistoryRecord) -> Violation.HistoryEntry {
    Violation.HistoryEntry(
      thread: thread(record.threadID), operation: record.record.operation, writing: record.record.isWriting,
      ageMilliseconds: CoarseClock.milliseconds(from: record.record.coarseMilliseconds, to: audit_coarse_clock()),
      frame: stack(record.record.stackID).location)
  }

  private func thread(_ id: Int32) -> Violation.ThreadDescription {
    Violation.ThreadDescription(id: id, name: ProcessNames.thread(id))
  }

  private func stack(_ id: UInt32, awaitedBy callers: [UInt64]? = nil) -> [Violation.Frame] {
    source.frames(addresses(id, awaitedBy: callers))
  }

  /// The addresses of a stack. The callers that await it are those of its first sight, unless they
  /// are given.
  private func addresses(_ id: UInt32, awaitedBy callers: [UInt64]? = nil) -> [UInt64] {
    var addresses = ThreadRegistry.stacks?.addresses(of: id) ?? []
    if let callers, !addresses.isEmpty {
      addresses.removeAll(where: AsyncCallers.isMarked)
      addresses += callers
    }
    return addresses
  }
}

/// The names of types as a programmer writes them: without module names.
enum TypeNames {
  static func name(of type: Any.Type) -> String { String(describing: type) }
}

/// The names the kernel knows.
enum ProcessNames {
  static var executable: String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : "?"
  }

  /// The thread's name; `nil` when it has ended, or bears only the name every thread inherits, the program's.
  static func thread(_ id: Int32) -> String? {
    guard let name = firstLine("/proc/self/task/\(id)/comm"), !name.isEmpty else { return nil }
    let isInherited = id != getpid() && name == firstLine("/proc/self/comm")
    return isInherited ? nil : name
  }

  private static func firstLine(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let line = buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }
    return TextEscaping.printable(String(decoding: line, as: UTF8.self))
  }
}

/// Wall-clock time for readers of reports.
enum WallClock {
  /// UTC, ISO 8601 with milliseconds, of a moment that has passed.
  static func timestamp(_ past: Moment) -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let age = Int64(clamping: Moment.now().nanoseconds(since: past))
    let moment = Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec) &- age
    var seconds = time_t(moment / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ value: Int, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let date =
      "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    let time = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    return "\(date)T\(time).\(padded(Int(moment / 1_000_000 % 1000), 3))Z"
  }
}
