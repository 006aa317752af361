// SPDX-License-Identifier: Apache-2.0
//
// Alternatives to this project. Each adds nothing to the type in its name.

import Glibc
import NIOConcurrencyHelpers
import Synchronization

/// In memory of its own: the run-time would check a class's variable for exclusive access at each
/// use, which is no part of a dictionary.
final class PlainSubject<Key: BenchmarkKey>: Subject, @unchecked Sendable {
  static var name: String { "Dictionary, unsynchronised" }
  static var isForOneThread: Bool { true }
  private let elements = UnsafeMutablePointer<[Key: Int]>.allocate(capacity: 1)

  init(_ elements: [Key: Int]) { self.elements.initialize(to: elements) }
  deinit {
    elements.deinitialize(count: 1)
    elements.deallocate()
  }
  func read(_ key: Key) -> Int? { elements.pointee[key] }
  func write(_ key: Key, _ value: Int) { elements.pointee[key] = value }
}

final class MutexSubject<Key: BenchmarkKey>: HoldableSubject {
  static var name: String { "Mutex<Dictionary>" }
  private let elements: Mutex<[Key: Int]>

  init(_ elements: [Key: Int]) { self.elements = Mutex(elements) }
  func read(_ key: Key) -> Int? { elements.withLock { $0[key] } }
  func write(_ key: Key, _ value: Int) { elements.withLock { $0[key] = value } }
  func hold(_ body: () -> Void) { elements.withLock { _ in body() } }
}

struct NIOSubject<Key: BenchmarkKey>: HoldableSubject {
  static var name: String { "NIOLockedValueBox<Dictionary>" }
  private let elements: NIOLockedValueBox<[Key: Int]>

  init(_ elements: [Key: Int]) { self.elements = NIOLockedValueBox(elements) }
  func read(_ key: Key) -> Int? { elements.withLockedValue { $0[key] } }
  func write(_ key: Key, _ value: Int) { elements.withLockedValue { $0[key] = value } }
  func hold(_ body: () -> Void) { elements.withLockedValue { _ in body() } }
}

final class ReadWriteLockSubject<Key: BenchmarkKey>: HoldableSubject, @unchecked Sendable {
  static var name: String { "pthread_rwlock + Dictionary" }
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>
  private let elements = UnsafeMutablePointer<[Key: Int]>.allocate(capacity: 1)

  init(_ elements: [Key: Int]) {
    self.elements.initialize(to: elements)
    lock = .allocate(capacity: 1)
    pthread_rwlock_init(lock, nil)
  }

  deinit {
    pthread_rwlock_destroy(lock)
    lock.deallocate()
    elements.deinitialize(count: 1)
    elements.deallocate()
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

  func hold(_ body: () -> Void) {
    pthread_rwlock_wrlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    body()
  }
}
