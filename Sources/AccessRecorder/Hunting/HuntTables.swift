// SPDX-License-Identifier: Apache-2.0
//
// The tables of hunting: call sites, pairs of them, collections. Plain words in C's static storage,
// loaded and stored relaxed: a torn or overwritten entry costs a delay, never a report. Nothing
// here allocates or locks.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Synchronization

/// An entry of a table: its words.
struct HuntEntry {
  let address: UnsafeMutableRawPointer

  subscript(word: Int) -> UInt64 {
    get { (address + word &* 8).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .relaxed) }
    nonmutating set {
      (address + word &* 8).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.store(newValue, ordering: .relaxed)
    }
  }

  /// Makes the entry that of a key, if it is nobody's; whether it is that key's now.
  func claim(_ key: UInt64) -> Bool {
    let word = address.assumingMemoryBound(to: Atomic<UInt64>.self)
    let result = word.pointee.compareExchange(expected: 0, desired: key, ordering: .relaxed)
    return result.exchanged || result.original == key
  }

  static func hash(_ key: UInt64) -> UInt64 { (key &* AUDIT_HASH_MULTIPLIER) >> 40 }
}

/// A place in the program that accesses collections: the return address of the access and the one
/// of its caller, because what is not inlined into the program has the same one for all of it.
struct HuntSite {
  let index: UInt64
  let entry: HuntEntry

  enum Word {
    static let key = 0
    static let address = 1
    static let caller = 2
    /// The operation's index; bit 8 for a write; from bit 16 on `audit_hunt_quiet_mark`.
    static let operation = 3
    /// Executions on collections that one thread alone has touched so far, and on others.
    static let alone = 4
    static let shared = 5
    /// How often it was held open on no other evidence than that its collection is shared.
    static let probes = 6
    /// Not 0: no more of it needs to be seen.
    static let settled = 7
    /// The pairs it belongs to: an index and 1 in each word, 0 in free ones.
    static let firstPair = 8
    static let pairCount = 7
    /// Where the lock lies that its executions hold, as far as another thread was seen to wait for
    /// it.
    static let lock = 15
  }

  init(index: UInt64) {
    self.index = index & UInt64(AUDIT_HUNT_SITES - 1)
    entry = HuntEntry(address: audit_hunt_site(index))
  }

  /// In the word of the operation.
  static var writingBit: UInt64 { 256 }

  static func key(_ address: UInt, _ caller: UInt) -> UInt64 {
    let mixed = UInt64(address) &* AUDIT_HASH_MULTIPLIER ^ UInt64(caller)
    return mixed | 1
  }

  /// The site's entry, made if need be; index `AUDIT_HUNT_SITES` where there is no room.
  static func find(_ address: UInt, _ caller: UInt, operation: UInt64) -> UInt64 {
    let key = key(address, caller)
    var index = HuntEntry.hash(key)
    var tries = 0
    while tries < 8 {
      let entry = HuntEntry(address: audit_hunt_site(index))
      if entry[Word.key] == key { return index & UInt64(AUDIT_HUNT_SITES - 1) }
      if entry[Word.key] == 0, entry.claim(key) {
        entry[Word.address] = UInt64(address)
        entry[Word.caller] = UInt64(caller)
        entry[Word.operation] = operation
        return index & UInt64(AUDIT_HUNT_SITES - 1)
      }
      index &+= 1
      tries &+= 1
    }
    return UInt64(AUDIT_HUNT_SITES)
  }

  subscript(word: Int) -> UInt64 {
    get { entry[word] }
    nonmutating set { entry[word] = newValue }
  }

  func count(_ word: Int) { entry[word] = entry[word] &+ 1 }

  /// In this round the thread has looked at the site, which it executes on collections of its own.
  func noteQuiet(_ slot: UInt16) {
    entry[Word.operation] = entry[Word.operation] & 0xFFFF | audit_hunt_quiet_mark(slot)
  }

  /// Notes that the site belongs to a pair; a site that has too many forgets the new one.
  func add(pair: UInt64) {
    var word = Word.firstPair
    while word < Word.firstPair + Word.pairCount {
      if entry[word] == pair + 1 { return }
      if entry[word] == 0 {
        entry[word] = pair + 1
        entry[Word.settled] = 0
        return
      }
      word += 1
    }
  }
}

/// Two call sites that came near each other on one collection, on two threads, one of them writing.
struct HuntPair {
  let index: UInt64
  let entry: HuntEntry

  enum Word {
    static let key = 0
    /// The largest time between the two that was seen, in nanoseconds.
    static let gap = 1
    static let times = 2
    /// Holds of one of the two in which the other did not come.
    static let fruitless = 3
    /// How often one was seen to have waited for the end of a hold of the other.
    static let waits = 4
    static let state = 5
    static let holds = 6
    /// The state in the plan it comes from, and 1; 0 for none.
    static let planned = 7
    /// The smallest time between the two that was seen; 0 for none.
    static let least = 8
    /// Not 0: the state was found by an earlier test, and the one that runs may show another.
    static let isOpenAgain = 9
  }

  enum State {
    static let open: UInt64 = 0
    /// Something in the program keeps the two apart.
    static let ordered: UInt64 = 1
    /// They were seen to overlap.
    static let confirmed: UInt64 = 2
  }

  init(index: UInt64) {
    self.index = index & UInt64(AUDIT_HUNT_PAIRS - 1)
    entry = HuntEntry(address: audit_hunt_pair(index))
  }

  /// The index of the pair's entry, made if need be; `AUDIT_HUNT_PAIRS` where there is no room.
  static func find(_ one: UInt64, _ other: UInt64, making: Bool) -> UInt64 {
    let low = one < other ? one : other
    let high = one < other ? other : one
    let key = (low + 1) << 32 | (high + 1)
    var index = HuntEntry.hash(key)
    var tries = 0
    while tries < 8 {
      let entry = HuntEntry(address: audit_hunt_pair(index))
      if entry[Word.key] == key { return index & UInt64(AUDIT_HUNT_PAIRS - 1) }
      if entry[Word.key] == 0 {
        if !making { break }
        if entry.claim(key) {
          HuntSite(index: low).add(pair: index & UInt64(AUDIT_HUNT_PAIRS - 1))
          if low != high { HuntSite(index: high).add(pair: index & UInt64(AUDIT_HUNT_PAIRS - 1)) }
          return index & UInt64(AUDIT_HUNT_PAIRS - 1)
        }
      }
      index &+= 1
      tries &+= 1
    }
    return UInt64(AUDIT_HUNT_PAIRS)
  }

  /// Whether it is worth a hold: nothing is known of it, or not from the test that runs.
  var isOpen: Bool { entry[Word.state] == State.open || entry[Word.isOpenAgain] != 0 }

  /// Something was seen to keep the two apart.
  func order() {
    entry[Word.isOpenAgain] = 0
    if entry[Word.state] == State.open { entry[Word.state] = State.ordered }
  }

  /// The two were seen to overlap.
  func confirm() {
    entry[Word.isOpenAgain] = 0
    entry[Word.state] = State.confirmed
  }

  var sites: (UInt64, UInt64) { (entry[Word.key] >> 32 &- 1, entry[Word.key] & 0xFFFF_FFFF &- 1) }

  subscript(word: Int) -> UInt64 {
    get { entry[word] }
    nonmutating set { entry[word] = newValue }
  }

  func count(_ word: Int) { entry[word] = entry[word] &+ 1 }
}

/// What is known of a collection: who touched it last, who is held inside an access to it.
struct HuntCollection {
  let entry: HuntEntry

  enum Word {
    static let key = 0
    /// Not 0: more than one thread has touched it.
    static let isShared = 1
    /// The last hold inside an access to it: the slot and the site, begin, end; the end is 0 while
    /// it lasts.
    static let holder = 3
    static let holdBegin = 4
    static let holdEnd = 5
    /// Two words for each of four threads: the time of its last access; slot, bit 32 for a write,
    /// site.
    static let firstAccess = 6
    static let accessCount = 4
    static let lastUse = 14
  }

  /// The entry of a collection; the one that was used least recently is given up for it.
  static func find(_ id: UInt64, now: UInt64) -> HuntCollection {
    var index = HuntEntry.hash(id)
    var oldest = HuntEntry(address: audit_hunt_collection(index))
    var tries = 0
    while tries < 4 {
      let entry = HuntEntry(address: audit_hunt_collection(index))
      if entry[Word.key] == id {
        entry[Word.lastUse] = now
        return HuntCollection(entry: entry)
      }
      if entry[Word.lastUse] < oldest[Word.lastUse] { oldest = entry }
      index &+= 1
      tries &+= 1
    }
    oldest[Word.key] = id
    var word = 1
    while word < 16 {
      oldest[word] = 0
      word += 1
    }
    oldest[Word.lastUse] = now
    return HuntCollection(entry: oldest)
  }

  subscript(word: Int) -> UInt64 {
    get { entry[word] }
    nonmutating set { entry[word] = newValue }
  }

  /// A variable that leaves a shared monitor takes along what is known of it.
  func copy(to other: HuntCollection) {
    var word = 1
    while word < Word.lastUse {
      other[word] = entry[word]
      word += 1
    }
  }

  /// The site of a thread's last access; `AUDIT_HUNT_SITES` when it is not known.
  func site(of slot: UInt16) -> UInt64 {
    var word = Word.firstAccess
    while word < Word.firstAccess + 2 * Word.accessCount {
      let party = HuntParty(word: entry[word + 1])
      if party.slot == slot, slot != 0 { return party.site }
      word += 2
    }
    return UInt64(AUDIT_HUNT_SITES)
  }

  func beginHold(_ party: HuntParty, at time: UInt64) {
    entry[Word.holdBegin] = time
    entry[Word.holdEnd] = 0
    entry[Word.holder] = party.word
  }

  /// Whether a thread is held inside an access to it. A thread that a fork left behind ends no
  /// hold.
  func isHeld(at now: UInt64) -> Bool {
    entry[Word.holder] != 0 && entry[Word.holdEnd] == 0 && now &- entry[Word.holdBegin] < 4 * HuntLimits.longestHold
  }
}

/// The thread, the site, the actor and the kind of an access, in one word.
struct HuntParty {
  let word: UInt64

  init(word: UInt64) { self.word = word }

  /// - Parameter actor: See `audit_current_actor_mark`.
  init(slot: UInt16, site: UInt64, isWriting: Bool, actor: UInt32 = 0) {
    let (high, low) = (UInt64(actor >> 16), UInt64(actor & 0xFFFF))
    word = UInt64(slot) << 48 | high << 33 | (isWriting ? 1 << 32 : 0) | low << 16 | site & 0xFFFF
  }

  var slot: UInt16 { UInt16(truncatingIfNeeded: word >> 48) }
  var isWriting: Bool { word & (1 << 32) != 0 }
  var site: UInt64 { word & 0xFFFF }
  var actor: UInt32 { UInt32(truncatingIfNeeded: (word >> 33 & 0x7FFF) << 16 | word >> 16 & 0xFFFF) }
}

#endif
