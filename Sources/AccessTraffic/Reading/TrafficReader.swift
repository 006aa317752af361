// SPDX-License-Identifier: Apache-2.0
//
// Reads files of recorded traffic, block by block: a file of any size takes the memory of its
// largest block. What is damaged is said and passed over; everything else is read.

#if REPORTS && canImport(Glibc)

package import AccessTerms
internal import Foundation

/// One recorded access.
package struct TrafficAccess: Sendable, Equatable {
  package var flags: TrafficFormat.Flags
  package var operation: UInt8
  /// When it began, in nanoseconds of the recording machine's monotonic clock.
  package var time: UInt64
  package var collection: UInt64
  package var thread: Int32
  package var duration: UInt32
  package var key: UInt32
  package var count: UInt32
  package var site: UInt32
  package var task: UInt64

  // By bits: `contains` is generic code of another module.
  package var isWriting: Bool { flags.rawValue & 1 != 0 }
  var hasKey: Bool { flags.rawValue & 2 != 0 }
  var hasCount: Bool { flags.rawValue & 4 != 0 }
  var grew: Bool { flags.rawValue & 8 != 0 }
  var shrank: Bool { flags.rawValue & 16 != 0 }
  var hasTask: Bool { flags.rawValue & 32 != 0 }
}

/// What a file says of a collection.
package struct TrafficCollection: Sendable, Equatable {
  package var kind: UInt8
  package var label: String
  package var type: String
  package var declaration: String
}

/// What a file says of the process that wrote it.
package struct TrafficProcess: Sendable, Equatable {
  package var executable: String
  package var host: String
  package var service: String
  package var pid: Int
  /// One access in so many was recorded.
  package var sampling: Int
}

/// Why nothing could be read of a file.
package enum TrafficError: Error, CustomStringConvertible, Equatable {
  case unreadable(String, String)
  case foreign(String)
  case newer(String, UInt32)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read '\(TextEscaping.printable(path))': \(reason)"
    case .foreign(let path): "'\(TextEscaping.printable(path))' is no file of recorded traffic"
    case .newer(let path, let version):
      "'\(TextEscaping.printable(path))' has version \(version) of the format; this tool reads version "
        + "\(TrafficFormat.version): use a newer access-audit"
    }
  }
}

/// Reads one file, and the one that rotation has left beside it, older first.
package final class TrafficReader {
  package private(set) var process: TrafficProcess?
  package private(set) var collections: [UInt64: TrafficCollection] = [:]
  package private(set) var sites: [UInt32: String] = [:]
  /// Accesses that the recorded program could not record.
  package private(set) var lost: UInt64 = 0
  /// Whether the recording ended with its process.
  package private(set) var hasEnded = false
  /// What is wrong with the files, in sentences.
  package private(set) var problems: [String] = []
  package private(set) var accesses: UInt64 = 0
  /// The wall clock less the monotonic one, in nanoseconds.
  package private(set) var wallOffset: Int64?
  private var problemsUnsaid = 0

  private static let problemLimit = 20
  /// Definitions that are kept.
  private static let definitionLimit = 1 << 20

  package init() {}

  /// Calls `body` with each access of the file at `path`, and before with those of `path.1` where
  /// rotation has left it.
  ///
  /// - Parameter progress: Called now and then with the share that has been read, 0 to 1.
  package func read(
    _ path: String, progress: (Double) -> Void = { _ in }, _ body: (TrafficAccess) -> Void
  ) throws(TrafficError) {
    let older = path + ".1"
    let paths = (FileManager.default.fileExists(atPath: older) ? [older] : []) + [path]
    for (index, path) in paths.enumerated() {
      do {
        try readFile(
          path, progress: { progress((Double(index) + $0) / Double(paths.count)) }, body)
      } catch {
        // What rotation has left is an addition.
        if index == paths.count - 1 { throw error }
        note("\(error)")
      }
    }
    if !hasEnded { note("the recording did not end with its process: it was killed, has crashed, or still runs") }
    if problemsUnsaid > 0 { problems.append("\(problemsUnsaid) more problems are not shown") }
  }

  private func note(_ problem: String) {
    if problems.count < Self.problemLimit { problems.append(problem) } else { problemsUnsaid += 1 }
  }

  private func readFile(
    _ path: String, progress: (Double) -> Void, _ body: (TrafficAccess) -> Void
  ) throws(TrafficError) {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw .unreadable(path, String(cString: strerror(errno)))
    }
    defer { try? file.close() }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw .unreadable(path, "it is a folder")
    }
    let size = (try? file.seekToEnd()) ?? 0
    try? file.seek(toOffset: 0)
    var input = TrafficInput(file)
    guard let header = input.take(TrafficFormat.headerSize), Array(header.prefix(8)) == TrafficFormat.magic else {
      throw .foreign(path)
    }
    let version = Self.word(header, 8, UInt32.self)
    if version != TrafficFormat.version { throw .newer(path, version) }
    let (wall, monotonic) = (Self.word(header, 16, UInt64.self), Self.word(header, 24, UInt64.self))
    wallOffset = Int64(bitPattern: wall &- monotonic)
    hasEnded = false
    var expected: UInt32 = 0
    var reported = 0.0
    let name = TextEscaping.printable(path)
    while let start = input.take(TrafficFormat.blockHeaderSize, toleratingEnd: true) {
      let offset = input.offset - UInt64(TrafficFormat.blockHeaderSize)
      if start.count < TrafficFormat.blockHeaderSize {
        note("'\(name)' ends within a block, at byte \(offset): its last batch is missing")
        break
      }
      let length = Int(Self.word(start, 12, UInt32.self))
      guard Self.word(start, 0, UInt32.self) == TrafficFormat.blockMagic, length <= TrafficFormat.payloadLimit,
        start[5...7].allSatisfy({ $0 == 0 })
      else {
        let skipped = input.skipToBlock(from: start)
        note("'\(name)' has \(skipped) bytes at byte \(offset) that are no block: they are passed over")
        continue
      }
      guard let payload = input.take(length) else {
        note("'\(name)' ends within a block, at byte \(offset): its last batch is missing")
        break
      }
      let (kind, sequence) = (start[4], Self.word(start, 8, UInt32.self))
      let sum = payload.withUnsafeBytes { TrafficFormat.checksum(kind: kind, sequence: sequence, $0) }
      if sum != Self.word(start, 16, UInt64.self) {
        note("the block at byte \(offset) of '\(name)' is damaged: its checksum differs; it is passed over")
        expected = sequence &+ 1
        continue
      }
      if sequence != expected {
        note("block \(sequence) of '\(name)' stands where \(expected) is expected: blocks are missing or out of order")
      }
      expected = sequence &+ 1
      if !take(kind, payload, body) { note("the block at byte \(offset) of '\(name)' cannot be understood") }
      let share = size > 0 ? Double(input.offset) / Double(size) : 1
      if share - reported > 0.01 {
        reported = share
        progress(share)
      }
    }
  }

  private static func word<Word: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, _: Word.Type) -> Word {
    bytes.withUnsafeBytes { Word(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Word.self)) }
  }

  /// Takes a block in; `false` where its payload is not what the kind has.
  private func take(_ kind: UInt8, _ payload: [UInt8], _ body: (TrafficAccess) -> Void) -> Bool {
    payload.withUnsafeBytes { payload in
      var cursor = TrafficCursor(payload)
      switch TrafficFormat.Block(rawValue: kind) {
      case .process:
        let (executable, host, service) = (cursor.text(), cursor.text(), cursor.text())
        let (pid, sampling) = (cursor.number(), cursor.number())
        if cursor.hasFailed { return false }
        process = TrafficProcess(
          executable: executable, host: host, service: service, pid: Int(clamping: pid),
          sampling: Int(clamping: sampling))
      case .collections:
        let count = cursor.number()
        var index: UInt64 = 0
        while index < count, !cursor.hasFailed {
          let (id, kind) = (cursor.number(), cursor.number())
          let collection = TrafficCollection(
            kind: UInt8(clamping: kind), label: cursor.text(), type: cursor.text(), declaration: cursor.text())
          if !cursor.hasFailed, collections.count < Self.definitionLimit { collections[id] = collection }
          index += 1
        }
      case .sites:
        let count = cursor.number()
        var index: UInt64 = 0
        while index < count, !cursor.hasFailed {
          let (id, text) = (cursor.number(), cursor.text())
          if !cursor.hasFailed, sites.count < Self.definitionLimit { sites[UInt32(truncatingIfNeeded: id)] = text }
          index += 1
        }
      case .accesses: takeAccesses(&cursor, body)
      case .losses: lost &+= cursor.number()
      case .end: hasEnded = true
      // A later writer of this version may have more kinds.
      case nil: break
      }
      return !cursor.hasFailed
    }
  }

  private func takeAccesses(_ cursor: inout TrafficCursor, _ body: (TrafficAccess) -> Void) {
    let count = cursor.number()
    var access = TrafficAccess(
      flags: [], operation: 0, time: 0, collection: 0, thread: 0, duration: 0, key: 0, count: 0, site: 0, task: 0)
    var index: UInt64 = 0
    while index < count {
      let bits = cursor.byte()
      access.flags = TrafficFormat.Flags(rawValue: bits)
      access.operation = cursor.byte()
      let later = cursor.number()
      access.time &+= (later >> 1) ^ (0 &- (later & 1))
      if bits & 64 == 0 { access.collection = cursor.number() }
      if bits & 128 == 0 { access.thread = Int32(truncatingIfNeeded: cursor.number()) }
      access.duration = UInt32(truncatingIfNeeded: cursor.number())
      access.key = access.hasKey ? cursor.fourBytes() : 0
      access.count = access.hasCount ? UInt32(truncatingIfNeeded: cursor.number()) : 0
      access.site = UInt32(truncatingIfNeeded: cursor.number())
      access.task = access.hasTask ? cursor.number() : 0
      if cursor.hasFailed { return }
      accesses &+= 1
      body(access)
      index += 1
    }
  }
}

#endif
