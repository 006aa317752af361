// SPDX-License-Identifier: Apache-2.0
//
// The process-wide table of interned stacks: append-only, lock-free, in two mappings of fixed size
// whose pages the kernel commits when they are first written. Nothing here allocates after
// `create`.

#if AUDITED && canImport(Glibc)

internal import Glibc
public import Synchronization

/// Stacks by the hash of their return addresses.
///
/// Open addressing with linear probing. An entry is two words: the hash, whose lowest bit says that
/// the chain hides frames, and where the frames lie. A thread claims an entry by a compare-and-swap
/// of the hash from 0, copies the frames, then publishes their place. The ID of a stack is its
/// entry's index plus one, known before the frames are published.
@usableFromInline
package enum StackTable {
  package static let maximumDepth = 128
  package static let entryCount = 1 << 16
  static let frameCapacity = (16 << 20) / 8 - 2 * entryCount
  /// Above this share of used entries only a stack's innermost frames are kept, above the next one
  /// its caller, so that a location remains. Far from full, so that what is not there is soon known
  /// not to be.
  static let wholeStackLimit = entryCount / 16 * 11
  static let shortStackLimit = entryCount / 16 * 12
  package static let entryLimit = entryCount / 16 * 13
  /// Frames of a stack that is shortened.
  static let shortDepth: UInt64 = 4
  /// Room for frames that short stacks can still use.
  static let wholeFrameLimit = frameCapacity - (entryLimit - wholeStackLimit) * Int(shortDepth) - (1 << 16)
  static let probeLimit = 64
  static let mask = UInt64(entryCount - 1)

  /// Whether the lowest bit of a stored hash says that the chain hides frames.
  static let hidesFramesBit: UInt64 = 1

  package enum LookUp {
    case found(UInt32)
    case hidesFrames
    case absent
  }

  @usableFromInline
  package struct Entry: ~Copyable {
    @usableFromInline let hash: Atomic<UInt64>
    /// First frame << 8 | number of frames; 0 until the frames are readable.
    let place: Atomic<UInt64>
  }

  @usableFromInline
  package struct Counters: ~Copyable {
    package let entriesUsed = Atomic<Int>(0)
    package let framesUsed = Atomic<Int>(0)
    package let lost = Atomic<UInt64>(0)
  }

  /// The address of a table; what a thread's recorder keeps.
  @frozen @usableFromInline
  package struct Reference: @unchecked Sendable {
    @usableFromInline let entries: UnsafeMutablePointer<Entry>
    let frames: UnsafeMutablePointer<UInt64>
    package let counters: UnsafeMutablePointer<Counters>
  }

  /// Maps an empty table: 16 MiB of address space, resident as it fills. `nil` when the kernel
  /// refuses.
  package static func create() -> Reference? {
    let entryBytes = entryCount * 16
    let frameBytes = frameCapacity * 8
    let byteCount = entryBytes + frameBytes + MemoryLayout<Counters>.stride
    let memory = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    _ = madvise(memory, byteCount, MADV_NOHUGEPAGE)
    let counters = (memory + entryBytes + frameBytes).bindMemory(to: Counters.self, capacity: 1)
    counters.initialize(to: Counters())
    return Reference(
      entries: memory.assumingMemoryBound(to: Entry.self),
      frames: (memory + entryBytes).assumingMemoryBound(to: UInt64.self), counters: counters)
  }
}

extension StackTable.Reference {
  /// The ID of the stack with this hash when it is in its first place and whole; 0 otherwise.
  @inlinable @inline(always)
  package func find(_ hash: UInt64) -> UInt32 {
    // Literals, as unoptimised builds call for constants: without the lowest bit; 16 bits of the
    // hash.
    let key = hash & 0xFFFF_FFFF_FFFF_FFFE
    let index = Int(truncatingIfNeeded: (key &>> 20) & 0xFFFF)
    if (entries + index).pointee.hash.load(ordering: .relaxed) == key { return UInt32(truncatingIfNeeded: index &+ 1) }
    return 0
  }

  package func lookUp(_ hash: UInt64) -> StackTable.LookUp {
    let key = normalized(hash)
    var index = firstProbe(key)
    let last = index + StackTable.probeLimit
    while index < last {
      let place = index & Int(StackTable.mask)
      let stored = entries[place].hash.load(ordering: .acquiring)
      if stored == 0 { return .absent }
      if stored == key { return .found(UInt32(place + 1)) }
      if stored == key | StackTable.hidesFramesBit { return .hidesFrames }
      index += 1
    }
    return .absent
  }

  /// Whether there is room for stacks in full; for their innermost frames only; or, with neither,
  /// for callers.
  package var takesWholeStacks: Bool {
    counters.pointee.entriesUsed.load(ordering: .relaxed) < StackTable.wholeStackLimit
      && counters.pointee.framesUsed.load(ordering: .relaxed) < StackTable.wholeFrameLimit
  }
  package var takesShortStacks: Bool {
    counters.pointee.entriesUsed.load(ordering: .relaxed) < StackTable.shortStackLimit
  }

  /// Adds a stack; returns its ID, the ID another thread gave it meanwhile, or 0 when the table is
  /// full.
  package func insert(_ hash: UInt64, _ trace: RawTrace, hidesFrames: Bool) -> UInt32 {
    guard counters.pointee.entriesUsed.load(ordering: .relaxed) < StackTable.entryLimit, trace.count > 0 else {
      return lose()
    }
    let key = normalized(hash)
    let stored = hidesFrames ? key | StackTable.hidesFramesBit : key
    var index = firstProbe(key)
    let last = index + StackTable.probeLimit
    while index < last {
      let place = index & Int(StackTable.mask)
      let (won, present) = entries[place].hash.compareExchange(
        expected: 0, desired: stored, ordering: .acquiringAndReleasing)
      if won {
        counters.pointee.entriesUsed.wrappingAdd(1, ordering: .relaxed)
        return publish(trace, at: place)
      }
      if present == stored { return UInt32(place + 1) }
      index += 1
    }
    return lose()
  }

  private func publish(_ trace: RawTrace, at index: Int) -> UInt32 {
    let first = counters.pointee.framesUsed.wrappingAdd(trace.count, ordering: .relaxed).oldValue
    guard first + trace.count <= StackTable.frameCapacity else { return lose() }
    var offset = 0
    while offset < trace.count {
      frames[first + offset] = trace.addresses[offset]
      offset &+= 1
    }
    // Pairs with the acquiring load in `addresses(of:)`.
    entries[index].place.store(UInt64(first) << 8 | UInt64(trace.count), ordering: .releasing)
    return UInt32(index + 1)
  }

  /// The return addresses of a stack, innermost first; empty when they are lost or not yet
  /// readable.
  package func addresses(of id: UInt32) -> [UInt64] {
    guard id != 0, id <= StackTable.entryCount else { return [] }
    let place = entries[Int(id) - 1].place.load(ordering: .acquiring)
    let first = Int(place >> 8)
    return (0..<Int(place & 0xFF)).map { frames[first + $0] }
  }

  package func countLost() { counters.pointee.lost.wrappingAdd(1, ordering: .relaxed) }

  private func lose() -> UInt32 {
    countLost()
    return 0
  }

  /// A key is never 0, the mark of a free entry.
  private func normalized(_ hash: UInt64) -> UInt64 {
    let key = hash & ~StackTable.hidesFramesBit
    return key == 0 ? 2 : key
  }

  private func firstProbe(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key >> 20) & StackTable.mask) }
}

#endif
