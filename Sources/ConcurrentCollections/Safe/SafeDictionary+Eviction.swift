// SPDX-License-Identifier: Apache-2.0
//
// How elements leave that are too old or too many: with changes, by a timer, or when one asks for
// it.

extension SafeDictionary {
  /// Removes every element that was too old when the call began.
  ///
  /// Nobody has to call it: elements that are too old go by themselves somewhat later
  /// (``SafeDictionaryConfiguration/lifetime``).
  ///
  /// - Parameter deadline: Until when; the configured time-out from now when left out.
  /// - Returns: The number of elements removed.
  /// - Throws: `deadlineExceeded` or `cancelled`; what was removed until then stays removed.
  /// - Complexity: O(elements that are too old), in steps of 64: other operations go on in between.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until changes of those keys in
  ///   progress are done.
  @discardableResult
  public nonisolated(nonsending) func purgeExpired(
    deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Int {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      try check(span, at: span.start)
      var count = 0
      if let index {
        while true {
          let candidates = index.withLock { $0.tooOld(at: span.start, atMost: 64) }
          if candidates.isEmpty { break }
          for candidate in candidates {
            let hold = try await hold(candidate.key, span)
            let removed = await drop(candidate, index)
            locks.release(hold.key, hold.hash)
            gate.leaveShared(hold.stripe)
            if withExtendedLifetime(removed, { removed != nil }) { count += 1 }
            try check(span, at: .now)
          }
        }
      }
      counters.finish(.purge, span.start, at: .now)
      return count
    } catch { throw counters.fail(.purge, span.start, error) }
  }

  /// Takes a candidate out, unless it was written meanwhile; the task holds the key.
  @usableFromInline
  nonisolated(nonsending) func drop(
    _ candidate: EvictionIndex<Key>.Candidate, _ index: GuardedEvictionIndex<Key>
  ) async -> Value? {
    guard index.withLock({ $0.beginRemoval(of: candidate) }) else { return nil }
    let removed = await base.removeValue(forKey: candidate.key)
    // Last: until here, reads see its age.
    let keys = index.withLock { $0.remove(candidate.key) }
    if removed != nil { counters.count(candidate.isTooOld ? .expirations : .evictions) }
    withExtendedLifetime(keys) {}
    return removed
  }

  /// Takes a candidate out, unless its key is in use at the moment.
  private nonisolated(nonsending) func dropIfFree(
    _ candidate: EvictionIndex<Key>.Candidate, _ index: GuardedEvictionIndex<Key>, into gone: inout [Value]
  ) async -> Bool {
    let hash = locks.hasher.hash(candidate.key)
    guard locks.tryAcquire(candidate.key, hash) else { return false }
    let removed = await drop(candidate, index)
    locks.release(candidate.key, hash)
    if let removed { gone.append(removed) }
    return removed != nil
  }

  /// Removes what has to go: some elements that are too old, and as many as there are too many. A
  /// key that is in use at the moment is passed over, eight of them at most.
  ///
  /// - Returns: What was removed, for the caller to destroy when it holds nothing any more.
  @usableFromInline
  nonisolated(nonsending) func evict(_ index: GuardedEvictionIndex<Key>) async -> [Value] {
    var gone: [Value] = []
    for candidate in index.withLock({ $0.tooOld(at: .now, atMost: 8) }) {
      _ = await dropIfFree(candidate, index, into: &gone)
    }
    var passedOver = 0
    while passedOver < 8, let candidate = index.withLock({ $0.surplus() }) {
      if !(await dropIfFree(candidate, index, into: &gone)) { passedOver += 1 }
    }
    return gone
  }

  // MARK: By itself

  @usableFromInline
  func arrangePurge(at moment: Moment, _ index: GuardedEvictionIndex<Key>) {
    // The timer keeps neither the dictionary nor its index alive.
    index.arrange(at: moment) { [weak self] in
      guard let self, let index = self.index else { return }
      Task.detached(priority: .utility) { await self.purge(index) }
    }
  }

  /// Removes what is too old, in steps, and arranges the next time.
  ///
  /// A step holds a key while it waits for an actor's turn, so its priority is high: others must
  /// not get in front of what they wait for. Between the steps nothing is held, and they do.
  private func purge(_ index: GuardedEvictionIndex<Key>) async {
    while await Task.detached(priority: .high, operation: { await self.purgeStep(index) }).value {}
    let next = index.withLock { index -> Moment? in
      guard let expiry = index.nextExpiry else {
        index.isPurgeArranged = false
        return nil
      }
      return max(expiry, Moment.now.advanced(byNanoseconds: index.limits.purgeInterval))
    }
    if let next { arrangePurge(at: next, index) }
  }

  /// Removes 64 elements at most.
  ///
  /// - Returns: Whether there may be more.
  private func purgeStep(_ index: GuardedEvictionIndex<Key>) async -> Bool {
    guard let stripe = gate.tryEnterShared() else { return false }
    let candidates = index.withLock { $0.tooOld(at: .now, atMost: 64) }
    var gone: [Value] = []
    for candidate in candidates { _ = await dropIfFree(candidate, index, into: &gone) }
    gate.leaveShared(stripe)
    return candidates.count == 64 && !gone.isEmpty
  }
}
