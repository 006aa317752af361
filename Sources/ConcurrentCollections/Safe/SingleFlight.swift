// SPDX-License-Identifier: Apache-2.0
//
// One loader's call for many who ask. No caller's code runs under the mutex but the keys' `hash(into:)` and `==`.

public import Synchronization

/// The loads in progress, one for each key at most.
@usableFromInline
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// A load in progress and those who wait for it.
  final class Flight: Sendable {
    struct State {
      var waiters: [UInt: CheckedContinuation<WaitEnd, Never>] = [:]
      var result: Result<Value, any Error>?
      var task: Task<Void, Never>?
      /// Those who want the result. When the last one gives up, so does the load.
      var wanted = 0
      /// Whether the key was written or removed meanwhile: the result is given out but not stored.
      var isStale = false
    }

    let state = Guarded(State())

    var isStale: Bool { state.withLock { $0.isStale } }
  }

  private let flights = Guarded<[Key: Flight]>([:])
  /// How many flights there are, so that writers need not look for one where there are none.
  @usableFromInline let count = Atomic<Int>(0)
  private let numbers = Atomic<UInt>(0)

  /// The load of a key that is in progress, or one that is started with the closure; it counts the caller as one who wants it.
  func join(_ key: Key, start: (Flight) -> Task<Void, Never>) -> Flight {
    flights.withLock { flights in
      if let flight = flights[key] {
        flight.state.withLock { $0.wanted += 1 }
        return flight
      }
      let flight = Flight()
      flights[key] = flight
      // Before the load begins. A writer that does not see it has written before.
      count.add(1, ordering: .sequentiallyConsistent)
      let task = start(flight)
      flight.state.withLock { state in
        state.wanted += 1
        state.task = task
      }
      return flight
    }
  }

  /// Makes the next who ask for a key start a new load, and the one in progress keep its result to those who wait for it.
  @inlinable
  func invalidate(_ key: Key) {
    if !isEmpty { endFlight(key) }
  }

  @usableFromInline
  func endFlight(_ key: Key) {
    flights.withLock { remove(key, &$0) }?.state.withLock { $0.isStale = true }
  }

  /// Whether no load is in progress.
  @inlinable var isEmpty: Bool { count.load(ordering: .sequentiallyConsistent) == 0 }

  private func remove(_ key: Key, _ flights: inout [Key: Flight]) -> Flight? {
    guard let flight = flights.removeValue(forKey: key) else { return nil }
    count.subtract(1, ordering: .sequentiallyConsistent)
    return flight
  }

  /// Ends a load.
  func finish(_ key: Key, _ flight: Flight, _ result: Result<Value, any Error>) {
    flights.withLock { flights in
      if flights[key] === flight { _ = remove(key, &flights) }
    }
    let waiters = flight.state.withLock { state in
      state.result = result
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.resume(returning: .granted) }
  }

  /// Waits for a load's result.
  func wait(
    _ key: Key, _ flight: Flight, until deadline: Moment,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(SafeDictionaryError) -> Result<Value, any Error> {
    let number = numbers.add(1, ordering: .relaxed).newValue
    let end = await TimedWait.wait(until: deadline.instant) { continuation in
      let isDone = flight.state.withLock { state in
        if state.result != nil { return true }
        state.waiters[number] = continuation
        return false
      }
      if isDone { continuation.resume(returning: .granted) }
    } giveUp: { end in
      flight.state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: end)
    }
    switch end {
    case .granted:
      guard let result = flight.state.withLock({ $0.result }) else { preconditionFailure("granted without a result") }
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
    flights.withLock { flights in
      let task = flight.state.withLock { state -> Task<Void, Never>? in
        state.wanted -= 1
        guard state.wanted == 0, state.result == nil else { return nil }
        state.isStale = true
        return state.task
      }
      if let task {
        if flights[key] === flight { _ = remove(key, &flights) }
        task.cancel()
      }
    }
  }
}
