// SPDX-License-Identifier: Apache-2.0
//
// The labels of collections, interned: a monitor holds an index. Reached when a labelled collection
// is created and when a report is built, never by an access.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

package enum LabelTable {
  private struct State {
    var labels: [String] = []
    var ids: [String: UInt32] = [:]
  }

  /// Labels beyond this many distinct ones are dropped: the table is never emptied, and a record
  /// has 16 bits for one.
  package static let limit = 65_535
  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_LABELS, isInherited: true) { State() }
  }

  package static func id(for label: String) -> UInt32 {
    state.withLock { state in
      if let id = state.ids[label] { return id }
      guard state.labels.count < limit else { return 0 }
      state.labels.append(label)
      state.ids[label] = UInt32(state.labels.count)
      return UInt32(state.labels.count)
    }
  }

  package static func label(_ id: UInt32) -> String? {
    // A forked child may have had to begin with an empty table.
    id == 0 ? nil : state.withLock { Int(id) <= $0.labels.count ? $0.labels[Int(id) - 1] : nil }
  }
}

#endif
