// SPDX-License-Identifier: Apache-2.0
//
// The common parts of the timed loops: their names, and the class through which a program calls
// them.

/// An operation on a dictionary that the timed loops repeat. The raw values are its names in
/// results.
public enum LoopOperation: String, CaseIterable, Codable, Sendable {
  /// `d[key] = value` for a present key.
  case set
  /// `d[key]` for a present key.
  case get
  /// `d[key]` for an absent key.
  case miss
  /// `d[key] = value` for new keys, beginning with an empty dictionary.
  case insert
  /// `d.removeValue(forKey: key)` for a present key.
  case remove
  /// `d[key, default: 0] += 1` for a present key.
  case update
  /// `for (key, value) in d`; counted by elements.
  case iterate
  /// `let copy = d; d[key] = value`: a copy of all elements.
  case copy
  /// `[key: value]`: a dictionary of one pair, which stays.
  case create
  /// `let copy = small; copy[key] = value`: the first write to a copy of one pair, which stays.
  case fork
  /// The end of a dictionary of one pair.
  case drop
  /// `lock.withLock { $0[key, default: 0] += 1 }` on a dictionary in a `Mutex`.
  case locked
  /// The loop around an operation, without one.
  case empty
}

/// The time for a number of operations.
public struct Timing: Sendable {
  public var nanoseconds: UInt64
  public var operations: Int

  public init(nanoseconds: UInt64, operations: Int) {
    self.nanoseconds = nanoseconds
    self.operations = operations
  }
}

/// The loops of one key type on one kind of dictionary. A class, because a call through it is one
/// frame.
open class LoopSet {
  /// The number of keys in the dictionary.
  public static let keyCount = 1024

  public init() {}

  /// Sets of loops whose dictionaries were created one right after the other, so that they lie side
  /// by side in memory.
  open class func neighbours(_ count: Int) -> [LoopSet] { fatalError("overridden by each set of loops") }

  /// Makes what an operation needs, unless it is there: the collections that `drop` ends, the room
  /// for those that `create` and `fork` leave. `run` does it too, and its time does not count that.
  open func prepare(_ operation: LoopOperation, _ count: Int) {}

  /// Repeats an operation at least `count` times; whole rounds over the keys.
  open func run(_ operation: LoopOperation, _ count: Int) -> Timing { fatalError("overridden by each set of loops") }

  /// The frames on the stack in a loop that `run` calls.
  open func frameCount() -> Int { fatalError("overridden by each set of loops") }
}

/// A key of 64 bytes.
public struct WideKey: Hashable, Sendable {
  public var a, b, c, d, e, f, g, h: Int

  public init(_ number: Int) {
    (a, b, c, d) = (number, number &* 3, number &* 5, number &* 7)
    (e, f, g, h) = (number &* 11, number &* 13, number &* 17, number &* 19)
  }
}
