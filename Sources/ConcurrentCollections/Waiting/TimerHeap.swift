// SPDX-License-Identifier: Apache-2.0
//
// The order of the timers. The owner's mutex is held in all of this; nothing here runs a caller's
// code.

/// Something to be done at a moment, unless it is cancelled before.
final class TimerEntry: @unchecked Sendable {
  let deadline: Moment
  /// Runs without a lock.
  let fire: @Sendable () -> Void
  /// Its place in the heap, -1 outside of it. Under the heap's mutex.
  fileprivate var place = -1

  init(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) {
    self.deadline = deadline
    self.fire = fire
  }
}

/// A binary heap of timers, the earliest first. Each knows its place, so that any of them leaves in
/// O(log n).
struct TimerHeap: ~Copyable {
  private var entries: [TimerEntry] = []

  var count: Int { entries.count }
  var capacity: Int { entries.capacity }
  var earliest: Moment? { entries.first?.deadline }

  mutating func insert(_ entry: TimerEntry) {
    precondition(entry.place < 0, "a timer in the heap twice")
    entry.place = entries.count
    entries.append(entry)
    rise(entry.place)
  }

  /// Takes a timer out.
  ///
  /// - Returns: Whether it was there.
  mutating func remove(_ entry: TimerEntry) -> Bool {
    let place = entry.place
    guard place >= 0 else { return false }
    let last = entries.removeLast()
    if last !== entry {
      entries[place] = last
      last.place = place
      rise(place)
      sink(last.place)
    }
    entry.place = -1
    // A quarter full: half of the room is given back, so that the next time is as many removals
    // away.
    if entries.capacity > 256, entries.count * 4 < entries.capacity {
      var smaller: [TimerEntry] = []
      smaller.reserveCapacity(entries.count * 2)
      smaller.append(contentsOf: entries)
      entries = smaller
    }
    return true
  }

  /// Takes out the entries that are due, a number of them at most.
  mutating func popDue(at now: Moment, atMost most: Int) -> [TimerEntry] {
    var due: [TimerEntry] = []
    while due.count < most, let first = entries.first, first.deadline <= now {
      _ = remove(first)
      due.append(first)
    }
    return due
  }

  private mutating func rise(_ start: Int) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard entries[place].deadline < entries[parent].deadline else { return }
      swap(place, parent)
      place = parent
    }
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
        if entries[child].deadline < entries[least].deadline { least = child }
      }
      if least == place { return }
      swap(place, least)
      place = least
    }
  }

  private mutating func swap(_ one: Int, _ other: Int) {
    entries.swapAt(one, other)
    entries[one].place = one
    entries[other].place = other
  }
}
