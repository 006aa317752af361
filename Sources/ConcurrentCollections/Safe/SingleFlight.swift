// SPDX-License-Identifier: Apache-2.0
//
// One loader's call for many who ask. No caller's code runs under the mutex but the keys'
// `hash(into:)` and `==`; keys and values are destroyed outside it.

public import Synchronization

/// The loads in progress. Of the loaders of one key, one runs at most.
///
/// A load whose result is of no use any more (the key was written or removed meanwhile, or all who
/// waited have given up, so that it was cancelled) is *stale*. A loader cannot be stopped against
/// its will, so a task that asks during a stale load waits for its end, in a second flight behind
/// it, which starts then.
@usableFromInline
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// A load and its waiters. Everything in it is used under the mutex of the loads.
  final class Flight: @unchecked Sendable {
    /// Whether it was started by a hit, to replace the value in the background.
    let isRefresh: Bool
    fileprivate var waiters = WaitQueue()
    fileprivate var result: Result<Value, any Error>?
    fileprivate var task: Task<Void, Never>?
    /// The waiters for the result. When the last one gives up, the load is cancelled.
    fileprivate var wanted = 1
    fileprivate var isStale = false
    fileprivate var turn: Turn

    fileprivate init(_ turn: Turn, isRefresh: Bool = false) {
      self.turn = turn
      self.isRefresh = isRefresh
    }
  }

  /// Whether a flight's loader may begin.
  fileprivate enum Turn {
    /// Another one is in the way; its task waits, once it has got so far.
    case waits(OrderedContinuation<Bool>?)
    case hasCome
    /// Nobody wants it any more.
    case neverComes
  }

  private struct Flights {
    var current: Flight
    /// The one that starts when the current one has ended.
    var next: Flight?
  }

  private let flights = Guarded<[Key: Flights]>([:])
  /// How many keys have a load, so that writers need not look for one where there is none.
  @usableFromInline let count = Atomic<Int>(0)

  /// The load of a key that is in progress, or one that is started with the closure; it counts the
  /// caller as one who wants it.
  func join(_ key: Key, start: (Flight) -> Task<Void, Never>) -> Flight {
    flights.withLock { flights in
      guard let present = flights[key] else { return begin(key, &flights, Flight(.hasCome), start) }
      let joined = present.current.isStale ? present.next : present.current
      if let joined {
        joined.wanted += 1
        return joined
      }
      let flight = Flight(.waits(nil))
      flights[key]?.next = flight
      flight.task = start(flight)
      return flight
    }
  }

  /// Starts a load that nobody waits for and nobody cancels, unless there is one.
  func refresh(_ key: Key, start: (Flight) -> Task<Void, Never>) {
    flights.withLock { flights in
      if flights[key] == nil { _ = begin(key, &flights, Flight(.hasCome, isRefresh: true), start) }
    }
  }

  private func begin(
    _ key: Key, _ flights: inout [Key: Flights], _ flight: Flight, _ start: (Flight) -> Task<Void, Never>
  ) -> Flight {
    // A key that does not equal itself is found by nobody: each load of it is one for itself.
    guard key.equalsItself else {
      flight.task = start(flight)
      return flight
    }
    flights[key] = Flights(current: flight)
    // Before the load begins. A writer that does not see it has written before.
    count.add(1, ordering: .sequentiallyConsistent)
    flight.task = start(flight)
    return flight
  }

  // MARK: Changes meanwhile

  /// Makes the next who ask for a key wait for a new load, and the one in progress keep its result
  /// to those who wait for it.
  @inlinable
  func invalidate(_ key: Key) {
    if !isEmpty { markStale(key) }
  }

  @usableFromInline
  func markStale(_ key: Key) {
    flights.withLock { $0[key]?.current.isStale = true }
  }

  /// Does to every key what `invalidate` does to one.
  func invalidateAll() {
    if isEmpty { return }
    flights.withLock { flights in
      for flight in flights.values { flight.current.isStale = true }
    }
  }

  /// Whether no load is in progress.
  @inlinable var isEmpty: Bool { count.load(ordering: .sequentiallyConsistent) == 0 }

  /// Whether a load's result is to be stored.
  func isStale(_ flight: Flight) -> Bool { flights.withLock { _ in flight.isStale } }

  // MARK: A load's own steps

  /// Waits for the end of the load before this one.
  ///
  /// - Returns: Whether the loader is to be called.
  func turn(_ flight: Flight) async -> Bool {
    await OrderedContinuation.suspend { continuation in
      let hasCome = flights.withLock { _ -> Bool? in
        switch flight.turn {
        case .waits:
          flight.turn = .waits(continuation)
          return nil
        case .hasCome: return true
        case .neverComes: return false
        }
      }
      if let hasCome { continuation.resume(returning: hasCome) }
    }
  }

  private func decide(_ turn: Turn, for flight: Flight) -> OrderedContinuation<Bool>? {
    defer { flight.turn = turn }
    if case .waits(let task) = flight.turn { return task }
    return nil
  }

  /// Ends a load, tells its waiters, and lets the next one begin.
  func finish(_ key: Key, _ flight: Flight, _ result: Result<Value, any Error>) {
    typealias Left = (Waiter?, OrderedContinuation<Bool>?, (key: Key, value: Flights)?)
    let (waiters, next, gone) = flights.withLock { flights -> Left in
      flight.result = result
      flight.task = nil
      var waiters = WaiterChain()
      while let waiter = flight.waiters.popFirst() { waiters.append(waiter) }
      guard let next = flights[key]?.next else { return (waiters.first, nil, remove(key, &flights)) }
      flights[key] = Flights(current: next)
      return (waiters.first, decide(.hasCome, for: next), nil)
    }
    waiters?.grantAll()
    next?.resume(returning: true)
    _ = gone
  }

  /// Takes a key out, for the caller to destroy outside.
  private func remove(_ key: Key, _ flights: inout [Key: Flights]) -> (key: Key, value: Flights)? {
    guard let index = flights.index(forKey: key) else { return nil }
    count.subtract(1, ordering: .sequentiallyConsistent)
    let gone = flights.remove(at: index)
    if flights.isEmpty, flights.capacity > 64 { flights = [:] }
    return gone
  }

  // MARK: Waiting

  /// Waits for a load's result.
  func wait(
    _ key: Key, _ flight: Flight, until deadline: Moment,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(SafeDictionaryError) -> Result<Value, any Error> {
    let waiter = Waiter()
    let end = await TimedWait.wait(waiter, until: deadline) {
      flights.withLock { _ in
        if flight.result != nil { return false }
        flight.waiters.append(waiter)
        return true
      }
    } giveUp: { end in
      if self.flights.withLock({ _ in flight.waiters.remove(waiter) }) { waiter.end(end) }
    }
    switch end {
    case .granted:
      guard let result = flights.withLock({ _ in flight.result }) else {
        preconditionFailure("granted without a result")
      }
      return result
    case .cancelled:
      abandon(key, flight)
      throw .cancelled
    case .expired:
      abandon(key, flight)
      throw .deadlineExceeded
    }
  }

  /// Counts one who wanted the result out; the last one cancels the load.
  private func abandon(_ key: Key, _ flight: Flight) {
    let (running, waiting) = flights.withLock { flights -> (Task<Void, Never>?, OrderedContinuation<Bool>?) in
      flight.wanted -= 1
      guard flight.wanted == 0, flight.result == nil else { return (nil, nil) }
      flight.isStale = true
      if case .hasCome = flight.turn { return (flight.task, nil) }
      // It has not begun.
      flights[key]?.next = nil
      return (nil, decide(.neverComes, for: flight))
    }
    running?.cancel()
    waiting?.resume(returning: false)
  }
}
