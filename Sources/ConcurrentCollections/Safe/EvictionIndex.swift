// SPDX-License-Identifier: Apache-2.0
//
// What a safe dictionary knows of its keys when it has a limit: age and use. It holds no values; the owner keeps it under a mutex,
// where the keys' `hash(into:)` and `==` run.

/// An index and its mutex.
@usableFromInline
final class GuardedEvictionIndex<Key: Hashable & Sendable>: Sendable {
  @usableFromInline let index: Guarded<EvictionIndex<Key>>

  init(maximumCount: Int?, lifetime: Duration?) {
    index = Guarded(EvictionIndex(maximumCount: maximumCount, lifetime: lifetime))
  }

  @inlinable
  func withLock<Result: Sendable>(_ body: (inout EvictionIndex<Key>) -> Result) -> Result {
    index.withLock { body(&$0) }
  }
}

/// The keys in the order in which they were written, with a mark on those read since.
///
/// Which key goes when there are too many is decided by SIEVE: a hand moves from the oldest to the newest key, takes the mark off marked
/// ones and stops at the first without one. Source: Y. Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024. A key that is
/// written again becomes the newest, so that the oldest is always the first to be too old.
@usableFromInline
struct EvictionIndex<Key: Hashable & Sendable>: Sendable {
  @usableFromInline
  struct Node: Sendable {
    @usableFromInline var key: Key
    @usableFromInline var writtenAt: Moment
    /// Differs for each write: tells whether a key was written again since it was looked at.
    @usableFromInline var stamp: UInt
    @usableFromInline var isMarked = false
    @usableFromInline var older = -1
    @usableFromInline var newer = -1

    @inlinable
    init(key: Key, writtenAt: Moment, stamp: UInt) {
      self.key = key
      self.writtenAt = writtenAt
      self.stamp = stamp
    }
  }

  /// A key that should go.
  @usableFromInline
  struct Candidate: Sendable, Equatable {
    @usableFromInline var key: Key
    @usableFromInline var stamp: UInt
    @usableFromInline var isTooOld: Bool
  }

  @usableFromInline var nodes: [Node] = []
  @usableFromInline var free: [Int] = []
  @usableFromInline var places: [Key: Int] = [:]
  @usableFromInline var oldest = -1
  @usableFromInline var newest = -1
  @usableFromInline var hand = -1
  @usableFromInline var lastStamp: UInt = 0

  @usableFromInline let maximumCount: Int?
  /// In nanoseconds.
  @usableFromInline let lifetime: UInt64?

  init(maximumCount: Int?, lifetime: Duration?) {
    self.maximumCount = maximumCount
    self.lifetime = lifetime.map(Moment.nanoseconds(in:))
  }

  @inlinable var count: Int { places.count }

  @inlinable
  func isTooOld(_ node: Node, _ now: Moment) -> Bool {
    guard let lifetime else { return false }
    return node.writtenAt.advanced(byNanoseconds: lifetime) <= now
  }

  /// Notes a write.
  @inlinable
  mutating func written(_ key: Key, at now: Moment) {
    lastStamp &+= 1
    if let place = places[key] {
      unlink(place)
      nodes[place].writtenAt = now
      nodes[place].stamp = lastStamp
      linkNewest(place)
      return
    }
    let node = Node(key: key, writtenAt: now, stamp: lastStamp)
    let place: Int
    if let reused = free.popLast() {
      nodes[reused] = node
      place = reused
    } else {
      place = nodes.count
      nodes.append(node)
    }
    places[key] = place
    linkNewest(place)
  }

  /// Notes a read and says whether the value is still young enough to be given out.
  @inlinable
  mutating func read(_ key: Key, at now: Moment) -> Bool {
    guard let place = places[key] else { return true }
    nodes[place].isMarked = true
    return !isTooOld(nodes[place], now)
  }

  /// Whether a key's value is too old to be given out.
  @inlinable
  func isTooOld(_ key: Key, at now: Moment) -> Bool {
    places[key].map { isTooOld(nodes[$0], now) } ?? false
  }

  /// A key that should go now; nil if none has to. Asked again, it names the oldest one as long as that is too old, else another one.
  @usableFromInline
  mutating func candidate(at now: Moment) -> Candidate? {
    if oldest >= 0, isTooOld(nodes[oldest], now) {
      return Candidate(key: nodes[oldest].key, stamp: nodes[oldest].stamp, isTooOld: true)
    }
    guard let maximumCount, count > maximumCount else { return nil }
    var place = hand >= 0 ? hand : oldest
    while nodes[place].isMarked {
      nodes[place].isMarked = false
      place = nodes[place].newer >= 0 ? nodes[place].newer : oldest
    }
    hand = nodes[place].newer
    return Candidate(key: nodes[place].key, stamp: nodes[place].stamp, isTooOld: false)
  }

  /// Takes a key out; only if it was not written since, when a stamp is given.
  @inlinable
  @discardableResult
  mutating func remove(_ key: Key, ifStamp stamp: UInt? = nil) -> Bool {
    guard let place = places[key], stamp == nil || nodes[place].stamp == stamp else { return false }
    unlink(place)
    places.removeValue(forKey: key)
    free.append(place)
    return true
  }

  @inlinable
  mutating func unlink(_ place: Int) {
    let (older, newer) = (nodes[place].older, nodes[place].newer)
    if hand == place { hand = newer }
    if older >= 0 { nodes[older].newer = newer } else { oldest = newer }
    if newer >= 0 { nodes[newer].older = older } else { newest = older }
  }

  @inlinable
  mutating func linkNewest(_ place: Int) {
    nodes[place].older = newest
    nodes[place].newer = -1
    if newest >= 0 { nodes[newest].newer = place } else { oldest = place }
    newest = place
  }
}
