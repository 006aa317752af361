// SPDX-License-Identifier: Apache-2.0
//
// What the operations are made of. They are inlined where the types are known: an operation that
// has to wait for nobody is then little more than two looks at the clock and the wrapped
// dictionary's own work.

extension SafeDictionary {
  /// An operation's beginning and end.
  @usableFromInline
  struct Span: Sendable {
    @usableFromInline let start: Moment
    @usableFromInline let deadline: Moment

    @inlinable
    init(start: Moment, deadline: Moment) {
      self.start = start
      self.deadline = deadline
    }
  }

  /// What a task holds while it changes a key.
  @usableFromInline
  struct Hold: @unchecked Sendable {
    @usableFromInline let stripe: AsyncReadWriteLock.Stripe
    @usableFromInline let key: Key
    @usableFromInline let hash: UInt

    @inlinable
    init(stripe: AsyncReadWriteLock.Stripe, key: Key, hash: UInt) {
      self.stripe = stripe
      self.key = key
      self.hash = hash
    }
  }

  @inlinable
  func begin(_ deadline: ContinuousClock.Instant?) -> Span {
    let now = Moment.now
    return Span(start: now, deadline: deadline.map { Moment($0) } ?? now.advanced(byNanoseconds: timeout))
  }

  /// Throws if there is no time left at the moment, or no interest.
  @inlinable
  func check(_ span: Span, at now: Moment) throws(SafeDictionaryError) {
    if Task.isCancelled { throw .cancelled }
    if span.deadline <= now { throw .deadlineExceeded }
  }

  /// Takes a key for a change, or throws without holding it. After this, the deadline has not
  /// passed.
  @inlinable
  nonisolated(nonsending) func hold(_ key: Key, _ span: Span) async throws(SafeDictionaryError) -> Hold {
    try check(span, at: span.start)
    let hash = locks.hasher.hash(key)
    guard let stripe = gate.tryEnterShared() else { return try await holdSlowly(key, hash, nil, span) }
    if locks.tryAcquire(key, hash) { return Hold(stripe: stripe, key: key, hash: hash) }
    return try await holdSlowly(key, hash, stripe, span)
  }

  /// Waits for the gate, unless the task is inside already, and for the key.
  @usableFromInline
  nonisolated(nonsending) func holdSlowly(
    _ key: Key, _ hash: UInt, _ entered: AsyncReadWriteLock.Stripe?, _ span: Span
  ) async throws(SafeDictionaryError) -> Hold {
    var stripe = entered
    do throws(SafeDictionaryError) {
      if stripe == nil {
        counters.count(.waits)
        stripe = try await gate.enterShared(until: span.deadline)
      }
      guard let stripe else { preconditionFailure("inside the gate without a place") }
      if !locks.tryAcquire(key, hash) {
        counters.count(.waits)
        do throws(KeyLockError) {
          try await locks.wait(.key(key), hash, .exclusive, until: span.deadline)
        } catch { throw SafeDictionaryError(error) }
      }
      let hold = Hold(stripe: stripe, key: key, hash: hash)
      do throws(SafeDictionaryError) { try check(span, at: .now) } catch {
        locks.release(key, hash)
        throw error
      }
      return hold
    } catch {
      if let stripe { gate.leaveShared(stripe) }
      throw error
    }
  }

  /// Gives a key back, and removes what has to go.
  ///
  /// - Parameter value: What the operation took out of the dictionary: destroyed when nothing is
  ///   held any more.
  @inlinable
  nonisolated(nonsending) func release(_ hold: Hold, destroying value: Value? = nil) async {
    locks.release(hold.key, hold.hash)
    var removed: [Value] = []
    if let index, index.withLock({ $0.isOverdue(at: .now) }) { removed = await evict(index) }
    gate.leaveShared(hold.stripe)
    withExtendedLifetime(value) { withExtendedLifetime(removed) {} }
  }

  /// The value of a key, unless it is too old.
  @inlinable
  nonisolated(nonsending) func present(_ key: Key, at now: Moment) async -> Value? {
    // The age first. The other way round, it could be that of a value that was written in between,
    // or be gone together with the value.
    let isYoung = index?.withLock { $0.read(key, at: now) } ?? true
    // Asked in any case: tasks that read what is too old again and again, without a turn of an
    // actor in between, would leave no thread of the pool for the purge.
    let value = await base.value(forKey: key)
    return isYoung ? value : nil
  }

  /// Stores a value; the task holds the key. From here on nothing can be given up.
  ///
  /// - Returns: The value it took the place of, and whether that was too old.
  @inlinable
  nonisolated(nonsending) func store(_ value: Value, _ key: Key) async -> (replaced: Value?, wasTooOld: Bool) {
    let replaced: Value?
    var wasTooOld = false
    if let index {
      // Nobody could find it, the eviction neither: it leaves at once.
      guard key.equalsItself else {
        counters.count(.evictions)
        return (nil, false)
      }
      let weight = weigh(key, value)
      let now = Moment.now
      wasTooOld = index.withLock { $0.isTooOld(key, at: now) }
      replaced = await base.updateValue(value, forKey: key)
      note(key, weight, at: now, index)
    } else {
      replaced = await base.updateValue(value, forKey: key)
    }
    flights.invalidate(key)
    return (replaced, wasTooOld)
  }

  /// Takes a key out; the task holds it. From here on nothing can be given up.
  ///
  /// - Returns: The value, and whether it was too old.
  @inlinable
  nonisolated(nonsending) func takeOut(_ key: Key) async -> (removed: Value?, wasTooOld: Bool) {
    let wasTooOld = index?.withLock { $0.isTooOld(key, at: .now) } ?? false
    let removed = await base.removeValue(forKey: key)
    if let index { _ = index.withLock { $0.remove(key) } }
    flights.invalidate(key)
    return (removed, wasTooOld)
  }

  /// What an element weighs.
  @inlinable
  func weigh(_ key: Key, _ value: Value) -> Int {
    guard let weight else { return 0 }
    let result = weight(key, value)
    require(result >= 0, "SafeDictionary: the weight of an element must not be negative")
    return result
  }

  /// Notes a write in the index.
  @inlinable
  func note(_ key: Key, _ weight: Int, at now: Moment, _ index: GuardedEvictionIndex<Key>) {
    if let expiry = index.withLock({ $0.written(key, weight: weight, at: now) }) { arrangePurge(at: expiry, index) }
  }
}
