// SPDX-License-Identifier: Apache-2.0
//
// Rings and the stack table.

#if AUDITED && canImport(Glibc)

import CAccessRecorder
import CxxExceptions
import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder

struct RecorderTests {
  @Test func record_is32BytesAndSurvivesTheRing() throws {
    let ring = AccessRing.forTests(capacity: 100)
    let capacity = ring.capacity
    #expect(capacity == 128)
    #expect(AccessRecord.size == 32)
    let unwritten = ring.record(at: 0)
    #expect(unwritten == nil)
    for index in 0..<1000 {
      ring.append(
        collectionID: UInt64(index), version: UInt64(index) << 1, stackID: UInt32(index), operation: .merge,
        flags: UInt8(index & 3), clock: UInt32(index))
    }
    let last = ring.record(at: 999)
    let record = try #require(last)
    #expect(record.collectionID == 999 && record.stackID == 999 && record.operation == .merge)
    #expect(record.flags.rawValue == 3 && record.coarseMilliseconds == 999 && record.version.rawValue == 1998)
    // The slot of the oldest record may be in the middle of an overwrite, so it does not count as
    // readable.
    let indices: [UInt64] = [1000, 871, 872, 873]
    let readable = indices.map { ring.record(at: $0) != nil }
    #expect(readable == [false, false, false, true])
  }

  @Test func operations_haveOneCodeEach() {
    for (index, operation) in AccessOperation.allCases.enumerated() {
      #expect(Int(operation.code) == index)
      #expect(AccessOperation(code: operation.code) == operation)
    }
    #expect(AccessOperation(code: 255) == nil)
    #expect(AccessOperation.allCases.count < 255)
  }

  /// A reader beside a writer that laps it sees complete records only.
  @Test func reader_neverSeesATornRecord() {
    let shared = RingBox(capacity: 256)
    Thread {
      var index: UInt64 = 0
      while !shared.isDone.load(ordering: .relaxed) {
        shared.ring.append(
          collectionID: index &* 3, version: index &* 5, stackID: UInt32(truncatingIfNeeded: index), operation: .count,
          flags: 0, clock: 0)
        index += 1
      }
    }.start()
    var seen = 0
    var torn = 0
    let deadline = Date().addingTimeInterval(60)
    while seen < 200_000, Date() < deadline {
      let head = shared.ring.head.load(ordering: .acquiring)
      // From the oldest on, where the writer laps the reader.
      for index in (head > 256 ? head - 256 : 0)..<head {
        guard let record = shared.ring.record(at: index) else { continue }
        seen += 1
        let isWhole =
          record.collectionID == index &* 3 && record.version.rawValue == index &* 5
          && record.stackID == UInt32(truncatingIfNeeded: index)
        if !isWhole { torn += 1 }
      }
    }
    shared.isDone.store(true, ordering: .relaxed)
    #expect(seen >= 200_000 && torn == 0)
  }

  private func insert(_ hash: UInt64, _ trace: [UInt64], into table: StackTable.Reference) -> UInt32 {
    var trace = trace
    return trace.withUnsafeMutableBufferPointer {
      table.insert(hash, RawTrace($0.baseAddress!, count: $0.count), hidesFrames: false)
    }
  }

  @Test func stackTable_internsAndFills() throws {
    let table = try #require(StackTable.create())
    var traces: [UInt32: [UInt64]] = [:]
    for seed in UInt64(1)...2_000 {
      let trace = (0..<(seed % 20 + 1)).map { seed &* 0x1234_5678_9ABC &+ $0 }
      let hash = trace.reduce(0) { $0 &* 0x9E37_79B9_7F4A_7C15 &+ $1 }
      let id = insert(hash, trace, into: table)
      #expect(id != 0)
      #expect(insert(hash, trace, into: table) == id)
      traces[id] = trace
    }
    #expect(traces.count == 2_000)
    for (id, trace) in traces { #expect(table.addresses(of: id) == trace) }
    #expect(table.addresses(of: 0).isEmpty && table.addresses(of: .max).isEmpty)
  }

  /// A full table loses stacks and counts them; it does not grow. Long before that it refuses whole
  /// stacks.
  @Test func stackTable_isBounded() throws {
    let table = try #require(StackTable.create())
    var generator = SystemRandomNumberGenerator()
    let trace = [UInt64](repeating: 42, count: 40)
    var wholeStacks = 0
    for _ in 0..<70_000 {
      if table.takesWholeStacks { wholeStacks += 1 }
      _ = insert(generator.next(), trace, into: table)
    }
    let counters = table.counters
    #expect(counters.pointee.lost.load(ordering: .relaxed) > 0)
    #expect(counters.pointee.entriesUsed.load(ordering: .relaxed) <= StackTable.entryLimit)
    #expect(wholeStacks > StackTable.entryCount / 2 && wholeStacks <= StackTable.wholeStackLimit + 1_000)
    #expect(!table.takesShortStacks)
  }

  /// A search in a full table for a missing stack ends after few steps, so no access is slow.
  @Test func fullStackTable_isSearchedInFewSteps() throws {
    let table = try #require(StackTable.create())
    var generator = SystemRandomNumberGenerator()
    let trace: [UInt64] = [42]
    for _ in 0..<70_000 { _ = insert(generator.next(), trace, into: table) }
    var absent = 0
    for _ in 0..<10_000 { if case .absent = table.lookUp(generator.next()) { absent += 1 } }
    #expect(absent > 9_990)
  }

  /// The unwind rules that were derived from libunwind lead through the same frames as libunwind
  /// itself.
  @Test func walk_isLibunwinds() {
    var compared = 0
    for depth in 0..<12 {
      recurse(depth) {
        let (own, libunwinds) = Self.bothTraces()
        #expect(own.count > depth && libunwinds.starts(with: own), "\(own) \(libunwinds)")
        compared += 1
      }
    }
    // Through frames of the C library and the standard library too.
    let sorted = [3, 1, 2].sorted {
      let (own, libunwinds) = Self.bothTraces()
      #expect(own.count > 2 && libunwinds.starts(with: own), "\(own) \(libunwinds)")
      return $0 < $1
    }
    #expect(compared == 12 && sorted == [1, 2, 3])
  }

  /// A frame with something to clean up names a function that lies in the data of its image.
  @Test func walk_passesFramesThatCleanUp() {
    var found = [0, 0]
    withUnsafeMutablePointer(to: &found) { found in
      _ = cxx_throw_and_catch(
        1, 3,
        { context in
          let (own, libunwinds) = RecorderTests.bothTraces()
          context?.assumingMemoryBound(to: [Int].self).pointee = [own.count, libunwinds.starts(with: own) ? 1 : 0]
        }, found)
    }
    #expect(found[0] > 8 && found[1] == 1, "\(found)")
  }

  @inline(never)
  private func recurse(_ depth: Int, _ body: () -> Void) {
    if depth == 0 { body() } else { recurse(depth - 1, body) }
    withExtendedLifetime(depth) {}
  }

  /// The trace from the caller on, by rules and by libunwind's own walk.
  @inline(never)
  private static func bothTraces() -> ([UInt64], [UInt64]) {
    let frame = audit_frame_address()
    var low: UInt = 0
    var high: UInt = 0
    guard audit_stack_bounds(&low, &high) else { return ([], []) }
    let own = StackTrace.array(from: frame, low: low, high: high, depth: 40)
    var buffer = [UInt64](repeating: 0, count: 64)
    let count = Int(audit_unwind(&buffer, 64))
    let all = buffer[..<count].prefix { $0 != 0 }
    guard let first = own.first, let start = all.firstIndex(of: first) else { return (own, []) }
    return (own, Array(all[start...]))
  }

  /// With bounds or without: a walk of a stack that is not the thread's own reads it through the
  /// kernel.
  @Test func walk_ofAnUnknownStack_isTheSame() {
    let frame = audit_frame_address()
    var low: UInt = 0
    var high: UInt = 0
    #expect(audit_stack_bounds(&low, &high) && frame >= low && frame < high)
    let known = StackTrace.array(from: frame, low: low, high: high, depth: 40)
    let unknown = StackTrace.array(from: frame, low: 0, high: 0, depth: 40)
    #expect(known == unknown && known.count > 2)
  }

  #if arch(x86_64)
  /// Code without a frame pointer keeps anything in the register for it. A remembered walk through
  /// such code is found again whatever that is, and not from another caller, whose walk is
  /// remembered beside it.
  @Test func rememberedWalk_isFoundWhateverTheRegisterHolds() {
    var walks = RememberedWalks()
    defer { walks.memories.deallocate() }
    withUnsafeMutablePointer(to: &walks) { walks in
      for word: UInt64 in [0, 1, 0x5151_5151_5151_5151] {
        call_with_frame_register({ RememberedWalks.visit($0!) }, walks, word)
      }
      for word: UInt64 in 2..<5 {
        call_with_frame_register({ RememberedWalks.visit($0!) }, walks, word)
      }
    }
    #expect(walks.found == [0, 1, 1, 0, 2, 2] && walks.frames > 3)
  }
  #endif

  /// libunwind is called once per address.
  @Test func walk_asksOnce() {
    for _ in 0..<3 { _ = Self.bothTraces() }
    let learnt = audit_frames_learnt()
    var most: UInt64 = 0
    for _ in 0..<1_000 {
      let before = audit_frames_learnt()
      _ = Self.bothTraces()
      most = max(most, audit_frames_learnt() - before)
    }
    // Parallel tests add rules too.
    #expect(audit_frames_learnt() - learnt < 1_000 && most < 1_000)
  }
}

#if arch(x86_64)
/// Walks of one thread, each made at the first visit on its stack, and looked for at the others.
private struct RememberedWalks {
  let memories = UnsafeMutablePointer<audit_walk_memory>.allocate(capacity: Int(AUDIT_WALK_COUNT))
  var found: [UInt32] = []
  var made: UInt32 = 0
  var frames: Int32 = 0

  init() { memories.initialize(repeating: audit_walk_memory(), count: Int(AUDIT_WALK_COUNT)) }

  /// `context` is the walks.
  @inline(never)
  static func visit(_ context: UnsafeMutableRawPointer) {
    let walks = context.assumingMemoryBound(to: RememberedWalks.self)
    let frame = audit_frame_address()
    var low: UInt = 0
    var high: UInt = 0
    guard audit_stack_bounds(&low, &high) else { return }
    let found = audit_find_walk(walks.pointee.memories, 1, frame, 40)
    walks.pointee.found.append(found)
    if found != 0 { return }
    // Has libunwind asked about each address of this stack.
    _ = StackTrace.array(from: frame, low: low, high: high, depth: 40)
    let memory = audit_place_of_walk(walks.pointee.memories, 1, frame, 0)
    audit_begin_memory(memory, 1, frame, 40)
    var addresses = [UInt64](repeating: 0, count: 40)
    walks.pointee.frames = audit_walk_known(&addresses, frame, low, high, 40, memory)
    walks.pointee.made += 1
    audit_end_memory(memory, frame, walks.pointee.made)
  }
}
#endif

/// Unchecked: the ring makes the two sides safe, and is the subject of the test.
private final class RingBox: @unchecked Sendable {
  let ring: AccessRing
  let isDone = Atomic<Bool>(false)
  init(capacity: Int) { ring = AccessRing.forTests(capacity: capacity) }
}

extension AccessRing {
  /// A ring with separate memory, which outlives the ring.
  static func forTests(capacity: Int) -> AccessRing {
    let size = size(for: capacity)
    return AccessRing(memory: RecorderMemory.map(size * AccessRecord.size)!, size: size)
  }
}

#endif
