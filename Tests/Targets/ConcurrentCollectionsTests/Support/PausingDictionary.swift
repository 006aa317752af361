// SPDX-License-Identifier: Apache-2.0
//
// A dictionary that lets a test act at a chosen point inside an operation: an order of steps is
// forced, not hoped for.

@testable import ConcurrentCollections

/// Where a test may act.
enum PausingStep: Sendable {
  case afterValue, beforeRemoval, beforeSnapshot, afterSnapshot, beforeChunks
}

/// Passes everything on to another dictionary, and runs a closure once at a step it was given for.
final class PausingDictionary: AsyncConcurrentDictionary {
  typealias Action = @Sendable () async -> Void

  let base = LockedDictionary<Int, Int>()
  private let actions = Guarded<[PausingStep: Action]>([:])

  /// Runs a closure at the next time the step is reached.
  func once(_ step: PausingStep, _ action: @escaping Action) { actions.withLock { $0[step] = action } }

  private func reach(_ step: PausingStep) async {
    if let action = actions.withLock({ $0.removeValue(forKey: step) }) { await action() }
  }

  func value(forKey key: Int) async -> Int? {
    let value = base.value(forKey: key)
    await reach(.afterValue)
    return value
  }

  subscript(key: Int) -> Int? { get async { await value(forKey: key) } }

  @discardableResult
  func updateValue(_ value: Int, forKey key: Int) async -> Int? { base.updateValue(value, forKey: key) }

  @discardableResult
  func removeValue(forKey key: Int) async -> Int? {
    await reach(.beforeRemoval)
    return base.removeValue(forKey: key)
  }

  @discardableResult
  func insertIfAbsent(_ value: Int, forKey key: Int) async -> (inserted: Bool, value: Int) {
    base.insertIfAbsent(value, forKey: key)
  }

  func withValue<Result: Sendable, Failure: Error>(
    forKey key: Int, default defaultValue: @autoclosure @Sendable () -> Int,
    _ body: @Sendable (inout Int) throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    try base.withValue(forKey: key, default: defaultValue(), body)
  }

  func withValue<Result: Sendable, Failure: Error>(
    forKey key: Int, _ body: @Sendable (inout Int?) throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    try base.withValue(forKey: key, body)
  }

  @discardableResult
  func updateValueIfPresent(_ value: Int, forKey key: Int) async -> Int? {
    base.updateValueIfPresent(value, forKey: key)
  }

  @discardableResult
  func removeAll() async -> Int { base.removeAll() }

  @discardableResult
  func removeAll<Failure: Error>(
    where shouldBeRemoved: @Sendable ((key: Int, value: Int)) throws(Failure) -> Bool
  ) async throws(Failure) -> Int {
    try base.removeAll(where: shouldBeRemoved)
  }

  func reserveCapacity(_ minimumCapacity: Int) async { base.reserveCapacity(minimumCapacity) }

  var count: Int { get async { base.count } }

  var approximateCount: Int { get async { base.approximateCount } }

  func forEachChunk<Failure: Error>(
    _ body: @Sendable ([(key: Int, value: Int)]) throws(Failure) -> Void
  ) async throws(Failure) {
    var chunks: [[(key: Int, value: Int)]] = []
    base.forEachChunk { chunks.append($0) }
    await reach(.beforeChunks)
    for chunk in chunks { try body(chunk) }
  }

  func snapshot() async -> [Int: Int] {
    await reach(.beforeSnapshot)
    let elements = base.snapshot()
    await reach(.afterSnapshot)
    return elements
  }
}
