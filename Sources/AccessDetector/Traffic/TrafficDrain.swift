// SPDX-License-Identifier: Apache-2.0
//
// The observed accesses that the threads have left, collected for one round. Owned by the detector
// thread.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

struct TrafficDrain {
  private(set) var records: [audit_traffic_record] = []
  private(set) var lost: UInt64 = 0

  /// Takes what a thread has left: at most its ring, of half a megabyte.
  mutating func take(_ recorder: ThreadRecorderPointer) {
    if recorder.pointee.hasNoTraffic { return }
    var own: UInt64 = 0
    let waiting = audit_traffic_waiting(recorder)
    records += [audit_traffic_record](unsafeUninitializedCapacity: max(Int(waiting), 1)) { buffer, count in
      count = Int(audit_traffic_take(recorder, buffer.baseAddress!, waiting, &own))
    }
    lost += own
  }

  /// What was collected, in the order of time.
  mutating func finish() -> (records: [audit_traffic_record], lost: UInt64) {
    lost += SharedWord<UInt64>(AUDIT_WORD_TRAFFIC_LOST).exchange(0, ordering: .relaxed)
    if records.isEmpty && lost == 0 { return ([], 0) }
    defer { (records, lost) = ([], 0) }
    return (records.sorted { $0.time < $1.time }, lost)
  }
}

#endif
