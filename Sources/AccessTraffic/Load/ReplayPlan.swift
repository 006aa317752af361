// SPDX-License-Identifier: Apache-2.0
//
// Recorded traffic as something to do again: who does what with which key, and when. Reads a file;
// its memory is bounded by the number of operations.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

package struct ReplayPlan: Sendable {
  package enum Action: UInt8, Sendable {
    case read
    case write
    case remove
    case count
    /// A visit of every element.
    case visit
  }

  package struct Step: Sendable, Equatable {
    /// Nanoseconds after the first operation.
    package var time: UInt64
    package var key: UInt32
    package var action: Action
  }

  package enum Failure: Error, CustomStringConvertible {
    case noDictionary(String?, [String])

    package var description: String {
      switch self {
      case .noDictionary(let name?, let known):
        "no dictionary of the recording is called '\(TextEscaping.printable(name))'; it has "
          + known.prefix(10).map { "'\(TextEscaping.printable($0))'" }.joined(separator: ", ")
      case .noDictionary(nil, _): "the recording has no accesses to a dictionary"
      }
    }
  }

  package private(set) var collection = ""
  /// The steps of each thread, in the order of their times.
  package private(set) var threads: [[Step]] = []
  /// Keys that are there before the first operation, and how many more that nothing asks for.
  package private(set) var present: [UInt32] = []
  package private(set) var others = 0
  package private(set) var keys = 0
  /// What a reader has to know, in sentences.
  package private(set) var notes: [String] = []
  package private(set) var operations = 0
  package private(set) var reads = 0

  package static let threadLimit = 64
  private static let othersLimit = 1 << 20

  package var seconds: Double { Double(threads.compactMap { $0.last?.time }.max() ?? 0) / 1e9 }
  package var readShare: Double { operations == 0 ? 0 : Double(reads) / Double(operations) }

  /// Reads the file twice: to choose the dictionary, the busiest one unless it is named, and to
  /// take its first `limit` accesses.
  package init(of path: String, collection name: String? = nil, limit: Int = 2_000_000) throws {
    let report = try TrafficSummary.report(of: path)
    let dictionaries = report.groups.filter { $0.kind == "dictionary" }
    guard let group = dictionaries.first(where: { name == nil || $0.name == name }), group.accesses > 0 else {
      throw Failure.noDictionary(name, dictionaries.map(\.name))
    }
    collection = group.name
    notes = report.problems
    var builder = Builder(group: group, limit: limit)
    let reader = TrafficReader()
    try reader.read(path) { builder.add($0, reader) }
    // The writer of the file sorts batches; between them an access may come late.
    threads = builder.threads.map { $0.sorted { $0.time < $1.time } }
    (present, keys) = (builder.present, builder.actions.count)
    (operations, reads) = (builder.operations, builder.reads)
    others = min(max(builder.firstCount - present.count, 0), Self.othersLimit)
    if builder.beyond > 0 {
      notes.append("\(Numbers.grouped(builder.beyond)) accesses after the first \(Numbers.grouped(limit)) are left out")
    }
    if report.sampling > 1 { notes.append("the recording has one access in \(report.sampling)") }
    if report.lost > 0 { notes.append("\(Numbers.grouped(report.lost)) accesses could not be recorded") }
    if group.threads.count > threads.count {
      notes.append("\(group.threads.count) threads are played by \(threads.count)")
    }
    if builder.wholeWrites > 0 {
      notes.append("\(Numbers.grouped(builder.wholeWrites)) writes without a key are played as visits of all elements")
    }
  }

  private struct Builder {
    let group: TrafficReport.Group
    let limit: Int
    var threads: [[Step]] = []
    var actions: [UInt64: UInt32] = [:]
    var operations = 0
    var reads = 0
    var beyond: UInt64 = 0
    var wholeWrites = 0
    var firstCount = 0
    private var threadIndices: [Int32: Int] = [:]
    private var isOwn: [UInt64: Bool] = [:]
    private var start: UInt64?
    /// By key: whether it was there at first; not known until an access tells.
    private var wasPresent: [Bool?] = []

    init(group: TrafficReport.Group, limit: Int) {
      self.group = group
      self.limit = limit
    }

    /// What only was read or overwritten was there.
    var present: [UInt32] { wasPresent.indices.filter { wasPresent[$0] ?? true }.map { UInt32($0) } }

    mutating func add(_ access: TrafficAccess, _ reader: TrafficReader) {
      guard belongs(access.collection, reader) else { return }
      if operations >= limit { return beyond += 1 }
      let operation = AccessOperation(code: access.operation)
      if operation == .create || operation == .destroy || operation == .assign { return }
      let begin = start ?? access.time
      if start == nil {
        start = begin
        firstCount = access.hasCount ? Int(access.count) - (access.grew ? 1 : 0) : 0
      }
      let time = access.time > begin ? access.time - begin : 0
      operations += 1
      if !access.isWriting { reads += 1 }
      let step = step(access, operation, at: time)
      let index = threadIndices[access.thread] ?? threadIndices.count % ReplayPlan.threadLimit
      threadIndices[access.thread] = index
      while threads.count <= index { threads.append([]) }
      threads[index].append(step)
    }

    private mutating func belongs(_ id: UInt64, _ reader: TrafficReader) -> Bool {
      if let known = isOwn[id] { return known }
      let collection = reader.collections[id]
      let belongs =
        collection.map {
          $0.kind == 0 && $0.label == group.label ?? "" && $0.declaration == group.declaration ?? ""
            && $0.type == group.type
        } ?? (group.type.isEmpty && group.label == nil && group.declaration == nil)
      if isOwn.count < 1 << 20 { isOwn[id] = belongs }
      return belongs
    }

    private mutating func step(_ access: TrafficAccess, _ operation: AccessOperation?, at time: UInt64) -> Step {
      guard access.hasKey else {
        let isWhole = operation.map { Facts.whole.contains($0.rawValue) } ?? false
        if access.isWriting { wholeWrites += 1 }
        return Step(time: time, key: 0, action: isWhole || access.isWriting ? .visit : .count)
      }
      let name = access.collection &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(access.key)
      var key = UInt32(actions.count)
      if let known = actions[name] {
        key = known
      } else {
        actions[name] = key
        wasPresent.append(nil)
      }
      let isRemoval = access.shrank || operation == .removeValue || operation == .removeAtIndex
      if access.isWriting, wasPresent[Int(key)] == nil { wasPresent[Int(key)] = !access.grew }
      return Step(time: time, key: key, action: !access.isWriting ? .read : isRemoval ? .remove : .write)
    }
  }
}

#endif
