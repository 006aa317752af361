// SPDX-License-Identifier: Apache-2.0
//
// The table that readers walk while a writer changes it. Entries are never changed once they are
// linked; the code here runs the keys' `==` and frees nothing a reader may hold.

public import Synchronization

/// One element, immutable from the moment it is linked into a table until it is freed.
@usableFromInline
struct ReadMostlyEntry<Key: Hashable & Sendable, Value: Sendable> {
  @usableFromInline let hash: UInt
  @usableFromInline let key: Key
  @usableFromInline let value: Value

  @inlinable
  init(hash: UInt, key: Key, value: Value) {
    self.hash = hash
    self.key = key
    self.value = value
  }
}

/// A hash table with linear probing whose places are single words.
///
/// A word is 0 (empty), 1 (removed), or an entry's address in the low 48 bits and the hash's
/// highest 16 bits above it. A hash has its highest bit set, so neither 0 nor 1 looks like an
/// entry, and a look-up follows an address only if 15 bits of the hash agree. A key stays in its
/// place as long as it is in the table: a reader that walks beside a writer cannot miss a key that
/// was there throughout.
@usableFromInline
struct ReadMostlyTable<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
  @usableFromInline typealias Entry = ReadMostlyEntry<Key, Value>
  @usableFromInline typealias Word = UInt

  /// The number of places less one, then the places.
  @usableFromInline let base: UnsafeMutableRawPointer

  @inlinable @inline(__always)  // No code.
  init(base: UnsafeMutableRawPointer) { self.base = base }

  /// The bytes of a table.
  @inlinable
  static func bytes(places: Int) -> Int { 64 + places * MemoryLayout<Word>.stride }

  @inlinable
  init(places: Int) {
    base = .allocate(byteCount: Self.bytes(places: places), alignment: CacheLine.bytes)
    base.storeBytes(of: places - 1, as: Int.self)
    for place in 0..<places { (words + place).initialize(to: Atomic(0)) }
  }

  @inlinable @inline(__always)  // One load.
  var mask: Int { base.load(as: Int.self) }

  @inlinable @inline(__always)  // An address computation.
  var words: UnsafeMutablePointer<Atomic<Word>> { (base + 64).assumingMemoryBound(to: Atomic<Word>.self) }

  @inlinable static var removed: Word { 1 }

  /// Deallocates the places, not the entries.
  @inlinable
  func deallocate() { base.deallocate() }

  /// The entry of a word that is neither 0 nor `removed`.
  @inlinable @inline(__always)  // A mask.
  static func entry(_ word: Word) -> UnsafeMutablePointer<Entry> {
    // A linked word always holds an address.
    UnsafeMutablePointer(bitPattern: word & 0x0000_FFFF_FFFF_FFFF).unsafelyUnwrapped
  }

  @inlinable @inline(__always)  // A mask.
  static func word(_ entry: UnsafeMutablePointer<Entry>, _ hash: UInt) -> Word {
    UInt(bitPattern: entry) | (hash & 0xFFFF_0000_0000_0000)
  }

  /// Allocates an entry, to be initialised before it is linked.
  @inlinable
  static func allocateEntry() -> UnsafeMutablePointer<Entry> {
    let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    precondition(UInt(bitPattern: entry) >> 48 == 0, "an address of more than 48 bits")
    return entry
  }

  /// Looks a key up; the caller is in a read section or holds the writers' mutex.
  @inlinable @inline(__always)  // The whole of a read.
  func find(_ hash: UInt, _ key: Key) -> UnsafeMutablePointer<Entry>? {
    let mask = self.mask
    let words = self.words
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      // Acquires the entry's contents. Pairs with the releasing store in `link`.
      let word = words[place].load(ordering: .acquiring)
      if (word ^ hash) >> 48 == 0 {
        let entry = Self.entry(word)
        if entry.pointee.hash == hash, entry.pointee.key == key { return entry }
      } else if word == 0 {
        return nil
      }
      place = (place &+ 1) & mask
    }
  }

  /// The place of a key, or of the empty word that ends its run; for writers.
  @inlinable
  func place(_ hash: UInt, _ key: Key) -> (place: Int, isPresent: Bool) {
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let word = words[place].load(ordering: .relaxed)
      if word == 0 { return (place, false) }
      if (word ^ hash) >> 48 == 0 {
        let entry = Self.entry(word)
        if entry.pointee.hash == hash, entry.pointee.key == key { return (place, true) }
      }
      place = (place &+ 1) & mask
    }
  }

  /// Puts a word into a place, for readers to see together with what the word points to.
  @inlinable @inline(__always)  // One store.
  func link(_ word: Word, at place: Int) { words[place].store(word, ordering: .releasing) }

  /// Puts an entry's word into the first empty place of its run; the table is not published yet.
  @inlinable
  func add(_ word: Word, hash: UInt) {
    var place = Int(truncatingIfNeeded: hash) & mask
    while words[place].load(ordering: .relaxed) != 0 { place = (place &+ 1) & mask }
    words[place].store(word, ordering: .relaxed)
  }

  /// Calls the closure with each entry's word; for writers.
  @inlinable
  func forEach<Failure: Error>(_ body: (Word) throws(Failure) -> Void) throws(Failure) {
    for place in 0...mask {
      let word = words[place].load(ordering: .relaxed)
      if word > Self.removed { try body(word) }
    }
  }
}
