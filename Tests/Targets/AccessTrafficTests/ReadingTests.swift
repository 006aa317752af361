// SPDX-License-Identifier: Apache-2.0
//
// Files of traffic: what is written is read, and what is damaged, foreign or newer is said.

#if REPORTS && canImport(Glibc)

import AccessTerms
import Foundation
import Testing

@testable import AccessTraffic

struct ReadingTests {
  private func read(_ bytes: [UInt8]) throws -> (accesses: [TrafficAccess], reader: TrafficReader) {
    let reader = TrafficReader()
    var accesses: [TrafficAccess] = []
    try Recording.withFile(bytes) { path in try reader.read(path) { accesses.append($0) } }
    return (accesses, reader)
  }

  private func access(_ number: Int, thread: Int32 = 5, flags: TrafficFormat.Flags = []) -> TrafficAccess {
    TrafficAccess(
      flags: flags, operation: 4, time: UInt64(1_000_000 + number), collection: 7 << 48 | 3, thread: thread,
      duration: UInt32(number), key: flags.contains(.hasKey) ? .max : 0, count: flags.contains(.hasCount) ? 9 : 0,
      site: 1, task: flags.contains(.hasTask) ? 12 : 0)
  }

  private var recording: Recording {
    var recording = Recording()
    recording.define(7 << 48 | 3, label: "orders", type: "AuditedDictionary<Int, Int>", declaration: "Shop.orders")
    recording.define(site: 1, "Shop.look() Shop.swift:3")
    recording.add([access(1), access(5, flags: [.writing, .hasKey, .hasCount, .grew, .hasTask]), access(3)])
    recording.lose(8)
    recording.add([access(9)])
    recording.end()
    return recording
  }

  @Test func whatIsWritten_isRead() throws {
    let (accesses, reader) = try read(recording.bytes)
    #expect(
      accesses
        == [access(1), access(5, flags: [.writing, .hasKey, .hasCount, .grew, .hasTask]), access(3), access(9)])
    #expect(reader.process == TrafficProcess(executable: "shop", host: "host", service: "", pid: 77, sampling: 1))
    #expect(reader.collections[7 << 48 | 3]?.label == "orders" && reader.sites[1] == "Shop.look() Shop.swift:3")
    #expect(reader.lost == 8 && reader.hasEnded && reader.problems.isEmpty)
  }

  /// Cut off at any byte, a file gives all whole blocks, and says that something is missing.
  @Test func truncatedFile_isReadUpToItsEnd() throws {
    let bytes = recording.bytes
    for length in TrafficFormat.headerSize..<bytes.count {
      let (accesses, reader) = try read(Array(bytes[..<length]))
      #expect(!reader.problems.isEmpty && accesses.count <= 4, "cut at \(length)")
    }
    #expect(try read(Array(bytes.dropLast(10))).accesses.count == 4)
    #expect(throws: TrafficError.self) { try read(Array(bytes[..<10])) }
  }

  /// Any byte may be another one: nothing crashes, and a changed block is not taken for a whole
  /// one.
  @Test func damagedFile_isSaid() throws {
    let bytes = recording.bytes
    for index in TrafficFormat.headerSize..<bytes.count {
      var damaged = bytes
      damaged[index] ^= 0x41
      #expect(try !read(damaged).reader.problems.isEmpty, "byte \(index)")
    }
  }

  @Test func foreignNewerAndMissingFiles_areErrors() throws {
    func error(_ bytes: [UInt8]) -> String {
      do { _ = try read(bytes) } catch { return "\(error)" }
      return ""
    }
    #expect(error(Array("{\"schema\": \"access-audit/1\"}".utf8)).hasSuffix("is no file of recorded traffic"))
    #expect(error([]).hasSuffix("is no file of recorded traffic"))
    var newer = recording.bytes
    newer[8] = 9
    #expect(error(newer).contains("has version 9 of the format; this tool reads version 1"))
    #expect(throws: TrafficError.unreadable("/nowhere/at-all", "No such file or directory")) {
      try TrafficReader().read("/nowhere/at-all") { _ in }
    }
  }

  @Test func blocksOutOfOrder_areSaidAndRead() throws {
    var blocks = recording.blocks
    blocks.swapAt(3, 5)
    let (accesses, reader) = try read(Recording.header + blocks.joined())
    #expect(accesses.count == 4 && reader.problems.contains { $0.contains("out of order") })
    blocks.remove(at: 1)
    #expect(try read(Recording.header + blocks.joined()).reader.problems.contains { $0.contains("missing") })
  }

  @Test func foreignBytesBetweenBlocks_arePassedOver() throws {
    let blocks = recording.blocks
    let junk = [UInt8](repeating: 0x41, count: 1_000)
    let (accesses, reader) = try read(Recording.header + blocks[..<4].joined() + junk + blocks[4...].joined())
    #expect(accesses.count == 4 && reader.problems.contains { $0.contains("1000 bytes") })
  }

  /// What a count says that no block can hold.
  @Test func hugeNumbers_areNotBelieved() throws {
    var recording = Recording()
    for kind in [TrafficFormat.Block.collections, .sites, .accesses] {
      recording.add(kind, [255, 255, 255, 255, 255, 255, 255, 255, 255, 1])
    }
    recording.add(.process, [255, 255, 255, 255, 127])
    let (accesses, reader) = try read(recording.bytes)
    #expect(accesses.isEmpty && reader.problems.count >= 4)
  }

  @Test func rotatedFile_isReadFirst() throws {
    try Recording.withFile(recording.bytes) { path in
      try Data(recording.bytes).write(to: URL(fileURLWithPath: path + ".1"))
      let reader = TrafficReader()
      try reader.read(path) { _ in }
      #expect(reader.accesses == 8 && reader.problems.isEmpty)
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path + ".1"))
      let second = TrafficReader()
      try second.read(path) { _ in }
      #expect(second.accesses == 4 && second.problems.count == 1)
    }
  }
}

#endif
