// SPDX-License-Identifier: Apache-2.0
//
// Who observes accesses, and how many of them: the observers of the program and the recording to a
// file. Written by whoever asks, under a lock; the accesses themselves read one word.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

/// A registered observer of accesses. It stays registered until it is cancelled.
public final class AccessObserver: Sendable {
  fileprivate let sampling: Int
  fileprivate let handler: @Sendable ([AuditedAccess]) -> Void
  /// Accesses of the stream since the one that the handler got last.
  fileprivate let passed = Atomic<Int>(0)
  fileprivate let losses = Atomic<UInt64>(0)

  fileprivate init(sampling: Int, _ handler: @escaping @Sendable ([AuditedAccess]) -> Void) {
    self.sampling = sampling
    self.handler = handler
  }

  /// Accesses that were to be observed since this observer was registered, and could not be: a
  /// thread made more than its ring holds before the detector came to read them.
  public var lost: UInt64 { losses.load(ordering: .relaxed) }

  /// Ends the observation. A call already under way on the detector thread finishes.
  public func cancel() { AccessObservers.remove(self) }
}

package enum AccessObservers {
  private struct State {
    var observers: [AccessObserver] = []
    /// What the recording to a file takes; 0: nothing is recorded.
    var recordingSampling = 0

    /// One access in so many is observed; 0: none.
    var sampling: Int { (observers.map(\.sampling) + (recordingSampling > 0 ? [recordingSampling] : [])).min() ?? 0 }
  }

  /// The largest number of accesses of which one is observed.
  package static var samplingLimit: Int { 1_000_000 }
  /// Accesses that a handler gets at once.
  private static var batchSize: Int { 4_096 }
  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_ACCESS_OBSERVERS, isInherited: true) { State() }
  }
  private static var samplingWord: SharedWord<UInt64> { SharedWord(AUDIT_WORD_TRAFFIC_SAMPLING) }

  package static func add(
    sampling: Int, _ handler: @escaping @Sendable ([AuditedAccess]) -> Void
  ) -> AccessObserver {
    let observer = AccessObserver(sampling: min(max(sampling, 1), samplingLimit), handler)
    change { $0.observers.append(observer) }
    return observer
  }

  static func remove(_ observer: AccessObserver) { change { $0.observers.removeAll { $0 === observer } } }

  /// Has one access in so many recorded to a file; 0 ends the recording.
  static func record(sampling: Int) { change { $0.recordingSampling = sampling } }

  private static func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      if state.sampling > 0 { audit_traffic_prepare() }
      samplingWord.store(UInt64(state.sampling), ordering: .sequentiallyConsistent)
    }
    ViolationResponse.adoptObservation()
  }

  /// Hands a round's accesses to the observers, in pieces. Called by the detector, which holds no
  /// lock.
  static func notify(_ records: [audit_traffic_record], lost: UInt64) {
    let (observers, sampling) = state.withLock { ($0.observers, $0.sampling) }
    for observer in observers {
      if lost > 0 { observer.losses.wrappingAdd(lost, ordering: .relaxed) }
      let step = sampling > 0 ? max(observer.sampling / sampling, 1) : 1
      var batch: [AuditedAccess] = []
      for record in records {
        let passed = observer.passed.load(ordering: .relaxed) + 1
        observer.passed.store(passed < step ? passed : 0, ordering: .relaxed)
        if passed < step { continue }
        batch.append(AuditedAccess(record))
        if batch.count == batchSize {
          observer.handler(batch)
          batch.removeAll(keepingCapacity: true)
        }
      }
      if !batch.isEmpty { observer.handler(batch) }
    }
  }
}

#endif
