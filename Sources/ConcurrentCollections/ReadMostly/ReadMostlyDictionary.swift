// SPDX-License-Identifier: Apache-2.0
//
// A dictionary whose readers take no lock. Reads neither allocate nor lock nor wait; keys' `==`
// runs inside read sections, values are destroyed outside the writers' mutex.

public import Synchronization

/// A dictionary whose readers never wait and never write a cache line that another thread uses:
/// read at least a hundred times as often as written.
///
/// A read announces itself in its own thread's record, walks the table, copies the value and takes
/// the announcement back. A write, one at a time, links a new immutable entry in place of the old
/// one; the old one is freed when no reader can hold it any more: read-copy-update with epochs (K.
/// Fraser, UCAM-CL-TR-579, 2004; M. Desnoyers et al., IEEE TPDS 23(2), 2012). A value that is lent
/// to a closure is named in the thread's record (M. Michael, "Hazard Pointers", IEEE TPDS 15(6),
/// 2004).
///
/// Values are `Sendable`, as readers use one side by side; ``ExclusiveDictionary`` takes others.
///
/// Memory is bounded in values and bytes: at most ``unlinkedLimit`` replaced values, and at most
/// ``unlinkedByteLimit`` bytes of them and of replaced tables, wait for look-ups in progress; then
/// writers do. What is lent to a closure stays, and only that: a reader may hold on for as long as
/// it likes. The table is made smaller when less than an eighth of it is used.
///
/// A value that is a reference, or holds one, is retained for the caller of ``value(forKey:)``, and
/// a reference count is a shared cache line: ``withBorrowedValue(forKey:_:)`` reads without it.
///
/// - Blocking: Reads never wait. A write waits for the write in progress and, once in many, for the
///   reads in progress.
public final class ReadMostlyDictionary<Key: Hashable & Sendable, Value: Sendable>: ConcurrentDictionary,
  AsyncConcurrentDictionary, @unchecked Sendable
{
  @usableFromInline typealias Table = ReadMostlyTable<Key, Value>
  @usableFromInline typealias Writer = ReadMostlyWriter<Key, Value>

  /// The most replaced or removed values that are kept for readers; a writer that finds so many
  /// waits for readers to leave.
  ///
  /// Each writer at work may hold ``reclaimBatch`` more, or what it has removed in one operation.
  public static var unlinkedLimit: Int { 4096 }

  /// The most bytes of replaced values and tables that are kept for readers, without what the
  /// values refer to.
  public static var unlinkedByteLimit: Int { 1 << 20 }

  /// The most values that are replaced or removed between two attempts to free them, each of which
  /// takes microseconds.
  ///
  /// Where writes are rarer than some hundred in a millisecond, an attempt is made after a
  /// millisecond and 64 values.
  public static var reclaimBatch: Int { 1024 }

  /// The address of the table, on a line of its own: written when the table is replaced, read by
  /// every read.
  @usableFromInline let published: PaddedArray<Atomic<UInt>>
  @usableFromInline let hasher = KeyHasher<Key>()
  @usableFromInline let section = ReadSection.shared
  @usableFromInline let writer: LockedArray<Writer>

  /// Creates an empty dictionary that has room for a number of elements.
  @inlinable
  public init(minimumCapacity: Int = 0) {
    require(minimumCapacity >= 0, "ReadMostlyDictionary(minimumCapacity:) must not be negative")
    let published = PaddedArray<Atomic<UInt>>(count: 1) { _ in Atomic(0) }
    let place = published.pointer(0)
    self.published = published
    self.writer = LockedArray(count: 1) { _ in Writer(published: place, minimumCapacity: minimumCapacity) }
  }

  /// Creates a dictionary with the given elements.
  @inlinable
  public convenience init(_ elements: [Key: Value]) {
    self.init(minimumCapacity: elements.count)
    // Nobody else has it yet, so no lock is needed. The keys are known to differ.
    let writer = writer.state(0)
    for (key, value) in elements {
      let hash = hasher.hash(key)
      let entry = Table.allocateEntry()
      entry.initialize(to: Table.Entry(hash: hash, key: key, value: value))
      writer.pointee.table.add(Table.word(entry, hash), hash: hash)
    }
    writer.pointee.count = elements.count
    writer.pointee.used = elements.count
  }

  deinit {
    // Nobody else has it any more, so no lock is needed.
    writer.state(0).pointee.destroy()
  }

  @inlinable @inline(__always)  // One load.
  var table: Table {
    // Pairs with the releasing store in `ReadMostlyWriter.publish`. The address is never 0.
    Table(
      base: UnsafeMutableRawPointer(bitPattern: published.pointer(0).pointee.load(ordering: .acquiring))
        .unsafelyUnwrapped)
  }

  /// Returns the value stored for a key.
  ///
  /// - Complexity: O(1).
  /// - Blocking: None.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    let record = section.begin()
    defer { section.end(record) }
    return table.find(hash, key)?.pointee.value
  }

  /// The value stored for a key; the same as ``value(forKey:)``.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations.
  /// ``withValue(forKey:default:_:)`` is one.
  @inlinable
  public subscript(key: Key) -> Value? { value(forKey: key) }

  /// Lends the value of a key to a closure, without copying or retaining it; nil if there is none.
  ///
  /// The closure sees the value of the moment it began, whatever writers do meanwhile. It may take
  /// long, wait for writers and write itself: nobody waits for it, and of all that is replaced
  /// meanwhile only this value is kept. Beyond eight of them inside each other on one thread
  /// writers wait for it.
  ///
  /// - Throws: What the closure throws.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: None.
  @inlinable
  public func withBorrowedValue<Result, Failure: Error>(
    forKey key: Key, _ body: (borrowing Value) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let hash = hasher.hash(key)
    let reading = section.begin()
    guard let entry = table.find(hash, key) else {
      section.end(reading)
      return nil
    }
    let lending = section.lend(entry, reading)
    defer { section.takeBack(lending) }
    return try body(entry.pointee.value)
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the write in progress.
  @inlinable
  public var count: Int { writing("count") { $0.count } }

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// - Complexity: O(n).
  /// - Blocking: Waits for the write in progress. Writes wait for it; reads do not.
  @inlinable
  public func snapshot() -> [Key: Value] {
    writing("snapshot()") { writer in
      var result = [Key: Value](minimumCapacity: writer.count)
      writer.table.forEach { word in
        let entry = Table.entry(word)
        result[entry.pointee.key] = entry.pointee.value
      }
      return result
    }
  }
}
