// SPDX-License-Identifier: Apache-2.0
//
// The dictionaries that threads use: ours, and what one would write by hand. Each does what its name says and nothing more.

import ConcurrentCollections
import Foundation

/// Something that maps integers to integers, used by threads.
protocol Subject: Sendable {
  static var name: String { get }
  /// Whether only one thread may use it.
  static var isForOneThread: Bool { get }
  init(keys: Int)
  func read(_ key: Int) -> Int?
  func write(_ key: Int, _ value: Int)
}

extension Subject {
  static var isForOneThread: Bool { false }
}

final class PlainSubject: Subject, @unchecked Sendable {
  static let name = "Dictionary, unsynchronised"
  static let isForOneThread = true
  private var elements: [Int: Int]

  init(keys: Int) { elements = Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, $0) }) }
  func read(_ key: Int) -> Int? { elements[key] }
  func write(_ key: Int, _ value: Int) { elements[key] = value }
}

final class NSLockSubject: Subject, @unchecked Sendable {
  static let name = "NSLock + Dictionary"
  private let lock = NSLock()
  private var elements: [Int: Int]

  init(keys: Int) { elements = Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, $0) }) }

  func read(_ key: Int) -> Int? {
    lock.lock()
    defer { lock.unlock() }
    return elements[key]
  }

  func write(_ key: Int, _ value: Int) {
    lock.lock()
    defer { lock.unlock() }
    elements[key] = value
  }
}

struct LockedSubject: Subject {
  static let name = "LockedDictionary"
  private let dictionary: LockedDictionary<Int, Int>

  init(keys: Int) { dictionary = LockedDictionary(Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, $0) })) }
  func read(_ key: Int) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Int, _ value: Int) { dictionary.updateValue(value, forKey: key) }
}

struct ReadWriteSubject: Subject {
  static let name = "ReadWriteDictionary"
  private let dictionary: ReadWriteDictionary<Int, Int>

  init(keys: Int) { dictionary = ReadWriteDictionary(Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, $0) })) }
  func read(_ key: Int) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Int, _ value: Int) { dictionary.updateValue(value, forKey: key) }
}

struct ShardedSubject: Subject {
  static let name = "ShardedDictionary"
  private let dictionary = ShardedDictionary<Int, Int>()

  init(keys: Int) { for key in 0..<keys { dictionary.updateValue(key, forKey: key) } }
  func read(_ key: Int) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Int, _ value: Int) { dictionary.updateValue(value, forKey: key) }
}

struct ReadMostlySubject: Subject {
  static let name = "ReadMostlyDictionary"
  private let dictionary: ReadMostlyDictionary<Int, Int>

  init(keys: Int) {
    dictionary = ReadMostlyDictionary(minimumCapacity: keys)
    for key in 0..<keys { dictionary.updateValue(key, forKey: key) }
  }
  func read(_ key: Int) -> Int? { dictionary.value(forKey: key) }
  func write(_ key: Int, _ value: Int) { dictionary.updateValue(value, forKey: key) }
}

/// Plain variables, one for each key, under the key's lock.
final class KeyLocksSubject: Subject, @unchecked Sendable {
  static let name = "KeyLocks + variables"
  private let locks = KeyLocks<Int>()
  private let cells: UnsafeMutablePointer<Int>

  init(keys: Int) {
    cells = .allocate(capacity: keys)
    for key in 0..<keys { (cells + key).initialize(to: key) }
  }

  deinit { cells.deallocate() }

  func read(_ key: Int) -> Int? { locks.withLock(key) { cells[key] } }
  func write(_ key: Int, _ value: Int) { locks.withLock(key) { cells[key] = value } }
}
