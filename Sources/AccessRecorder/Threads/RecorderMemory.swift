// SPDX-License-Identifier: Apache-2.0
//
// The memory of recorders: mapped, never unmapped, resident where it was written, and refused
// without harm. Nothing here calls malloc or locks.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Glibc

/// What the kernel gives for recorders, and what it gets back.
///
/// A recorder has two parts. The first is small and stays: other threads may look at it whenever
/// they like. The body holds the ring, the remembered chains and the scratch memory; its pages go
/// back to the kernel when a recorder has lain free for long.
enum RecorderMemory {
  /// Zeroed memory; `nil` when the kernel refuses.
  static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let saved = errno
    defer { errno = saved }
    let memory = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    // A huge page would make two megabytes resident for one record.
    _ = madvise(memory, byteCount, MADV_NOHUGEPAGE)
    return memory
  }

  /// Gives the pages back; the memory is zero from now on.
  static func giveBack(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    let saved = errno
    _ = madvise(memory, byteCount, MADV_DONTNEED)
    errno = saved
  }

  /// The first part of a recorder: the struct, and behind it the hazard pointers of nested accesses
  /// and their late storages.
  static var headByteCount: Int {
    let line = ThreadRecorder.cacheLine
    let words = (ThreadRecorder.nestedCapacity + 1) * 16
    return (MemoryLayout<ThreadRecorder>.stride + words + line - 1) / line * line
  }

  /// How many first parts are mapped at once.
  static let headsMappedAtOnce = 64

  static var chainBytes: Int { Int(AUDIT_CHAIN_COUNT) * MemoryLayout<audit_chain>.stride }
  static var scratchBytes: Int { (StackTrace.capacity + StackTrace.chainCapacity) * 8 }

  /// The body of a recorder whose ring holds that many records.
  static func bodyByteCount(ringSize: Int) -> Int { ringOffset + ringSize * AccessRecord.size }

  static var walkBytes: Int { Int(AUDIT_WALK_COUNT) * MemoryLayout<audit_walk_memory>.stride }

  static var ringOffset: Int { (chainBytes + scratchBytes + walkBytes + 63) / 64 * 64 }
}

#endif
