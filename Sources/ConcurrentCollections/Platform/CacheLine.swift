// SPDX-License-Identifier: Apache-2.0
//
// Memory laid out so that neighbours do not share a cache line. Nothing here locks.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The unit in which cores pass memory to each other.
@usableFromInline
enum CacheLine {
  /// Two lines of 64 bytes: the prefetchers of x86-64 fetch lines in pairs, and some arm64 lines
  /// have 128.
  @inlinable static var bytes: Int { 128 }

  @inlinable
  static func roundUp(_ size: Int) -> Int { (max(size, 1) + bytes - 1) / bytes * bytes }
}

/// A fixed number of values, each on cache lines of its own.
@usableFromInline
struct PaddedArray<Element: ~Copyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let stride: Int
  @usableFromInline let count: Int

  @usableFromInline
  init(count: Int, _ makeElement: (Int) -> Element) {
    self.count = count
    self.stride = CacheLine.roundUp(MemoryLayout<Element>.size)
    self.base = .allocate(byteCount: stride * count, alignment: CacheLine.bytes)
    for index in 0..<count {
      (base + index * stride).bindMemory(to: Element.self, capacity: 1).initialize(to: makeElement(index))
    }
  }

  /// The place of one value; valid as long as the array.
  @inlinable @inline(__always)  // An address computation.
  func pointer(_ index: Int) -> UnsafeMutablePointer<Element> {
    (base + index &* stride).assumingMemoryBound(to: Element.self)
  }

  deinit {
    for index in 0..<count { pointer(index).deinitialize(count: 1) }
    base.deallocate()
  }
}

extension PaddedArray: @unchecked Sendable where Element: Sendable & ~Copyable {}

/// What the machine offers.
@usableFromInline
enum Machine {
  /// The cores the process may run on.
  @usableFromInline static let cores: Int = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

  /// The smallest power of two that is not less than a number.
  @inlinable
  static func powerOfTwo(atLeast number: Int) -> Int {
    var power = 1
    while power < number { power <<= 1 }
    return power
  }
}
