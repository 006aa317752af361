// SPDX-License-Identifier: Apache-2.0
//
// What is measured: the dictionaries of ConcurrentCollections, and what one would write without
// them. Each adds nothing to the type in its name.

#if ReportTools && canImport(Glibc)
import ConcurrentCollections
import Glibc
import Synchronization

/// A type of keys.
protocol LoadKey: Hashable, Sendable {
  static var typeName: String { get }
  static func make(_ number: Int) -> Self
}

extension Int: LoadKey {
  static var typeName: String { "Int" }
  static func make(_ number: Int) -> Int { number }
}

extension String: LoadKey {
  static var typeName: String { "String" }
  /// Short enough to need no allocation: with longer keys the measurement would show only the
  /// reference counts, which all threads share.
  static func make(_ number: Int) -> String { "key-\(number)" }
}

/// A map from keys to integers, used by threads.
protocol LoadSubject: Sendable {
  associatedtype Key: LoadKey
  func read(_ key: Key) -> Int?
  func write(_ key: Key, _ value: Int)
  func remove(_ key: Key)
  func count() -> Int
  /// The sum of all values.
  func visit() -> Int
}

/// A map from keys to integers, used by tasks.
protocol AsyncLoadSubject: Sendable {
  associatedtype Key: LoadKey
  func read(_ key: Key) async -> Int?
  func write(_ key: Key, _ value: Int) async
  func remove(_ key: Key) async
  func count() async -> Int
  func visit() async -> Int
}

/// A dictionary of ConcurrentCollections that threads use.
struct ConcurrentSubject<Base: ConcurrentDictionary>: LoadSubject where Base.Key: LoadKey, Base.Value == Int {
  let base: Base
  func read(_ key: Base.Key) -> Int? { base.value(forKey: key) }
  func write(_ key: Base.Key, _ value: Int) { base.updateValue(value, forKey: key) }
  func remove(_ key: Base.Key) { base.removeValue(forKey: key) }
  func count() -> Int { base.count }
  func visit() -> Int {
    var sum = 0
    base.forEachChunk { for element in $0 { sum &+= element.value } }
    return sum
  }
}

final class MutexSubject<Key: LoadKey>: LoadSubject {
  private let elements: Mutex<[Key: Int]>
  init(_ elements: [Key: Int]) { self.elements = Mutex(elements) }
  func read(_ key: Key) -> Int? { elements.withLock { $0[key] } }
  func write(_ key: Key, _ value: Int) { elements.withLock { $0[key] = value } }
  func remove(_ key: Key) { elements.withLock { _ = $0.removeValue(forKey: key) } }
  func count() -> Int { elements.withLock { $0.count } }
  func visit() -> Int { elements.withLock { $0.values.reduce(0, &+) } }
}

final class ReadWriteLockSubject<Key: LoadKey>: LoadSubject, @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
  private let elements = UnsafeMutablePointer<[Key: Int]>.allocate(capacity: 1)

  init(_ elements: [Key: Int]) {
    self.elements.initialize(to: elements)
    pthread_rwlock_init(lock, nil)
  }

  deinit {
    pthread_rwlock_destroy(lock)
    lock.deallocate()
    elements.deinitialize(count: 1)
    elements.deallocate()
  }

  private func reading<Result>(_ body: ([Key: Int]) -> Result) -> Result {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    return body(elements.pointee)
  }

  func read(_ key: Key) -> Int? {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    return elements.pointee[key]
  }

  func write(_ key: Key, _ value: Int) {
    pthread_rwlock_wrlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    elements.pointee[key] = value
  }

  func remove(_ key: Key) {
    pthread_rwlock_wrlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    elements.pointee[key] = nil
  }

  func count() -> Int { reading { $0.count } }
  func visit() -> Int { reading { $0.values.reduce(0, &+) } }
}

/// For one thread: in memory of its own, since the run-time would check a class's variable for
/// exclusive access at each use.
final class PlainSubject<Key: LoadKey>: LoadSubject, @unchecked Sendable {
  private let elements = UnsafeMutablePointer<[Key: Int]>.allocate(capacity: 1)
  init(_ elements: [Key: Int]) { self.elements.initialize(to: elements) }
  deinit {
    elements.deinitialize(count: 1)
    elements.deallocate()
  }
  func read(_ key: Key) -> Int? { elements.pointee[key] }
  func write(_ key: Key, _ value: Int) { elements.pointee[key] = value }
  func remove(_ key: Key) { elements.pointee[key] = nil }
  func count() -> Int { elements.pointee.count }
  func visit() -> Int { elements.pointee.values.reduce(0, &+) }
}

/// Does nothing: what remains is the lab itself.
struct EmptySubject<Key: LoadKey>: LoadSubject {
  func read(_ key: Key) -> Int? { nil }
  func write(_ key: Key, _ value: Int) {}
  func remove(_ key: Key) {}
  func count() -> Int { 0 }
  func visit() -> Int { 0 }
}

struct AsyncEmptySubject<Key: LoadKey>: AsyncLoadSubject {
  func read(_ key: Key) async -> Int? { nil }
  func write(_ key: Key, _ value: Int) async {}
  func remove(_ key: Key) async {}
  func count() async -> Int { 0 }
  func visit() async -> Int { 0 }
}

/// The actor that a programmer would write by hand.
actor HandwrittenDictionary<Key: LoadKey> {
  private var elements: [Key: Int]
  init(_ elements: [Key: Int]) { self.elements = elements }
  func value(_ key: Key) -> Int? { elements[key] }
  func update(_ key: Key, _ value: Int) { elements[key] = value }
  func remove(_ key: Key) { elements[key] = nil }
  var count: Int { elements.count }
  var sum: Int { elements.values.reduce(0, &+) }
}

struct ActorSubject<Key: LoadKey>: AsyncLoadSubject {
  let base: HandwrittenDictionary<Key>
  func read(_ key: Key) async -> Int? { await base.value(key) }
  func write(_ key: Key, _ value: Int) async { await base.update(key, value) }
  func remove(_ key: Key) async { await base.remove(key) }
  func count() async -> Int { await base.count }
  func visit() async -> Int { await base.sum }
}

struct SerialSubject<Key: LoadKey>: AsyncLoadSubject {
  let base: SerialDictionary<Key, Int>
  func read(_ key: Key) async -> Int? { await base.value(forKey: key) }
  func write(_ key: Key, _ value: Int) async { await base.updateValue(value, forKey: key) }
  func remove(_ key: Key) async { await base.removeValue(forKey: key) }
  func count() async -> Int { await base.count }
  func visit() async -> Int { await base.snapshot().values.reduce(0, &+) }
}

struct SafeSubject<Key: LoadKey>: AsyncLoadSubject {
  let base: SafeDictionary<ShardedDictionary<Key, Int>>
  func read(_ key: Key) async -> Int? { (try? await base.value(forKey: key)) ?? nil }
  func write(_ key: Key, _ value: Int) async { _ = try? await base.updateValue(value, forKey: key) }
  func remove(_ key: Key) async { _ = try? await base.removeValue(forKey: key) }
  func count() async -> Int { await base.approximateCount }
  func visit() async -> Int { ((try? await base.snapshot()) ?? [:]).values.reduce(0, &+) }
}
#endif
