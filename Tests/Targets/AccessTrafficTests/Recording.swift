// SPDX-License-Identifier: Apache-2.0
//
// Recordings made up for tests: the bytes of a file, and traffic from a generator with a seed.

#if REPORTS && canImport(Glibc)

import AccessTerms
import Foundation

@testable import AccessTraffic

/// A file of traffic in memory.
struct Recording {
  private(set) var blocks: [[UInt8]] = []
  private var sequence: UInt32 = 0

  static let header = TrafficBytes.header(wallNanoseconds: 1_800_000_000_000_000_000, monotonicNanoseconds: 1_000)

  init() {
    var process = TrafficBytes()
    for text in ["shop", "host", ""] { process.append(text: text) }
    process.append(number: 77)
    process.append(number: 1)
    add(.process, process.bytes)
  }

  mutating func add(_ kind: TrafficFormat.Block, _ payload: [UInt8]) {
    blocks.append(TrafficBytes.block(kind, sequence: sequence, payload))
    sequence += 1
  }

  mutating func define(_ id: UInt64, kind: UInt64 = 0, label: String = "", type: String, declaration: String = "") {
    var payload = TrafficBytes()
    payload.append(number: 1)
    payload.append(number: id)
    payload.append(number: kind)
    for text in [label, type, declaration] { payload.append(text: text) }
    add(.collections, payload.bytes)
  }

  mutating func define(site: UInt64, _ text: String) {
    var payload = TrafficBytes()
    payload.append(number: 1)
    payload.append(number: site)
    payload.append(text: text)
    add(.sites, payload.bytes)
  }

  mutating func lose(_ count: UInt64) {
    var payload = TrafficBytes()
    payload.append(number: count)
    add(.losses, payload.bytes)
  }

  mutating func add(_ accesses: [TrafficAccess]) {
    var payload = TrafficBytes()
    payload.append(number: UInt64(accesses.count))
    var time: UInt64 = 0
    for access in accesses {
      payload.bytes.append(access.flags.rawValue)
      payload.bytes.append(access.operation)
      let later = Int64(bitPattern: access.time &- time)
      payload.append(number: UInt64(bitPattern: later << 1 ^ later >> 63))
      payload.append(number: access.collection)
      payload.append(number: UInt64(access.thread))
      payload.append(number: UInt64(access.duration))
      if access.flags.contains(.hasKey) { payload.append(word: access.key) }
      if access.flags.contains(.hasCount) { payload.append(number: UInt64(access.count)) }
      payload.append(number: UInt64(access.site))
      if access.flags.contains(.hasTask) { payload.append(number: access.task) }
      time = access.time
    }
    add(.accesses, payload.bytes)
  }

  mutating func end() { add(.end, []) }

  var bytes: [UInt8] { Self.header + blocks.joined() }

  /// Writes bytes to a new file, calls `body` with its path, and removes the folder.
  static func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("traffic-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("recording").path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return try body(path)
  }

  /// What the file comes to.
  func report() throws -> TrafficReport { try Self.withFile(bytes) { try TrafficSummary.report(of: $0) } }
}

/// Traffic of one dictionary.
struct Traffic {
  var label = "orders"
  var type = "AuditedDictionary<String, Int>"
  var kind: UInt64 = 0
  var accesses = 4_000
  var threads: Int32 = 4
  var readShare = 0.5
  var perSecond = 1_000.0
  var keys: UInt32 = 100
  var size: (Int) -> UInt32 = { _ in 100 }
  var hotShare = 0.0
  var inTasks = false
  var duration: UInt32 = 100
  var operation: AccessOperation?
  var grows = false

  func recording() -> Recording {
    var recording = Recording()
    recording.define(1, kind: kind, label: label, type: type, declaration: "Shop.\(label)")
    recording.define(site: 1, "Shop.look(_:) Shop.swift:3")
    // Marsaglia, "Xorshift RNGs" (2003), the triple 13, 7, 17.
    var random: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next(_ bound: UInt64) -> UInt64 {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return random % bound
    }
    var batch: [TrafficAccess] = []
    for index in 0..<accesses {
      let isRead = Double(next(1_000_000)) < readShare * 1_000_000
      var flags: TrafficFormat.Flags = kind == 0 ? [.hasKey, .hasCount] : [.hasCount]
      if !isRead { flags.insert(.writing) }
      if !isRead && grows { flags.insert(.grew) }
      if inTasks { flags.insert(.hasTask) }
      let operation = operation ?? (isRead ? .subscriptGet : .subscriptSet)
      let isHot = Double(next(1_000_000)) < hotShare * 1_000_000
      batch.append(
        TrafficAccess(
          flags: flags, operation: UInt8(AccessOperation.allCases.firstIndex(of: operation)!),
          time: 1_000_000 + UInt64(Double(index) * 1e9 / perSecond), collection: 1,
          thread: 100 + Int32(next(UInt64(threads))), duration: duration,
          key: isHot ? 7 : UInt32(next(UInt64(keys))) &* 2_654_435_761, count: size(index), site: 1,
          task: inTasks ? next(1_000) + 1 : 0))
      if batch.count == 1_000 {
        recording.add(batch)
        batch = []
      }
    }
    if !batch.isEmpty { recording.add(batch) }
    recording.end()
    return recording
  }
}

#endif
