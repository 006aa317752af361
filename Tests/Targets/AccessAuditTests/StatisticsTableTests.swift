// SPDX-License-Identifier: Apache-2.0
//
// The statistics of collections whose records are lost.

#if AUDITED && canImport(Glibc)

import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder

@Suite(.serialized)
struct StatisticsTableTests {
  /// IDs that no thread of this process assigns.
  private static let firstID = UInt64(60_000) << VersionWord.slotShift

  private func record(_ id: UInt64, _ operation: AccessOperation) -> AccessRecord {
    AccessRecord(
      sequence: 0, collectionID: id, version: VersionWord(rawValue: 0), stackID: 0, operation: operation, flags: [],
      coarseMilliseconds: 0)
  }

  /// Collections whose creation and end were both lost, three times as many as the table holds, do
  /// not keep out later ones.
  @Test func lostEnds_doNotFillTheTable() {
    let lost = AccessAudit.totals().recordsLost
    for round in 0..<50 {
      var batch = StatisticsBatch()
      for index in 0..<1_000 { batch.add(record(Self.firstID + UInt64(round * 1_000 + index), .create), threadID: 1) }
      StatisticsTable.merge(batch, recordsLost: lost)
    }
    let last = Self.firstID + 100_000
    var batch = StatisticsBatch()
    batch.add(record(last, .count), threadID: 1)
    StatisticsTable.merge(batch, recordsLost: lost)
    #expect(StatisticsTable.statistics(of: last)?.reads == 1)

    let kept = AccessAudit.statistics().filter { $0.id >= Self.firstID }
    #expect(kept.count < 8 * StatisticsTable.destroyedLimit)
    #expect(kept.count { $0.isDestroyed } <= StatisticsTable.destroyedLimit)
    #expect(AccessAudit.totals().collections >= 50_001)
  }

  @Test func ends_areKeptUpToALimit_theNewest() {
    let first = Self.firstID + 200_000
    var batch = StatisticsBatch()
    for index in 0..<5_000 { batch.add(record(first + UInt64(index), .destroy), threadID: 1) }
    StatisticsTable.merge(batch, recordsLost: AccessAudit.totals().recordsLost)
    var last = StatisticsBatch()
    last.add(record(first + 5_000, .destroy), threadID: 1)
    StatisticsTable.merge(last, recordsLost: AccessAudit.totals().recordsLost)
    #expect(StatisticsTable.statistics(of: first + 5_000)?.isDestroyed == true)
    let destroyed = AccessAudit.statistics().count { $0.isDestroyed }
    #expect((1...StatisticsTable.destroyedLimit).contains(destroyed))
  }

  /// Live, unused collections cost nothing while others are created and destroyed.
  @Test func idleCollections_areNotLookedAt() {
    let first = Self.firstID + 300_000
    var idle = StatisticsBatch()
    for index in 0..<5_000 { idle.add(record(first + UInt64(index), .count), threadID: 1) }
    StatisticsTable.merge(idle, recordsLost: AccessAudit.totals().recordsLost)
    let sweeps = StatisticsTable.sweeps
    for round in 0..<200 {
      var batch = StatisticsBatch()
      for index in 0..<100 {
        let id = first + UInt64(10_000 + round * 100 + index)
        batch.add(record(id, .count), threadID: 1)
        batch.add(record(id, .destroy), threadID: 1)
      }
      StatisticsTable.merge(batch, recordsLost: AccessAudit.totals().recordsLost)
    }
    #expect(StatisticsTable.sweeps - sweeps <= 1)
  }
}

#endif
