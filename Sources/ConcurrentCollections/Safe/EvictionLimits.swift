// SPDX-License-Identifier: Apache-2.0
//
// The limits of a safe dictionary, ready for use, and the index that keeps them under its mutex.

/// How much there may be, and how old.
@usableFromInline
struct EvictionLimits: Sendable {
  @usableFromInline var maximumCount = Int.max
  @usableFromInline var maximumWeight = Int.max
  /// In nanoseconds.
  @usableFromInline var lifetime: UInt64?
  /// In nanoseconds.
  @usableFromInline var refreshInterval: UInt64?

  init(maximumCount: Int? = nil, maximumWeight: Int? = nil, lifetime: Duration? = nil, refreshAfter: Duration? = nil) {
    self.maximumCount = maximumCount ?? .max
    self.maximumWeight = maximumWeight ?? .max
    self.lifetime = lifetime.map(Moment.nanoseconds(in:))
    refreshInterval = refreshAfter.map(Moment.nanoseconds(in:))
  }

  /// Whether there is nothing to keep.
  var isEmpty: Bool { maximumCount == .max && maximumWeight == .max && lifetime == nil && refreshInterval == nil }

  /// How long after a search for what is too old the next one comes at the earliest: a sixteenth of
  /// the lifetime, a second at most.
  var purgeInterval: UInt64 { min(max((lifetime ?? 0) / 16, 1_000_000), 1_000_000_000) }
}

/// An index and its mutex, and the timer by which what is too old goes without anybody's help.
@usableFromInline
final class GuardedEvictionIndex<Key: Hashable & Sendable>: Sendable {
  @usableFromInline let index: Guarded<EvictionIndex<Key>>
  private let timer = Guarded<TimerEntry?>(nil)

  init(_ limits: EvictionLimits) { index = Guarded(EvictionIndex(limits)) }

  @inlinable
  func withLock<Result>(_ body: (inout EvictionIndex<Key>) -> Result) -> Result {
    index.withLock { body(&$0) }
  }

  /// Makes the timer by which the next search for what is too old begins. There is one at a time.
  func arrange(at moment: Moment, _ search: @escaping @Sendable () -> Void) {
    let new = TimerQueue.shared.add(at: moment, search)
    let old = timer.withLock { timer in
      defer { timer = new }
      return timer
    }
    if let old { TimerQueue.shared.cancel(old) }
  }

  deinit {
    if let timer = timer.withLock({ $0 }) { TimerQueue.shared.cancel(timer) }
  }
}
