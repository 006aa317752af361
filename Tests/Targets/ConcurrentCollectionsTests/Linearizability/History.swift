// SPDX-License-Identifier: Apache-2.0
//
// The operations of threads on a dictionary, with their times. Data only.

import Synchronization
import TestSupport

/// An operation on one key of a dictionary of integers.
enum KeyOperation: Equatable, Sendable {
  case read
  case update(Int)
  case remove
  case insertIfAbsent(Int)
  /// Atomic read-modify-write: multiplies by three and adds; begins at 1.
  case change(Int)
  /// Atomic change of an optional value: stores this number if there is none, removes an even one,
  /// changes an odd one.
  case toggle(Int)
  case updateIfPresent(Int)
  /// Stores the second value if the first is present. The result is 1 if it was, 0 if not.
  case replace(Int, with: Int)
  /// Removes the key if this value is present. The result is 1 if it was, 0 if not.
  case removeIfEqual(Int)
  /// One key's part of `removeAll()`.
  case removeInAll
  /// One key's part of `removeAll(where:)` for even values.
  case removeIfEven
  /// One key's part of `snapshot()` or `forEachChunk(_:)`.
  case readInSnapshot

  /// The result of the operation and the new state, for the previous state of the key.
  func apply(to state: Int?) -> (state: Int?, result: Int?) {
    switch self {
    case .read, .readInSnapshot: return (state, state)
    case .update(let value): return (value, state)
    case .remove: return (nil, state)
    case .insertIfAbsent(let value): return (state ?? value, state ?? value)
    case .change(let number):
      let new = Self.changed(state ?? 1, by: number)
      return (new, new)
    case .toggle(let value):
      let new = Self.toggled(state, value)
      return (new, new)
    case .updateIfPresent(let value): return (state == nil ? nil : value, state)
    case .replace(let expected, let value): return state == expected ? (value, 1) : (state, 0)
    case .removeIfEqual(let expected): return state == expected ? (nil, 1) : (state, 0)
    case .removeInAll: return (nil, nil)
    case .removeIfEven: return (state.map { $0.isMultiple(of: 2) ? nil : $0 } ?? nil, nil)
    }
  }

  static func toggled(_ state: Int?, _ value: Int) -> Int? {
    guard let state else { return value }
    return state.isMultiple(of: 2) ? nil : changed(state, by: value)
  }

  static func changed(_ value: Int, by number: Int) -> Int { (value &* 3 &+ number) & 0xFFFF }
}

/// A completed operation: its key, its beginning and end, and its result.
struct Event: Equatable, Sendable {
  var key: Int
  var operation: KeyOperation
  var result: Int?
  var began: Int
  var ended: Int
}

/// Orders the beginnings and ends of operations over all threads.
final class EventClock: Sendable {
  private let now = Atomic<Int>(0)

  func tick() -> Int { now.add(1, ordering: .sequentiallyConsistent).newValue }
}

/// One step of a thread's work.
enum Step: Equatable, Sendable {
  case one(key: Int, KeyOperation)
  case removeAllEven
  case removeAll
  case snapshot
}

/// The work of all threads in one history, made from a seed.
struct Workload: Sendable {
  var keys: Int
  var threads: [[Step]]

  /// The smallest and largest number of threads.
  static let threadCounts = 2...8

  /// The number of threads in the workload of a seed.
  static func threadCount(seed: UInt64) -> Int {
    threadCounts.lowerBound + Int(seed % UInt64(threadCounts.count))
  }

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let threadCount = Self.threadCount(seed: seed)
    keys = Int.random(in: 1...3, using: &random)
    var value = 0
    threads = []
    for _ in 0..<threadCount {
      var steps: [Step] = []
      for _ in 0..<Int.random(in: 2...5, using: &random) {
        value += 1
        let key = Int.random(in: 0..<keys, using: &random)
        // A value that may be present.
        let expected = Int.random(in: max(1, value - 6)...value, using: &random)
        switch Int.random(in: 0..<30, using: &random) {
        case 0..<6: steps.append(.one(key: key, .read))
        case 6..<11: steps.append(.one(key: key, .update(value)))
        case 11..<14: steps.append(.one(key: key, .remove))
        case 14..<16: steps.append(.one(key: key, .insertIfAbsent(value)))
        case 16..<19: steps.append(.one(key: key, .change(value)))
        case 19..<22: steps.append(.one(key: key, .toggle(value)))
        case 22: steps.append(.one(key: key, .updateIfPresent(value)))
        case 23..<25: steps.append(.one(key: key, .replace(expected, with: value)))
        case 25..<27: steps.append(.one(key: key, .removeIfEqual(expected)))
        case 27: steps.append(.removeAllEven)
        case 28: steps.append(.removeAll)
        default: steps.append(.snapshot)
        }
      }
      threads.append(steps)
    }
  }
}
