// SPDX-License-Identifier: Apache-2.0
//
// Values that are fetched when they are missing. A loader runs in a task of its own, holds no key
// and no lock.

extension SafeDictionary {
  /// Returns the value of a key, fetching it if there is none.
  ///
  /// Of all callers that ask for a missing key at one time, the first one's loader runs and all
  /// callers get its result (single flight). The loader runs in a task of its own, with the
  /// task-local values and the priority of the first caller, but apart from that caller's
  /// cancellation and actor. Cancellation or a deadline ends the wait of one caller; when the last
  /// waiter has gone, the loader's task is cancelled.
  ///
  /// Of one key, **one loader runs at a time**, even if it ignores its cancellation. A task that
  /// asks while a loader runs whose result is of no use (it was cancelled, or the key was written
  /// or removed since it began) waits for its end, until the deadline, and then has a loader of its
  /// own. So a loader that never ends makes everybody's time run out for its key; it should bound
  /// itself.
  ///
  /// A value that was stored meanwhile stays; after a removal meanwhile
  /// (``removeValue(forKey:deadline:)``, or any form of `removeAll`) the result is given to those
  /// who asked before it, not stored.
  ///
  /// With ``SafeDictionaryConfiguration/refreshAfter``, a value that old is returned and loaded
  /// again in the background.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  ///   - fallback: What to return when the loader throws; it runs once at most, and its value is
  ///     not stored. Nil from it, or none given, means the error.
  ///   - load: Fetches the value; it runs once, or not at all.
  /// - Returns: The value.
  /// - Throws: `deadlineExceeded`, `cancelled`, or `loaderFailed`; nothing was stored.
  /// - Complexity: That of the wrapped dictionary and the loader.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until the value is there.
  @inlinable
  public nonisolated(nonsending) func value(
    forKey key: Key, deadline: ContinuousClock.Instant? = nil, fallback: ((any Error) -> Value?)? = nil,
    orLoad load: @escaping @Sendable (Key) async throws -> Value
  ) async throws(SafeDictionaryError) -> Value {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      try check(span, at: span.start)
      if let value = await present(key, at: span.start) {
        if configuration.refreshAfter != nil { refreshIfDue(key, at: span.start, load) }
        counters.finish(.get, span.start, at: .now, .hits)
        return value
      }
      counters.count(.misses)
      let value = try await loaded(key, span, fallback, load)
      counters.finish(.load, span.start, at: .now)
      return value
    } catch { throw counters.fail(.load, span.start, error) }
  }

  /// Joins the load of a key in progress, or starts one, and waits for it.
  @usableFromInline
  nonisolated(nonsending) func loaded(
    _ key: Key, _ span: Span, _ fallback: ((any Error) -> Value?)?,
    _ load: @escaping @Sendable (Key) async throws -> Value
  ) async throws(SafeDictionaryError) -> Value {
    let flight = flights.join(key) { takeOff(key, $0, load) }
    switch try await flights.wait(key, flight, until: span.deadline) {
    case .success(let value): return value
    case .failure(let error):
      if let value = fallback?(error) {
        counters.count(.fallbacks)
        return value
      }
      throw .loaderFailed(error)
    }
  }

  /// Starts a load in the background if the value is old enough and none is in progress.
  @usableFromInline
  func refreshIfDue(_ key: Key, at now: Moment, _ load: @escaping @Sendable (Key) async throws -> Value) {
    guard let index, index.withLock({ $0.isRefreshDue(key, at: now) }) else { return }
    flights.refresh(key) { takeOff(key, $0, load) }
  }

  /// Makes the task of a load: it inherits task-local values and priority from the caller.
  private func takeOff(
    _ key: Key, _ flight: SingleFlight<Key, Value>.Flight, _ load: @escaping @Sendable (Key) async throws -> Value
  ) -> Task<Void, Never> {
    Task { await self.fly(key, flight, load) }
  }

  /// Waits for its turn, loads, stores, and tells the waiters.
  private func fly(
    _ key: Key, _ flight: SingleFlight<Key, Value>.Flight, _ load: @Sendable (Key) async throws -> Value
  ) async {
    guard await flights.turn(flight) else { return }
    // A load that ended between the caller's look and its joining has stored the value already.
    if !flight.isRefresh, let value = await present(key, at: .now) {
      return flights.finish(key, flight, .success(value))
    }
    counters.count(.loads)
    do {
      let loaded = try await load(key)
      flights.finish(key, flight, .success(await keep(loaded, key, flight)))
    } catch {
      counters.count(.loadFailures)
      flights.finish(key, flight, .failure(error))
    }
  }

  /// Stores a loaded value unless the key was written or removed meanwhile; returns the value to
  /// give out.
  ///
  /// It waits for the key as long as somebody wants the value: a load has no deadline of its own,
  /// and each caller's ends that caller's wait.
  private func keep(_ loaded: Value, _ key: Key, _ flight: SingleFlight<Key, Value>.Flight) async -> Value {
    let whileItIsWanted = Span(start: .now, deadline: Moment(nanoseconds: .max))
    guard let hold = try? await hold(key, whileItIsWanted) else { return loaded }
    // A task that writes or removes the key marks the flight while holding the key, as this task
    // does now.
    var kept = loaded
    var replaced: Value?
    let isStale = flights.isStale(flight)
    if !flight.isRefresh || isStale, let present = await present(key, at: .now) {
      kept = present
    } else if !isStale, index == nil || key.equalsItself {
      replaced = await base.updateValue(loaded, forKey: key)
      if let index { note(key, weigh(key, loaded), at: .now, index) }
    }
    await release(hold, destroying: replaced)
    return kept
  }
}
