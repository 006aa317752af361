// SPDX-License-Identifier: Apache-2.0
//
// The memory orderings of ReadWindow and WriteWindow, statement by statement;
// Tests/Fixtures/Windows/orders checks their arm64 code. The machines that run the checks have no
// standard library for arm64, so the windows themselves cannot be compiled for it.

import Synchronization

/// WriteWindow: the odd version, the elements, the even version, the writer word.
@inline(never)
public func write(
  _ version: UnsafeMutablePointer<Atomic<UInt64>>, _ writer: UnsafeMutablePointer<Atomic<UInt64>>,
  _ elements: UnsafeMutablePointer<UInt64>, _ odd: UInt64
) {
  version.pointee.store(odd, ordering: .releasing)
  atomicMemoryFence(ordering: .releasing)
  elements.pointee = 7
  version.pointee.store(odd &+ 1, ordering: .releasing)
  writer.pointee.store(0, ordering: .releasing)
}

/// ReadWindow: the version, the elements, the end of the publication, the version.
@inline(never)
public func read(
  _ version: UnsafeMutablePointer<Atomic<UInt64>>, _ hazard: UnsafeMutablePointer<Atomic<UInt64>>,
  _ elements: UnsafeMutablePointer<UInt64>
) -> UInt64 {
  let before = version.pointee.load(ordering: .acquiring)
  let value = elements.pointee
  atomicMemoryFence(ordering: .acquiring)
  hazard.pointee.store(0, ordering: .releasing)
  return version.pointee.load(ordering: .acquiring) == before ? value : 0
}
