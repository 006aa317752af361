// SPDX-License-Identifier: Apache-2.0
//
// Two accesses of one function, whose frames lie at one address: what hunting remembers of one is
// not given to the other.

import AuditedCollections
import Foundation
import Synchronization

extension HuntScenarios {
  /// Two threads access two collections under one lock; from some moment on, one of the collections
  /// without it. Prints the lines of the accesses to the other one.
  static func twoSites() {
    let sites = TwoSites()
    let isRacing = Gate()
    let isDone = Gate()
    let writer = Thread {
      var round = 0
      while !isDone.isOpen {
        round += 1
        sites.write(round, isSafe: !isRacing.isOpen)
      }
    }
    let reader = Thread { while !isDone.isOpen { sites.read(isSafe: !isRacing.isOpen) } }
    writer.start()
    reader.start()
    usleep(1_500_000)
    isRacing.open()
    Waiting.upTo(milliseconds: 10_000) { AccessAudit.violations.count >= 1 }
    // Time for reports that should not be made.
    usleep(1_000_000)
    isDone.open()
    while !writer.isFinished || !reader.isFinished { usleep(1_000) }
    print("locked in lines \(TwoSites.lockedRead) and \(TwoSites.lockedWrite)")
  }
}

/// Unchecked: one of its collections is what is raced.
private final class TwoSites: @unchecked Sendable {
  private var raced: AuditedDictionary<Int, Int> = [:]
  private var locked: AuditedDictionary<Int, Int8> = [:]
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let sum = Atomic<Int>(0)

  init() { pthread_mutex_init(mutex, nil) }

  static let lockedRead = #line + 6
  @inline(never)
  func read(isSafe: Bool) {
    if isSafe { pthread_mutex_lock(mutex) }
    var found = raced[3] ?? 0
    if !isSafe { pthread_mutex_lock(mutex) }
    found &+= Int(locked[4] ?? 0)
    pthread_mutex_unlock(mutex)
    sum.wrappingAdd(found, ordering: .relaxed)
  }

  static let lockedWrite = #line + 4
  @inline(never)
  func write(_ round: Int, isSafe: Bool) {
    pthread_mutex_lock(mutex)
    locked[round % 50] = 1
    if !isSafe { pthread_mutex_unlock(mutex) }
    raced[round % 50] = round
    if isSafe { pthread_mutex_unlock(mutex) }
  }
}
