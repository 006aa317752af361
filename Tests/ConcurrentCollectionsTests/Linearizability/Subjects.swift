// SPDX-License-Identifier: Apache-2.0
//
// The subjects of histories. Each performs a step and returns its result.

import Synchronization

@testable import ConcurrentCollections

/// A subject that performs the operations of a history, on threads.
protocol Subject: Sendable {
  func perform(_ operation: KeyOperation, on key: Int) -> Int?
  func removeAllEven()
  func removeAll()
  func snapshot() -> [Int: Int]
}

/// A dictionary of this module. The whole content is read in turns as a snapshot, in chunks, and as
/// the plain dictionary that some types lend.
final class DictionarySubject: Subject {
  private let dictionary: any ConcurrentDictionary<Int, Int>
  private let snapshots = Atomic<Int>(0)

  init(dictionary: any ConcurrentDictionary<Int, Int>) { self.dictionary = dictionary }

  func perform(_ operation: KeyOperation, on key: Int) -> Int? { dictionary.perform(operation, on: key) }
  func removeAllEven() { dictionary.removeAll { $0.value.isMultiple(of: 2) } }
  func removeAll() { dictionary.removeAll() }

  func snapshot() -> [Int: Int] {
    let turn = snapshots.add(1, ordering: .relaxed).newValue % 3
    if turn == 1 {
      var elements: [Int: Int] = [:]
      dictionary.forEachChunk { for (key, value) in $0 { elements[key] = value } }
      return elements
    }
    if turn == 2 {
      switch dictionary {
      case let locked as LockedDictionary<Int, Int>: return locked.withExclusive { $0 }
      case let readWrite as ReadWriteDictionary<Int, Int>: return readWrite.withShared { $0 }
      default: break
      }
    }
    return dictionary.snapshot()
  }
}

extension KeyOperation {
  /// Performs the operation on the state of a key.
  func perform(on state: inout Int?) -> Int? {
    let (new, result) = apply(to: state)
    state = new
    return result
  }
}

extension ConcurrentDictionary<Int, Int> {
  func perform(_ operation: KeyOperation, on key: Int) -> Int? {
    switch operation {
    case .read: return value(forKey: key)
    case .update(let value): return updateValue(value, forKey: key)
    case .remove: return removeValue(forKey: key)
    case .insertIfAbsent(let value): return insertIfAbsent(value, forKey: key).value
    case .change(let number):
      return withValue(forKey: key, default: 1) { value in
        value = KeyOperation.changed(value, by: number)
        return value
      }
    case .toggle(let value):
      return withValue(forKey: key) { present in
        present = KeyOperation.toggled(present, value)
        return present
      }
    case .updateIfPresent(let value): return updateValueIfPresent(value, forKey: key)
    case .replace(let expected, let value): return replaceValue(expected, with: value, forKey: key) ? 1 : 0
    case .removeIfEqual(let expected): return removeValue(expected, forKey: key) ? 1 : 0
    case .removeInAll, .removeIfEven, .readInSnapshot: preconditionFailure("a share of a whole operation")
    }
  }
}

/// Plain variables, each used only while `KeyLocks` holds its key.
final class KeyLocksSubject: Subject, @unchecked Sendable {
  private let locks = KeyLocks<Int>(stripes: 2, pooledLocks: 2)
  private let cells: UnsafeMutablePointer<Int?>
  private let count = 3

  init() {
    cells = .allocate(capacity: count)
    cells.initialize(repeating: nil, count: count)
  }

  deinit { cells.deallocate() }

  func perform(_ operation: KeyOperation, on key: Int) -> Int? {
    if operation == .read { return locks.withSharedLock(key) { cells[key] } }
    return locks.withLock(key) {
      let (state, result) = operation.apply(to: cells[key])
      cells[key] = state
      return result
    }
  }

  func removeAllEven() {
    for key in 0..<count { _ = perform(.removeIfEven, on: key) }
  }

  func removeAll() {
    for key in 0..<count { _ = perform(.removeInAll, on: key) }
  }

  func snapshot() -> [Int: Int] {
    var result: [Int: Int] = [:]
    locks.withLocks(0, 1) {
      result[0] = cells[0]
      result[1] = cells[1]
    }
    result[2] = perform(.read, on: 2)
    return result
  }
}

/// A subject that performs the operations of a history, in tasks.
protocol AsyncSubject: Sendable {
  func perform(_ operation: KeyOperation, on key: Int) async -> Int?
  func removeAllEven() async
  func removeAll() async
  func snapshot() async -> [Int: Int]
}

/// A dictionary of this module, used through the asynchronous protocol.
struct AsyncDictionarySubject: AsyncSubject {
  let dictionary: any AsyncConcurrentDictionary<Int, Int>

  func perform(_ operation: KeyOperation, on key: Int) async -> Int? {
    await dictionary.performAsync(operation, on: key)
  }
  func removeAllEven() async { await dictionary.removeAll { $0.value.isMultiple(of: 2) } }
  func removeAll() async { await dictionary.removeAll() }

  func snapshot() async -> [Int: Int] {
    // The choice depends on a number that is not always odd or even.
    if await dictionary.approximateCount % 2 == 0 { return await dictionary.snapshot() }
    let elements = Guarded<[Int: Int]>([:])
    await dictionary.forEachChunk { chunk in
      elements.withLock { for (key, value) in chunk { $0[key] = value } }
    }
    return elements.withLock { $0 }
  }
}

extension AsyncConcurrentDictionary<Int, Int> {
  func performAsync(_ operation: KeyOperation, on key: Int) async -> Int? {
    switch operation {
    case .read: return await value(forKey: key)
    case .update(let value): return await updateValue(value, forKey: key)
    case .remove: return await removeValue(forKey: key)
    case .insertIfAbsent(let value): return await insertIfAbsent(value, forKey: key).value
    case .change(let number):
      return await withValue(forKey: key, default: 1) { value in
        value = KeyOperation.changed(value, by: number)
        return value
      }
    case .toggle(let value):
      return await withValue(forKey: key) { present in
        present = KeyOperation.toggled(present, value)
        return present
      }
    case .updateIfPresent(let value): return await updateValueIfPresent(value, forKey: key)
    case .replace(let expected, let value):
      // Only the actor has it in the asynchronous form: a protocol requirement cannot demand
      // equatable values.
      if let serial = self as? SerialDictionary<Int, Int> {
        return await serial.replaceValue(expected, with: value, forKey: key) ? 1 : 0
      }
      return await withValue(forKey: key) { KeyOperation.replace(expected, with: value).perform(on: &$0) }
    case .removeIfEqual(let expected):
      if let serial = self as? SerialDictionary<Int, Int> {
        return await serial.removeValue(expected, forKey: key) ? 1 : 0
      }
      return await withValue(forKey: key) { KeyOperation.removeIfEqual(expected).perform(on: &$0) }
    case .removeInAll, .removeIfEven, .readInSnapshot: preconditionFailure("a share of a whole operation")
    }
  }
}

/// A safe dictionary, with deadlines that no operation reaches here.
struct SafeSubject<Base: AsyncConcurrentDictionary<Int, Int>>: AsyncSubject {
  let dictionary: SafeDictionary<Base>

  func perform(_ operation: KeyOperation, on key: Int) async -> Int? {
    do {
      switch operation {
      case .read: return try await dictionary.value(forKey: key)
      case .update(let value): return try await dictionary.updateValue(value, forKey: key)
      case .remove: return try await dictionary.removeValue(forKey: key)
      case .insertIfAbsent(let value): return try await dictionary.insertIfAbsent(value, forKey: key).value
      case .change(let number):
        return try await dictionary.withValue(forKey: key, default: 1) { value in
          value = KeyOperation.changed(value, by: number)
          return value
        }
      case .toggle(let value):
        return try await dictionary.withValue(forKey: key) { present in
          present = KeyOperation.toggled(present, value)
          return present
        }
      case .updateIfPresent(let value): return try await dictionary.updateValueIfPresent(value, forKey: key)
      case .replace(let expected, let value):
        return try await dictionary.replaceValue(expected, with: value, forKey: key) ? 1 : 0
      case .removeIfEqual(let expected): return try await dictionary.removeValue(expected, forKey: key) ? 1 : 0
      case .removeInAll, .removeIfEven, .readInSnapshot: preconditionFailure("a share of a whole operation")
      }
    } catch { preconditionFailure("no deadline and no cancellation in histories: \(error)") }
  }

  func removeAll() async { _ = try? await dictionary.removeAll() }
  func removeAllEven() async { _ = try? await dictionary.removeAll { $0.value.isMultiple(of: 2) } }
  func snapshot() async -> [Int: Int] { (try? await dictionary.snapshot()) ?? [:] }
}
