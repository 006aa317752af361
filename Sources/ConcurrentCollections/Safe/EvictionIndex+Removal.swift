// SPDX-License-Identifier: Apache-2.0
//
// How keys leave the index of a safe dictionary, and the order they stand in. No key is destroyed
// here.

extension EvictionIndex {
  /// Counts a candidate out, unless it was written since or is leaving already. The task holds the
  /// key, takes it out of the dictionary, and then out of here.
  ///
  /// - Returns: Whether the task is the one to do that.
  @usableFromInline
  mutating func beginRemoval(of candidate: Candidate) -> Bool {
    guard let place = places[candidate.key], nodes[place].stamp == candidate.stamp, !nodes[place].isLeaving else {
      return false
    }
    nodes[place].isLeaving = true
    leavingCount += 1
    weight -= Int128(nodes[place].weight)
    nodes[place].weight = 0
    return true
  }

  @inlinable
  mutating func stay(_ place: Int) {
    guard nodes[place].isLeaving else { return }
    nodes[place].isLeaving = false
    leavingCount -= 1
  }

  /// Takes a key out; only if it was not written since, when a stamp is given.
  ///
  /// - Returns: What is to be destroyed outside; nil if nothing was taken out.
  @inlinable
  mutating func remove(_ key: Key, ifStamp stamp: UInt? = nil) -> Removed? {
    guard let found = places.index(forKey: key) else { return nil }
    let place = places[found].value
    guard stamp == nil || nodes[place].stamp == stamp else { return nil }
    stay(place)
    unlink(place)
    weight -= Int128(nodes[place].weight)
    let removed = Removed(keys: (places.remove(at: found).key, nodes[place].key.take()))
    free.append(place)
    if free.count > 64, free.count > 3 * places.count { shrink() }
    return removed
  }

  /// Takes everything out, for the caller to destroy outside.
  @usableFromInline
  mutating func removeAll() -> EvictionIndex {
    var empty = EvictionIndex(limits)
    // Somebody may come yet; a key that is written again must not have the stamp of an old
    // candidate.
    empty.isPurgeArranged = isPurgeArranged
    empty.lastStamp = lastStamp
    swap(&self, &empty)
    return empty
  }

  /// Gives memory back when three quarters of the nodes are free. The keys stay as they are.
  @usableFromInline
  mutating func shrink() {
    var kept: [Node] = []
    kept.reserveCapacity(places.count * 2)
    var newPlaces = [Key: Int](minimumCapacity: places.count)
    var newHand = -1
    var place = oldest
    while place >= 0 {
      let newer = nodes[place].newer
      if place == hand { newHand = kept.count }
      if let key = nodes[place].key { newPlaces[key] = kept.count }
      kept.append(nodes[place])
      kept[kept.count - 1].older = kept.count - 2
      kept[kept.count - 1].newer = newer >= 0 ? kept.count : -1
      place = newer
    }
    nodes = kept
    places = newPlaces
    free = []
    oldest = kept.isEmpty ? -1 : 0
    newest = kept.count - 1
    hand = newHand
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
