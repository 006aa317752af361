// SPDX-License-Identifier: Apache-2.0
//
// The writers' side of the read-mostly dictionary. Everything here runs with the writers' mutex
// held, but for `Unlinked.destroy`, which must run without it: it calls the deinits of keys and
// values.

public import Synchronization

/// What was taken out of the tables and may still be in readers' hands.
@usableFromInline
struct Unlinked<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
  @usableFromInline typealias Table = ReadMostlyTable<Key, Value>

  @usableFromInline var entries: [UnsafeMutablePointer<Table.Entry>] = []
  @usableFromInline var tables: [Table] = []

  @inlinable
  init() {}

  @inlinable var count: Int { entries.count }

  /// The bytes of entries and tables, without what the entries refer to.
  @inlinable var bytes: Int {
    tables.reduce(entries.count * MemoryLayout<Table.Entry>.stride) { $0 + Table.bytes(places: $1.mask + 1) }
  }

  @inlinable
  mutating func append(_ other: Unlinked) {
    entries.append(contentsOf: other.entries)
    tables.append(contentsOf: other.tables)
  }

  /// Takes out the entries that are lent to closures.
  @inlinable
  mutating func takeLent(_ section: ReadSection) -> [UnsafeMutablePointer<Table.Entry>] {
    var lent: Set<UInt> = []
    section.forEachLent { lent.insert($0) }
    if lent.isEmpty { return [] }
    var kept: [UnsafeMutablePointer<Table.Entry>] = []
    entries.removeAll { entry in
      let isLent = lent.contains(UInt(bitPattern: entry))
      if isLent { kept.append(entry) }
      return isLent
    }
    return kept
  }

  /// Ends the lives of keys and values; no reader may hold any of them. The entries' memory is left
  /// to the caller.
  @inlinable
  func deinitialize() {
    for entry in entries { entry.deinitialize(count: 1) }
    for table in tables { table.deallocate() }
  }

  /// Ends the lives of keys and values and gives the memory back; no reader may hold any of them.
  @inlinable
  func destroy() {
    deinitialize()
    for entry in entries { entry.deallocate() }
  }
}

/// The state that belongs to the writers' mutex.
@usableFromInline
struct ReadMostlyWriter<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
  @usableFromInline typealias Table = ReadMostlyTable<Key, Value>

  /// The table readers find; the same as the published one.
  @usableFromInline var table: Table
  /// Where readers look for the table.
  @usableFromInline let published: UnsafeMutablePointer<Atomic<UInt>>
  @usableFromInline var count = 0
  /// Places that are not empty: entries and removed ones.
  @usableFromInline var used = 0
  @usableFromInline var unlinked = Unlinked<Key, Value>()
  /// How many unlinked entries there must be for the next attempt to free them; 0 once a table is
  /// among them.
  @usableFromInline var nextAttempt = leastBatch
  /// When the last attempt began, in a ``Moment``'s nanoseconds.
  @usableFromInline var lastAttempt: UInt64 = 0
  /// Memory of entries that were replaced, for the next ones.
  @usableFromInline var spare: [UnsafeMutablePointer<Table.Entry>] = []

  @inlinable
  init(published: UnsafeMutablePointer<Atomic<UInt>>, minimumCapacity: Int) {
    self.published = published
    table = Table(places: Self.places(for: minimumCapacity))
    published.initialize(to: Atomic(UInt(bitPattern: table.base)))
  }

  /// How many entries make it worth looking at the clock.
  @inlinable static var leastBatch: Int { 64 }
  /// How long entries are gathered, at least, in nanoseconds: an attempt interrupts every running
  /// thread for some microseconds.
  @inlinable static var interval: UInt64 { 1_000_000 }

  /// Takes what was unlinked, to be freed, if there is much of it or the last attempt is long ago.
  @inlinable @inline(never)
  mutating func takeUnlinked(_ wholeBatch: Int) -> Unlinked<Key, Value>? {
    let now = Moment.now.nanoseconds
    guard unlinked.count >= wholeBatch || !unlinked.tables.isEmpty || now &- lastAttempt >= Self.interval else {
      nextAttempt = unlinked.count + Self.leastBatch
      return nil
    }
    lastAttempt = now
    nextAttempt = Self.leastBatch
    let taken = unlinked
    unlinked = Unlinked()
    unlinked.entries.reserveCapacity(min(taken.count, wholeBatch))
    return taken
  }

  /// The number of places that leaves a table at most three quarters full.
  @inlinable
  static func places(for count: Int) -> Int {
    var places = 8
    while places * 3 < count * 4 { places <<= 1 }
    return places
  }

  /// Memory for an entry, to be initialised before it is linked.
  @inlinable
  mutating func makeEntry() -> UnsafeMutablePointer<Table.Entry> { spare.popLast() ?? Table.allocateEntry() }

  /// Keeps the memory of entries for later, as much of it as one batch has.
  @inlinable
  mutating func keep(_ memory: [UnsafeMutablePointer<Table.Entry>], atMost most: Int) {
    let room = max(0, most - spare.count)
    spare.append(contentsOf: memory.prefix(room))
    for entry in memory.dropFirst(room) { entry.deallocate() }
  }

  /// Stores a value in a new entry and returns the value it took the place of. The key that was
  /// there first stays.
  @inlinable
  mutating func update(
    _ hash: UInt, _ key: Key, _ value: Value
  ) -> Value? {
    let entry = makeEntry()
    let (place, isPresent) = table.place(hash, key)
    if isPresent {
      let old = Table.entry(table.words[place].load(ordering: .relaxed))
      entry.initialize(to: Table.Entry(hash: hash, key: old.pointee.key, value: value))
      table.link(Table.word(entry, hash), at: place)
      unlinked.entries.append(old)
      return old.pointee.value
    }
    insert(hash, key, value, in: entry, at: place)
    return nil
  }

  /// Adds a key that is known to be absent, in a new entry, at the empty place that ends its run.
  @inlinable
  mutating func insert(
    _ hash: UInt, _ key: Key, _ value: Value, in entry: UnsafeMutablePointer<Table.Entry>, at place: Int
  ) {
    entry.initialize(to: Table.Entry(hash: hash, key: key, value: value))
    count &+= 1
    if (used &+ 1) &* 4 > (table.mask &+ 1) &* 3 {
      rebuild(adding: Table.word(entry, hash))
    } else {
      used &+= 1
      table.link(Table.word(entry, hash), at: place)
    }
  }

  @inlinable
  mutating func remove(_ hash: UInt, _ key: Key) -> Value? {
    let (place, isPresent) = table.place(hash, key)
    guard isPresent else { return nil }
    let old = Table.entry(table.words[place].load(ordering: .relaxed))
    table.link(Table.removed, at: place)
    count &-= 1
    unlinked.entries.append(old)
    shrinkIfSparse()
    return old.pointee.value
  }

  /// Makes readers find another table, and unlinks the one they have found so far.
  @inlinable
  mutating func publish(_ new: Table, count newCount: Int) {
    let old = table
    table = new
    count = newCount
    used = newCount
    // Releases the table's contents to the acquiring load in `ReadMostlyDictionary.value(forKey:)`.
    published.pointee.store(UInt(bitPattern: new.base), ordering: .releasing)
    unlinked.tables.append(old)
    nextAttempt = 0
  }

  /// Moves to a table without removed places, twice as large if more than half of this one is in
  /// use.
  @inlinable
  mutating func rebuild(adding word: UInt) {
    let places = table.mask + 1
    let new = copy(places: count * 2 > places ? places * 2 : places)
    new.add(word, hash: Table.entry(word).pointee.hash)
    publish(new, count: count)
  }

  /// Moves to a smaller table when less than an eighth of this one is used. The new one has room
  /// for twice the entries, so that the next move is as many operations away as there are entries.
  @inlinable @inline(__always)  // A comparison.
  mutating func shrinkIfSparse() {
    if count &* 8 <= table.mask, table.mask > 7 { publish(copy(places: Self.places(for: count * 2)), count: count) }
  }

  /// A table with the same entries.
  @inlinable
  func copy(places: Int) -> Table {
    let new = Table(places: places)
    table.forEach { word in new.add(word, hash: Table.entry(word).pointee.hash) }
    return new
  }

  /// Frees everything; no reader and no writer may be left.
  @inlinable
  func destroy() {
    table.forEach { word in
      let entry = Table.entry(word)
      entry.deinitialize(count: 1)
      entry.deallocate()
    }
    table.deallocate()
    unlinked.destroy()
    for entry in spare { entry.deallocate() }
  }
}
