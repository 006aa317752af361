// SPDX-License-Identifier: Apache-2.0
//
// Adds accesses up as they are read. The memory is bounded: groups, threads and sites have limits,
// keys are counted by sketches.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

/// Adds a stream of accesses up.
package final class TrafficSummary {
  private static let groupLimit = 1_024
  private static let collectionLimit = 65_536

  private var groups: [String: GroupSummary] = [:]
  private var order: [GroupSummary] = []
  /// The last access to each collection, and its group.
  private var collections: [UInt64: CollectionState] = [:]
  private var first: UInt64 = .max
  private var last: UInt64 = 0
  private var others: UInt64 = 0

  final class CollectionState {
    let group: GroupSummary?
    var thread: Int32 = 0
    var end: UInt64 = 0
    var wasWriting = false
    init(_ group: GroupSummary?) { self.group = group }
  }

  package init() {}

  /// Reads the file, and the one beside it that rotation has left, and adds them up.
  package static func report(
    of path: String, progress: (Double) -> Void = { _ in }
  ) throws(TrafficError) -> TrafficReport {
    let reader = TrafficReader()
    let summary = TrafficSummary()
    try reader.read(path, progress: progress) { summary.add($0, reader) }
    return summary.report(reader)
  }

  package func add(_ access: TrafficAccess, _ reader: TrafficReader) {
    let end = access.time &+ UInt64(access.duration)
    first = min(first, access.time)
    last = max(last, end)
    let state = state(of: access.collection, reader)
    guard let group = state.group else { return others += 1 }
    group.add(access)
    if state.thread != 0, state.thread != access.thread {
      group.contention.changes += 1
      let writes: UInt64 = access.isWriting || state.wasWriting ? 1 : 0
      if access.time < state.end {
        group.contention.overlapping += 1
        group.contention.overlappingWrites += writes
      } else if access.time - state.end < 10_000 {
        group.contention.near += 1
        group.contention.nearWrites += writes
      }
    }
    (state.thread, state.end, state.wasWriting) = (access.thread, end, access.isWriting)
  }

  private func state(of id: UInt64, _ reader: TrafficReader) -> CollectionState {
    if let known = collections[id] { return known }
    if collections.count >= Self.collectionLimit { collections.removeAll(keepingCapacity: true) }
    let collection = reader.collections[id] ?? TrafficCollection(kind: 0, label: "", type: "", declaration: "")
    let name = "\(collection.label)\0\(collection.declaration)\0\(collection.type)\0\(collection.kind)"
    var group = groups[name]
    if group == nil, groups.count < Self.groupLimit {
      let new = GroupSummary(collection)
      groups[name] = new
      order.append(new)
      group = new
    }
    group?.collections += 1
    let state = CollectionState(group)
    collections[id] = state
    return state
  }

  package func report(_ reader: TrafficReader) -> TrafficReport {
    let groups = order.map { $0.report(reader) }.sorted { ($1.accesses, $0.name) < ($0.accesses, $1.name) }
    return TrafficReport(
      executable: reader.process?.executable, pid: reader.process?.pid, sampling: max(reader.process?.sampling ?? 1, 1),
      accesses: reader.accesses, lost: reader.lost, seconds: last > first ? Double(last - first) / 1e9 : 0,
      groups: groups, others: others, problems: reader.problems)
  }
}

/// The accesses to the collections of one declaration.
final class GroupSummary {
  private static let threadLimit = 1_024
  private static let siteLimit = 512

  let collection: TrafficCollection
  var collections = 0
  var contention = TrafficReport.Contention()
  private var first: UInt64 = .max
  private var last: UInt64 = 0
  private var reads: UInt64 = 0
  private var writes: UInt64 = 0
  private var operations = [UInt64](repeating: 0, count: 256)
  private var threads: [Int32: (reads: UInt64, writes: UInt64)] = [:]
  private var sites: [UInt32: (reads: UInt64, writes: UInt64)] = [:]
  private var tasks = DistinctCount()
  private var accessesInTasks: UInt64 = 0
  private var insertions: UInt64 = 0
  private var removals: UInt64 = 0
  private var keys = DistinctCount()
  private var accessesByKey: UInt64 = 0
  private var hotKeys = FrequentNumbers()
  private var lifetimes = KeyLifetimes()
  private var largestSize = 0
  private var lastSize = 0
  private var readDurations = Spread()
  private var writeDurations = Spread()
  private var timeLine = GrowingTimeLine()

  init(_ collection: TrafficCollection) { self.collection = collection }

  func add(_ access: TrafficAccess) {
    let isWriting = access.isWriting
    first = min(first, access.time)
    last = max(last, access.time &+ UInt64(access.duration))
    if isWriting { writes += 1 } else { reads += 1 }
    operations[Int(access.operation)] += 1
    Self.count(isWriting, access.thread, &threads, limit: Self.threadLimit)
    Self.count(isWriting, access.site, &sites, limit: Self.siteLimit)
    if access.hasTask {
      accessesInTasks += 1
      tasks.add(access.task)
    }
    if access.hasKey {
      accessesByKey += 1
      keys.add(UInt64(access.key))
      hotKeys.add(access.key)
      if access.grew { lifetimes.insert(access.key, of: access.collection, at: access.time) }
      if access.shrank { lifetimes.remove(access.key, of: access.collection, at: access.time) }
    }
    if access.grew { insertions += 1 }
    if access.shrank { removals += 1 }
    if access.hasCount {
      lastSize = Int(access.count)
      largestSize = max(largestSize, lastSize)
    }
    if isWriting { writeDurations.add(UInt64(access.duration)) } else { readDurations.add(UInt64(access.duration)) }
    timeLine.add(access)
  }

  private static func count<Name: Hashable>(
    _ isWriting: Bool, _ name: Name, _ counts: inout [Name: (reads: UInt64, writes: UInt64)], limit: Int
  ) {
    if counts[name] == nil, counts.count >= limit { return }
    if isWriting { counts[name, default: (0, 0)].writes += 1 } else { counts[name, default: (0, 0)].reads += 1 }
  }

  func report(_ reader: TrafficReader) -> TrafficReport.Group {
    let kinds = ["dictionary", "set", "array", "variable"]
    let (label, declaration) = (collection.label, collection.declaration)
    // Different stacks may lead through one place.
    var places: [String: (reads: UInt64, writes: UInt64)] = [:]
    for (site, counts) in sites {
      let place = reader.sites[site].flatMap { $0.isEmpty ? nil : $0 } ?? "unknown place"
      places[place, default: (0, 0)].reads += counts.reads
      places[place, default: (0, 0)].writes += counts.writes
    }
    let line = timeLine.report
    let peak = zip(line.reads, line.writes).map { $0 + $1 }.max() ?? 0
    return TrafficReport.Group(
      name: !label.isEmpty ? label : !declaration.isEmpty ? declaration : collection.type,
      label: label.isEmpty ? nil : label, declaration: declaration.isEmpty ? nil : declaration, type: collection.type,
      kind: kinds[min(Int(collection.kind), 3)], collections: collections, reads: reads, writes: writes,
      seconds: last > first ? Double(last - first) / 1e9 : 0,
      peakPerSecond: line.secondsPerPiece > 0 ? Double(peak) / line.secondsPerPiece : 0,
      threads: threads.map { .init(id: $0.key, reads: $0.value.reads, writes: $0.value.writes) }
        .sorted { ($1.reads + $1.writes, $0.id) < ($0.reads + $0.writes, $1.id) },
      tasks: accessesInTasks > 0 ? tasks.estimate : 0, accessesInTasks: accessesInTasks, insertions: insertions,
      removals: removals, distinctKeys: accessesByKey > 0 ? keys.estimate : 0,
      accessesByKey: accessesByKey,
      hotKeys: hotKeys.top(10).map { .init(hash: Self.hexadecimal($0.number), accesses: $0.count) },
      keyLifetimes: lifetimes.spread, largestSize: largestSize, lastSize: lastSize,
      operations: operations.enumerated().filter { $0.element > 0 }
        .map {
          .init(
            name: AccessOperation(code: UInt8($0.offset))?.rawValue ?? "operation \($0.offset)", accesses: $0.element)
        }
        .sorted { ($1.accesses, $0.name) < ($0.accesses, $1.name) },
      sites: places.map { .init(place: $0.key, reads: $0.value.reads, writes: $0.value.writes) }
        .sorted { ($1.reads + $1.writes, $0.place) < ($0.reads + $0.writes, $1.place) },
      readDurations: readDurations, writeDurations: writeDurations, contention: contention, timeLine: line)
  }

  private static func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// Pieces of time whose width doubles when there would be too many.
struct GrowingTimeLine {
  private static let limit = 128
  private var width: UInt64 = 1_000_000
  private var origin: UInt64?
  private var pieces: [(reads: UInt64, writes: UInt64, size: Int)] = []

  mutating func add(_ access: TrafficAccess) {
    let origin = origin ?? access.time
    self.origin = origin
    let later = access.time > origin ? access.time - origin : 0
    while later / width >= UInt64(Self.limit) { widen() }
    let index = Int(later / width)
    while pieces.count <= index { pieces.append((0, 0, 0)) }
    if access.isWriting { pieces[index].writes += 1 } else { pieces[index].reads += 1 }
    if access.hasCount { pieces[index].size = max(pieces[index].size, Int(access.count)) }
  }

  private mutating func widen() {
    width *= 2
    var joined: [(reads: UInt64, writes: UInt64, size: Int)] = []
    for index in stride(from: 0, to: pieces.count, by: 2) {
      var piece = pieces[index]
      if index + 1 < pieces.count {
        piece.reads += pieces[index + 1].reads
        piece.writes += pieces[index + 1].writes
        piece.size = max(piece.size, pieces[index + 1].size)
      }
      joined.append(piece)
    }
    pieces = joined
  }

  var report: TrafficReport.TimeLine {
    TrafficReport.TimeLine(
      secondsPerPiece: Double(width) / 1e9, reads: pieces.map(\.reads), writes: pieces.map(\.writes),
      sizes: pieces.map(\.size))
  }
}

#endif
