// SPDX-License-Identifier: Apache-2.0
//
// What a safe dictionary knows of its keys when it has a limit: age, use and weight. It holds no
// values; the owner keeps it under a mutex, where the keys' `hash(into:)` and `==` run. No key is
// destroyed here.

/// The keys in the order in which they were written, with a mark on those read since.
///
/// Which key goes when there are too many is decided by SIEVE: a hand moves from the oldest to the
/// newest key, takes the mark off marked ones and stops at the first without one. Source: Y. Zhang
/// et al., "SIEVE is Simpler than LRU", NSDI 2024. A key that is written again becomes the newest,
/// so that the oldest is always the first to be too old. Unlike there, the hand takes off
/// ``mostMarks`` marks in a row at most, so that an eviction is short whatever was read.
@usableFromInline
struct EvictionIndex<Key: Hashable & Sendable>: Sendable {
  @usableFromInline
  struct Node: Sendable {
    /// Nil while the node is free.
    @usableFromInline var key: Key?
    @usableFromInline var writtenAt: Moment
    /// When the value is loaded again in the background at the next read.
    @usableFromInline var refreshAt: Moment
    /// Differs for each write: tells whether a key was written again since it was looked at.
    @usableFromInline var stamp: UInt = 0
    @usableFromInline var weight = 0
    @usableFromInline var isMarked = false
    /// Whether somebody is taking the key out of the dictionary.
    @usableFromInline var isLeaving = false
    @usableFromInline var older = -1
    @usableFromInline var newer = -1

    @inlinable
    init(key: Key) {
      self.key = key
      writtenAt = Moment(nanoseconds: 0)
      refreshAt = Moment(nanoseconds: 0)
    }
  }

  /// A key that should go.
  @usableFromInline
  struct Candidate: Sendable, Equatable {
    @usableFromInline var key: Key
    @usableFromInline var stamp: UInt
    @usableFromInline var isTooOld: Bool
  }

  /// What a key that was taken out leaves to be destroyed outside the mutex.
  @usableFromInline
  struct Removed: Sendable {
    @usableFromInline let keys: (Key, Key?)

    @inlinable
    init(keys: (Key, Key?)) { self.keys = keys }
  }

  @usableFromInline var nodes: [Node] = []
  @usableFromInline var free: [Int] = []
  @usableFromInline var places: [Key: Int] = [:]
  @usableFromInline var oldest = -1
  @usableFromInline var newest = -1
  @usableFromInline var hand = -1
  @usableFromInline var lastStamp: UInt = 0
  /// Wide enough for any number of any weights.
  @usableFromInline var weight: Int128 = 0
  /// How many keys are leaving: their age is known still, and they count no more.
  @usableFromInline var leavingCount = 0
  /// Whether somebody comes to look for what is too old.
  @usableFromInline var isPurgeArranged = false

  @usableFromInline let limits: EvictionLimits

  @usableFromInline
  init(_ limits: EvictionLimits) { self.limits = limits }

  /// After how many marked keys in a row the next one goes although it was read. Where all are read
  /// all the time, that costs one of them in so many.
  @inlinable static var mostMarks: Int { 64 }

  @inlinable var count: Int { places.count - leavingCount }

  @inlinable
  func isTooOld(_ node: Node, _ now: Moment) -> Bool {
    guard let lifetime = limits.lifetime else { return false }
    return node.writtenAt.advanced(byNanoseconds: lifetime) <= now
  }

  /// Notes a write.
  ///
  /// - Returns: When somebody must come to look for what is too old; nil if that is arranged
  ///   already, or need not be.
  @inlinable
  @discardableResult
  mutating func written(_ key: Key, weight newWeight: Int = 0, at now: Moment) -> Moment? {
    let place: Int
    if let known = places[key] {
      stay(known)
      unlink(known)
      place = known
    } else {
      place = free.popLast() ?? nodes.count
      if place == nodes.count { nodes.append(Node(key: key)) } else { nodes[place] = Node(key: key) }
      places[key] = place
    }
    lastStamp &+= 1
    weight += Int128(newWeight) - Int128(nodes[place].weight)
    nodes[place].weight = newWeight
    nodes[place].writtenAt = now
    nodes[place].stamp = lastStamp
    if let interval = limits.refreshInterval { nodes[place].refreshAt = now.advanced(byNanoseconds: interval) }
    linkNewest(place)
    guard let lifetime = limits.lifetime, !isPurgeArranged else { return nil }
    isPurgeArranged = true
    return now.advanced(byNanoseconds: lifetime)
  }

  /// Notes a read and says whether the value is still young enough to be given out.
  ///
  /// Asked before the dictionary is: what that has afterwards is as old as it was here, or younger.
  /// A key that is not known has no value, one that is being written, or one without limits: keys
  /// leave the index after the dictionary.
  @inlinable
  mutating func read(_ key: Key, at now: Moment) -> Bool {
    guard let place = places[key] else { return true }
    nodes[place].isMarked = true
    return !isTooOld(nodes[place], now)
  }

  /// Whether a key's value is old enough to be loaded again in the background; then it is not again
  /// for one interval.
  @usableFromInline
  mutating func isRefreshDue(_ key: Key, at now: Moment) -> Bool {
    guard let interval = limits.refreshInterval, let place = places[key], nodes[place].refreshAt <= now else {
      return false
    }
    nodes[place].refreshAt = now.advanced(byNanoseconds: interval)
    return true
  }

  /// Whether a key's value is too old to be given out.
  @inlinable
  func isTooOld(_ key: Key, at now: Moment) -> Bool {
    places[key].map { isTooOld(nodes[$0], now) } ?? false
  }

  /// Which write of a key was the last; nil if it is not known.
  @usableFromInline
  func stamp(of key: Key) -> UInt? { places[key].map { nodes[$0].stamp } }

  // MARK: What should go

  /// Whether something is too old, or there is too much.
  @inlinable
  func isOverdue(at now: Moment) -> Bool { isOverfull || (oldest >= 0 && isTooOld(nodes[oldest], now)) }

  @inlinable
  var isOverfull: Bool { count > limits.maximumCount || (weight > Int128(limits.maximumWeight) && oldest >= 0) }

  /// The keys that are too old, the oldest first, a number of them at most; without those that are
  /// leaving, unless they are wanted.
  @usableFromInline
  func tooOld(at now: Moment, atMost most: Int, withLeaving: Bool = false) -> [Candidate] {
    var found: [Candidate] = []
    var place = oldest
    while place >= 0, found.count < most, isTooOld(nodes[place], now) {
      let stamp = nodes[place].stamp
      if withLeaving || !nodes[place].isLeaving, let key = nodes[place].key {
        found.append(Candidate(key: key, stamp: stamp, isTooOld: true))
      }
      place = nodes[place].newer
    }
    return found
  }

  /// When the oldest is too old; nil if there is none, or no limit to its age.
  @usableFromInline
  var nextExpiry: Moment? {
    guard let lifetime = limits.lifetime, oldest >= 0 else { return nil }
    return nodes[oldest].writtenAt.advanced(byNanoseconds: lifetime)
  }

  /// A key that should go because there is too much; nil if there is not. Asked again, it names
  /// another one.
  @usableFromInline
  mutating func surplus() -> Candidate? {
    guard isOverfull else { return nil }
    var place = hand >= 0 ? hand : oldest
    var marks = 0
    while nodes[place].isLeaving || (nodes[place].isMarked && marks < Self.mostMarks) {
      if nodes[place].isMarked { marks += 1 }
      nodes[place].isMarked = false
      place = nodes[place].newer >= 0 ? nodes[place].newer : oldest
    }
    hand = nodes[place].newer
    return nodes[place].key.map { Candidate(key: $0, stamp: nodes[place].stamp, isTooOld: false) }
  }
}
