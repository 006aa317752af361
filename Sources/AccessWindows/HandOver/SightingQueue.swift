// SPDX-License-Identifier: Apache-2.0
//
// The hand-over from the threads that see violations to the detector: bounded, and each race once.
// Locks here are held for a look-up, by slow paths and the detector only.

package import AccessRecorder
package import AccessTerms
internal import CAccessRecorder
internal import Synchronization

package enum SightingQueue {
  private struct State {
    var waiting: [Sighting] = []
    /// Those that the detector is about: taken, and their reports not written yet.
    var taken: [Sighting] = []
    /// How often each race was seen; a race is known from its first sighting on.
    var timesSeen: [Sighting.Pair: UInt64] = [:]
    /// Every sighting, by kind and by collection, the repeated and dropped ones included.
    var byKind: [ViolationKind: UInt64] = [:]
    var byCollection: [UInt64: UInt64] = [:]
    /// A reported race for each kind and detected stack, for sightings whose other party was lost.
    var example: [Sighting.Pair: Sighting.Pair] = [:]

    /// The race that a sighting is one of, if that was seen before. A sighting without the other
    /// party's stack adds nothing to one with it.
    func known(_ sighting: Sighting) -> Sighting.Pair? {
      if timesSeen[sighting.pair] != nil { return sighting.pair }
      return sighting.conflicting.stackID == 0 ? example[sighting.pair] : nil
    }
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_SIGHTINGS, isInherited: false) { State() }
  }
  /// Distinct races kept apart, and sightings waiting, at most.
  package static let limit = 4_096
  /// Sightings that found the queue full.
  package static var dropped: SharedWord<UInt64> { SharedWord(AUDIT_WORD_SIGHTINGS_DROPPED) }
  /// Sightings whose reports are not written yet.
  package static var unwritten: SharedWord<Int> { SharedWord(AUDIT_WORD_SIGHTINGS_UNWRITTEN) }
  /// Every sighting, the repeated and dropped ones included.
  package static var total: SharedWord<UInt64> { SharedWord(AUDIT_WORD_SIGHTINGS) }

  /// Adds a sighting, completed by `complete` if it is to be reported; `false` when the race is
  /// known already, and was counted.
  package static func add(_ sighting: Sighting, completedBy complete: (inout Sighting) -> Void) -> Bool {
    total.wrappingAdd(1, ordering: .relaxed)
    var sighting = sighting
    if state.withLock({ $0.known(sighting) == nil }) { complete(&sighting) }
    return state.withLock { state in
      state.byKind[sighting.kind, default: 0] += 1
      if state.byCollection.count < limit || state.byCollection[sighting.collection.id] != nil {
        state.byCollection[sighting.collection.id, default: 0] += 1
      }
      if let known = state.known(sighting) {
        state.timesSeen[known, default: 0] += 1
        return false
      }
      guard state.timesSeen.count < limit, state.waiting.count < limit else {
        dropped.wrappingAdd(1, ordering: .relaxed)
        return false
      }
      state.timesSeen[sighting.pair] = 1
      var withoutOther = sighting.pair
      withoutOther.conflicting = 0
      state.example[withoutOther] = sighting.pair
      state.waiting.append(sighting)
      unwritten.wrappingAdd(1, ordering: .acquiringAndReleasing)
      return true
    }
  }

  /// Forgets the races of a test's scope, 0 for those of none: the next sighting of each counts as
  /// new.
  package static func forget(scope: UInt32) {
    state.withLock { state in
      state.timesSeen = state.timesSeen.filter { $0.key.scope != scope }
      state.example = state.example.filter { $0.key.scope != scope }
    }
  }

  package static func takeAll() -> [Sighting] {
    state.withLock { state in
      defer { state.waiting = [] }
      state.taken += state.waiting
      return state.waiting
    }
  }

  /// The report of a sighting is written, or there is to be none. Only the detector calls this.
  package static func finish(_ sighting: Sighting) {
    state.withLock { state in
      guard let index = state.taken.firstIndex(where: { $0.pair == sighting.pair }) else { return }
      state.taken.remove(at: index)
      unwritten.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    }
  }

  /// The sightings whose reports are not written yet.
  package static var unfinished: [Sighting] { state.withLock { $0.taken + $0.waiting } }

  package static func timesSeen(_ pair: Sighting.Pair) -> UInt64 {
    state.withLock { $0.timesSeen[pair] ?? 0 }
  }

  package static var countsByKind: [ViolationKind: UInt64] { state.withLock { $0.byKind } }
  package static var countsByCollection: [UInt64: UInt64] { state.withLock { $0.byCollection } }

  package static var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }
}
