// SPDX-License-Identifier: Apache-2.0
//
// Small collections: what it takes to make a dictionary of one pair, to write to a copy of one for
// the first time, and to end one. The same text for plain and audited dictionaries.

import AuditedCollections

/// Memory for small dictionaries, which are made in one loop and ended in another.
final class SmallCells {
  private let count: Int
  private let plain: UnsafeMutablePointer<[Int: Int]>
  private let audited: UnsafeMutablePointer<AuditedDictionary<Int, Int>>
  private let plainHolder = PlainHolder<Int>()
  private let auditedHolder = AuditedHolder<Int>()

  init(count: Int) {
    self.count = count
    plain = .allocate(capacity: count)
    audited = .allocate(capacity: count)
    plainHolder.dictionary[1] = 1
    auditedHolder.dictionary[1] = 1
  }

  deinit {
    plain.deallocate()
    audited.deallocate()
  }

  func make(_ mode: Mode) -> Double {
    let (plain, audited, count) = (plain, audited, count)
    if mode == .plain {
      return Measurement.time(count) { for i in 0..<count { (plain + i).initialize(to: [i: i]) } }
    }
    return Measurement.time(count) { for i in 0..<count { (audited + i).initialize(to: [i: i]) } }
  }

  func fork(_ mode: Mode) -> Double {
    let (plain, audited, count) = (plain, audited, count)
    let (plainHolder, auditedHolder) = (plainHolder, auditedHolder)
    if mode == .plain {
      return Measurement.time(count) {
        for i in 0..<count {
          (plain + i).initialize(to: plainHolder.dictionary)
          plain[i][1] = i
        }
      }
    }
    return Measurement.time(count) {
      for i in 0..<count {
        (audited + i).initialize(to: auditedHolder.dictionary)
        audited[i][1] = i
      }
    }
  }

  /// Ends what `make` or `fork` has left.
  func end(_ mode: Mode) -> Double {
    let (plain, audited, count) = (plain, audited, count)
    if mode == .plain {
      return Measurement.time(count) { for i in 0..<count { (plain + i).deinitialize(count: 1) } }
    }
    return Measurement.time(count) { for i in 0..<count { (audited + i).deinitialize(count: 1) } }
  }
}
