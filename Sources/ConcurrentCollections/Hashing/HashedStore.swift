// SPDX-License-Identifier: Apache-2.0
//
// The table of one shard: open addressing with linear probing. It runs the keys' `==` and nothing
// else of the caller's; its owner keeps it to one thread at a time.

/// A hash table that is given its hashes.
///
/// An entry's hash, key and value lie side by side: a look-up in a large table touches one cache
/// line, where `Dictionary` touches three (its bitmap, keys and values). A hash is never 0; 0 marks
/// an empty place.
@usableFromInline
struct HashedStore<Key: Hashable, Value>: ~Copyable {
  @usableFromInline
  struct Entry {
    /// Must stay the first member: it is read at the entry's address when the rest is not
    /// initialised.
    @usableFromInline var hash: UInt
    @usableFromInline var key: Key
    @usableFromInline var value: Value

    @inlinable
    init(hash: UInt, key: Key, value: Value) {
      self.hash = hash
      self.key = key
      self.value = value
    }
  }

  @usableFromInline var entries: UnsafeMutablePointer<Entry>
  /// One less than the number of places, a power of two.
  @usableFromInline var mask: Int
  @usableFromInline var count: Int

  @inlinable
  init(minimumCapacity: Int = 0) {
    let places = Self.places(for: minimumCapacity)
    entries = Self.allocate(places)
    mask = places - 1
    count = 0
  }

  @inlinable
  static func allocate(_ places: Int) -> UnsafeMutablePointer<Entry> {
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: places)
    for place in 0..<places { setHash(0, entries, place) }
    return entries
  }

  @inlinable @inline(__always)  // One load.
  static func hash(_ entries: UnsafeMutablePointer<Entry>, _ place: Int) -> UInt {
    UnsafeRawPointer(entries + place).loadUnaligned(as: UInt.self)
  }

  @inlinable @inline(__always)  // One store.
  static func setHash(_ hash: UInt, _ entries: UnsafeMutablePointer<Entry>, _ place: Int) {
    UnsafeMutableRawPointer(entries + place).storeBytes(of: hash, as: UInt.self)
  }

  /// The place of a key, or the complement of the empty place where it belongs.
  @inlinable @inline(__always)  // The loop of every operation.
  func find(_ hash: UInt, _ key: Key) -> Int {
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let found = Self.hash(entries, place)
      if found == hash, entries[place].key == key { return place }
      if found == 0 { return ~place }
      place = (place &+ 1) & mask
    }
  }

  @inlinable @inline(__always)  // The read path.
  func value(_ hash: UInt, _ key: Key) -> Value? {
    let place = find(hash, key)
    return place >= 0 ? entries[place].value : nil
  }

  @inlinable
  mutating func update(_ hash: UInt, _ key: Key, _ value: Value) -> Value? {
    let place = find(hash, key)
    if place >= 0 {
      var old = value
      swap(&entries[place].value, &old)
      return old
    }
    insert(hash, key, value, at: ~place)
    return nil
  }

  /// Stores a key that is known to be absent, at the empty place that `find` named; returns where
  /// it is now.
  @inlinable @discardableResult
  mutating func insert(_ hash: UInt, _ key: Key, _ value: Value, at emptyPlace: Int) -> Int {
    var place = emptyPlace
    if (count &+ 1) &* 4 > (mask &+ 1) &* 3 {
      grow()
      place = Int(truncatingIfNeeded: hash) & mask
      while Self.hash(entries, place) != 0 { place = (place &+ 1) & mask }
    }
    (entries + place).initialize(to: Entry(hash: hash, key: key, value: value))
    count &+= 1
    return place
  }

  /// Takes a key out, for the caller to destroy it and its value where that does no harm.
  @inlinable
  mutating func takeOut(_ hash: UInt, _ key: Key) -> Entry? {
    let place = find(hash, key)
    return place >= 0 ? remove(at: place) : nil
  }

  /// Takes out an entry and moves later ones of its run forward, so no marker of a removal stays
  /// behind.
  @inlinable
  mutating func remove(at removed: Int) -> Entry {
    let entry = (entries + removed).move()
    closeGap(at: removed)
    return entry
  }

  /// Ends a removal: the place's entry has been moved out.
  @inlinable
  mutating func closeGap(at removed: Int) {
    var hole = removed
    var place = removed
    while true {
      place = (place &+ 1) & mask
      let hash = Self.hash(entries, place)
      if hash == 0 { break }
      let home = Int(truncatingIfNeeded: hash) & mask
      // The entry may move only to a place that is not before its home.
      if ((place &- home) & mask) >= ((place &- hole) & mask) {
        (entries + hole).moveInitialize(from: entries + place, count: 1)
        hole = place
      }
    }
    Self.setHash(0, entries, hole)
    count &-= 1
  }

  @inlinable
  mutating func grow() { resize(to: (mask + 1) * 2) }

  /// Gives room back when less than an eighth of the places is used. The new table has room for
  /// twice the entries, so that the next resize is as many operations away as there are entries.
  @inlinable @inline(__always)  // A comparison.
  mutating func shrinkIfSparse() {
    if count &* 8 <= mask, mask > 7 { resize(to: Self.places(for: count * 2)) }
  }

  /// The number of places that leaves a table at most three quarters full.
  @inlinable
  static func places(for count: Int) -> Int {
    var places = 8
    while places * 3 < count * 4 { places <<= 1 }
    return places
  }

  /// Moves the entries into another table.
  @inlinable @inline(never)
  mutating func resize(to places: Int) {
    let old = entries
    let oldPlaces = mask + 1
    entries = Self.allocate(places)
    mask = places - 1
    for index in 0..<oldPlaces {
      let hash = Self.hash(old, index)
      if hash == 0 { continue }
      var place = Int(truncatingIfNeeded: hash) & mask
      while Self.hash(entries, place) != 0 { place = (place &+ 1) & mask }
      (entries + place).moveInitialize(from: old + index, count: 1)
    }
    old.deallocate()
  }

  @inlinable
  mutating func insertIfAbsent(_ hash: UInt, _ key: Key, _ value: Value) -> (inserted: Bool, value: Value) {
    let place = find(hash, key)
    if place >= 0 { return (false, entries[place].value) }
    insert(hash, key, value, at: ~place)
    return (true, value)
  }

  @inlinable
  mutating func withValue<Result, Failure: Error>(
    _ hash: UInt, _ key: Key, default defaultValue: () -> Value, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var place = find(hash, key)
    if place < 0 { place = insert(hash, key, defaultValue(), at: ~place) }
    return try body(&entries[place].value)
  }

  /// The places of the entries for which the closure returns true, in the order in which
  /// ``remove(_:into:)`` wants them; throws what it throws.
  ///
  /// A removal moves entries that come later in the same run. So the last place of a run comes
  /// first, and an empty place is the end of the circle: no run passes it.
  @inlinable
  func matches<Failure: Error>(
    _ isMatch: ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> [Int] {
    var found: [Int] = []
    guard count > 0 else { return found }
    var start = 0
    while Self.hash(entries, start) != 0 { start += 1 }
    var distance = mask
    while distance > 0 {
      let place = (start &+ distance) & mask
      distance -= 1
      if Self.hash(entries, place) == 0 { continue }
      if try isMatch((entries[place].key, entries[place].value)) { found.append(place) }
    }
    return found
  }

  /// Takes the entries out that ``matches(_:)`` has found, for the caller to destroy where that
  /// does no harm. It takes places, since a key that does not equal itself cannot be looked up.
  @inlinable
  mutating func remove(_ doomed: [Int], into removed: inout [Entry]) {
    for place in doomed { removed.append(remove(at: place)) }
    shrinkIfSparse()
  }

  /// The place of an entry with this hash whose key does not equal itself; nil if there is none.
  @inlinable
  func placeOfUnequal(_ hash: UInt) -> Int? {
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let found = Self.hash(entries, place)
      if found == 0 { return nil }
      if found == hash, !entries[place].key.equalsItself { return place }
      place = (place &+ 1) & mask
    }
  }

  /// Calls the closure with every entry's place.
  @inlinable
  func forEachPlace<Failure: Error>(_ body: (Int) throws(Failure) -> Void) throws(Failure) {
    guard count > 0 else { return }
    for place in 0...mask where Self.hash(entries, place) != 0 { try body(place) }
  }

  // Inlinable because accessors of it are: the optimiser stops at a deinit that is not.
  @inlinable
  deinit {
    for place in 0...mask where Self.hash(entries, place) != 0 { (entries + place).deinitialize(count: 1) }
    entries.deallocate()
  }
}

extension HashedStore: @unchecked Sendable where Key: Sendable, Value: Sendable {}
