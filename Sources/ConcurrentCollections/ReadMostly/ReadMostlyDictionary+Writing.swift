// SPDX-License-Identifier: Apache-2.0
//
// The writing operations. Callers' closures run with the writers' mutex held; what was unlinked is
// freed without it.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
public import Synchronization

extension ReadMostlyDictionary {
  /// Runs a closure with the writers' mutex held, then frees what readers can no longer hold.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func writing<Result, Failure: Error>(
    _ operation: StaticString, _ body: (inout Writer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var batch: Unlinked<Key, Value>?
    defer { if let batch { free(batch) } }
    Reentrancy.enter(self, type: "ReadMostlyDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try writer.withLock(0) { (writer) throws(Failure) -> Result in
      defer { if writer.unlinked.count >= writer.nextAttempt { batch = writer.takeUnlinked(Self.reclaimBatch) } }
      return try body(&writer)
    }
  }

  /// Frees what was unlinked, but for what is lent. Gives it back if look-ups hold it up and there
  /// is room to keep it.
  @usableFromInline
  func free(_ unlinked: Unlinked<Key, Value>) {
    var batch = unlinked
    let epoch = section.beginEpoch()
    var looks = 0
    while !section.everyReaderHasLeft(before: epoch) {
      looks += 1
      if looks < 32 { continue }
      let isGivenBack = writer.withLock(0) { writer in
        let fits =
          writer.unlinked.count + batch.count < Self.unlinkedLimit
          && writer.unlinked.bytes + batch.bytes < Self.unlinkedByteLimit
        guard fits || section.isReading else { return false }
        writer.unlinked.append(batch)
        // Not with each write, while the reader stays.
        writer.nextAttempt = writer.unlinked.count + Self.reclaimBatch / 4
        return true
      }
      if isGivenBack { return }
      if looks < 64 { sched_yield() } else { usleep(50) }
    }
    let lent = batch.takeLent(section)
    batch.deinitialize()
    writer.withLock(0) { writer in
      writer.keep(batch.entries, atMost: Self.reclaimBatch)
      // There are at most eight for each thread.
      writer.unlinked.entries.append(contentsOf: lent)
    }
  }

  /// Frees every value that was replaced or removed before the call, but for those that are lent to
  /// closures at the moment.
  ///
  /// Without it that happens with later writes and when the dictionary ends. Inside more than eight
  /// closures of ``withBorrowedValue(forKey:_:)``, one inside the other, it frees nothing: it would
  /// have to wait for the thread's own.
  ///
  /// - Complexity: O(values waiting + threads).
  /// - Blocking: Waits for the write and the look-ups in progress, not for closures, but for those
  ///   that are more than eight inside each other on a thread.
  public func reclaim() {
    if section.isLendingTooMany { return }
    require(!section.isReading, "ReadMostlyDictionary.reclaim() called by a key's ==: it would wait for itself.")
    var batch = writer.withLock(0) { writer in
      defer { writer.unlinked = Unlinked() }
      writer.nextAttempt = Writer.leastBatch
      return writer.unlinked
    }
    let epoch = section.beginEpoch()
    while !section.everyReaderHasLeft(before: epoch) { sched_yield() }
    let lent = batch.takeLent(section)
    batch.destroy()
    if !lent.isEmpty { writer.withLock(0) { $0.unlinked.entries.append(contentsOf: lent) } }
  }

  /// Stores a value for a key and returns the one it took the place of.
  ///
  /// - Complexity: O(1) amortised. Allocates.
  /// - Blocking: Waits for the write in progress.
  @inlinable
  @discardableResult
  public func updateValue(_ value: Value, forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return writing("updateValue(_:forKey:)") { $0.update(hash, key, value) }
  }

  /// Removes a key and returns its value.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the write in progress.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return writing("removeValue(forKey:)") { $0.remove(hash, key) }
  }

  /// Stores a value unless the key has one.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: None if the key has a value; else waits for the write in progress.
  @inlinable
  @discardableResult
  public func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    if let present = self.value(forKey: key) { return (false, present) }
    let hash = hasher.hash(key)
    return writing("insertIfAbsent(_:forKey:)") { writer in
      let (place, isPresent) = writer.table.place(hash, key)
      if isPresent {
        return (false, Table.entry(writer.table.words[place].load(ordering: .relaxed)).pointee.value)
      }
      writer.insert(hash, key, value, in: writer.makeEntry(), at: place)
      return (true, value)
    }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// The closure works on a copy, since readers may hold the value: a collection in it is copied
  /// when it is changed. Reads inside the closure see the value from before it.
  ///
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure. Allocates.
  /// - Blocking: Waits for the write in progress. Other writes wait for the closure; reads do not.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let hash = hasher.hash(key)
    return try writing("withValue(forKey:default:_:)") { (writer) throws(Failure) -> Result in
      var value = writer.table.find(hash, key)?.pointee.value ?? defaultValue()
      defer { _ = writer.update(hash, key, value) }
      return try body(&value)
    }
  }

  /// Runs a closure that has the elements to itself: several keys change in one atomic step.
  ///
  /// The closure works on a copy, which replaces all elements at once: a reader sees all of the
  /// changes or none.
  ///
  /// - Throws: What the closure throws; its changes stay.
  /// - Complexity: O(n) and the closure.
  /// - Blocking: Waits for the write in progress. Other writes wait for the closure; reads do not.
  @inlinable
  public func withExclusive<Result, Failure: Error>(
    _ body: (inout [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try writing("withExclusive(_:)") { (writer) throws(Failure) -> Result in
      var elements = [Key: Value](minimumCapacity: writer.count)
      writer.table.forEach { word in
        let entry = Table.entry(word)
        elements[entry.pointee.key] = entry.pointee.value
      }
      defer { replaceAll(&writer, with: elements) }
      return try body(&elements)
    }
  }

  @inlinable
  func replaceAll(_ writer: inout Writer, with elements: [Key: Value]) {
    let new = Table(places: Writer.places(for: elements.count))
    for (key, value) in elements {
      let hash = hasher.hash(key)
      let entry = Table.allocateEntry()
      entry.initialize(to: Table.Entry(hash: hash, key: key, value: value))
      new.add(Table.word(entry, hash), hash: hash)
    }
    writer.table.forEach { writer.unlinked.entries.append(Table.entry($0)) }
    writer.publish(new, count: elements.count)
  }

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// - Returns: The number of elements removed.
  /// - Throws: What the closure throws; nothing is removed then.
  /// - Complexity: O(n).
  /// - Blocking: Waits for the write in progress. Other writes wait for it; reads do not, and see
  ///   all removals or none.
  @inlinable
  @discardableResult
  public func removeAll<Failure: Error>(
    where shouldBeRemoved: ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> Int {
    try writing("removeAll(where:)") { (writer) throws(Failure) -> Int in
      var kept: [UInt] = []
      var doomed: [UnsafeMutablePointer<Table.Entry>] = []
      try writer.table.forEach { (word) throws(Failure) in
        let entry = Table.entry(word)
        if try shouldBeRemoved((entry.pointee.key, entry.pointee.value)) {
          doomed.append(entry)
        } else {
          kept.append(word)
        }
      }
      if !doomed.isEmpty { keepOnly(kept, &writer, unlinking: doomed) }
      return doomed.count
    }
  }

  @inlinable
  func keepOnly(
    _ kept: [UInt], _ writer: inout Writer, unlinking doomed: [UnsafeMutablePointer<ReadMostlyEntry<Key, Value>>]
  ) {
    let new = Table(places: Writer.places(for: kept.count))
    for word in kept { new.add(word, hash: Table.entry(word).pointee.hash) }
    writer.unlinked.entries.append(contentsOf: doomed)
    writer.publish(new, count: kept.count)
  }
}
