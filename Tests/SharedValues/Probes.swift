// SPDX-License-Identifier: Apache-2.0
//
// One function for each member that returns or lends a value; `assembly` reads their machine code.
// The functions whose names begin with `planted_` are wrong on purpose.

public import ConcurrentCollections

public final class Box: Sendable {
  init() {}
}

/// A value that holds references of each kind.
public struct Held: Sendable {
  public var items: [Int]
  public var box: Box
  public var name: String
}

// MARK: LockedDictionary

@inline(never)
public func probe_locked_value(_ d: LockedDictionary<Int, Held>, _ key: Int) -> Held? {
  d.value(forKey: key)
}

@inline(never)
public func probe_locked_subscript(_ d: LockedDictionary<Int, Held>, _ key: Int) -> String? {
  d[key]?.name
}

@inline(never)
public func probe_locked_update(_ d: LockedDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held? {
  d.updateValue(value, forKey: key)
}

@inline(never)
public func probe_locked_remove(_ d: LockedDictionary<Int, Held>, _ key: Int) -> Held? {
  d.removeValue(forKey: key)
}

@inline(never)
public func probe_locked_insertIfAbsent(_ d: LockedDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.insertIfAbsent(value, forKey: key).value
}

@inline(never)
public func probe_locked_withValue(_ d: LockedDictionary<Int, Held>, _ key: Int, _ value: Held) -> [Int] {
  d.withValue(forKey: key, default: value) { $0.items }
}

@inline(never)
public func probe_locked_withValueWhole(_ d: LockedDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.withValue(forKey: key, default: value) { $0 }
}

@inline(never)
public func probe_locked_snapshot(_ d: LockedDictionary<Int, Held>) -> [Int: Held] {
  d.snapshot()
}

@inline(never)
public func probe_locked_removeAll(_ d: LockedDictionary<Int, Held>) -> Int {
  d.removeAll { $0.value.items.isEmpty }
}

@inline(never)
public func probe_locked_exclusive(_ d: LockedDictionary<Int, Held>) -> [Int: Held] {
  d.withExclusive { $0 }
}

@inline(never)
public func probe_locked_exclusiveOne(_ d: LockedDictionary<Int, Held>, _ key: Int) -> String? {
  d.withExclusive { $0[key]?.name }
}

// MARK: ExclusiveDictionary

@inline(never)
public func probe_exclusive_whole(_ d: ExclusiveDictionary<Int, Held>) -> [Int: Held] {
  d.withExclusive { $0 }
}

@inline(never)
public func probe_exclusive_one(_ d: ExclusiveDictionary<Int, Held>, _ key: Int) -> String? {
  d.withExclusive { $0[key]?.name }
}

@inline(never)
public func probe_exclusive_withValue(_ d: ExclusiveDictionary<Int, Held>, _ key: Int, _ value: Held) -> [Int] {
  d.withValue(forKey: key, default: value) { $0.items }
}

@inline(never)
public func probe_exclusive_withOptional(_ d: ExclusiveDictionary<Int, Held>, _ key: Int) -> Box? {
  d.withValue(forKey: key) { $0?.box }
}

@inline(never)
public func probe_exclusive_takeAll(_ d: ExclusiveDictionary<Int, Held>) -> [Int: Held] {
  d.takeAll()
}

// MARK: ReadWriteDictionary

@inline(never)
public func probe_readWrite_value(_ d: ReadWriteDictionary<Int, Held>, _ key: Int) -> Held? {
  d.value(forKey: key)
}

@inline(never)
public func probe_readWrite_subscript(_ d: ReadWriteDictionary<Int, Held>, _ key: Int) -> String? {
  d[key]?.name
}

@inline(never)
public func probe_readWrite_update(_ d: ReadWriteDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held? {
  d.updateValue(value, forKey: key)
}

@inline(never)
public func probe_readWrite_remove(_ d: ReadWriteDictionary<Int, Held>, _ key: Int) -> Held? {
  d.removeValue(forKey: key)
}

@inline(never)
public func probe_readWrite_insertIfAbsent(_ d: ReadWriteDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.insertIfAbsent(value, forKey: key).value
}

@inline(never)
public func probe_readWrite_withValue(_ d: ReadWriteDictionary<Int, Held>, _ key: Int, _ value: Held) -> [Int] {
  d.withValue(forKey: key, default: value) { $0.items }
}

@inline(never)
public func probe_readWrite_withValueWhole(_ d: ReadWriteDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.withValue(forKey: key, default: value) { $0 }
}

@inline(never)
public func probe_readWrite_snapshot(_ d: ReadWriteDictionary<Int, Held>) -> [Int: Held] {
  d.snapshot()
}

@inline(never)
public func probe_readWrite_removeAll(_ d: ReadWriteDictionary<Int, Held>) -> Int {
  d.removeAll { $0.value.items.isEmpty }
}

@inline(never)
public func probe_readWrite_exclusive(_ d: ReadWriteDictionary<Int, Held>) -> [Int: Held] {
  d.withExclusive { $0 }
}

@inline(never)
public func probe_readWrite_exclusiveOne(_ d: ReadWriteDictionary<Int, Held>, _ key: Int) -> String? {
  d.withExclusive { $0[key]?.name }
}

@inline(never)
public func probe_readWrite_shared(_ d: ReadWriteDictionary<Int, Held>) -> [Int: Held] {
  d.withShared { copy $0 }
}

@inline(never)
public func probe_readWrite_sharedOne(_ d: ReadWriteDictionary<Int, Held>, _ key: Int) -> Box? {
  d.withShared { $0[key]?.box }
}

// MARK: ShardedDictionary

@inline(never)
public func probe_sharded_value(_ d: ShardedDictionary<Int, Held>, _ key: Int) -> Held? {
  d.value(forKey: key)
}

@inline(never)
public func probe_sharded_subscript(_ d: ShardedDictionary<Int, Held>, _ key: Int) -> String? {
  d[key]?.name
}

@inline(never)
public func probe_sharded_update(_ d: ShardedDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held? {
  d.updateValue(value, forKey: key)
}

@inline(never)
public func probe_sharded_remove(_ d: ShardedDictionary<Int, Held>, _ key: Int) -> Held? {
  d.removeValue(forKey: key)
}

@inline(never)
public func probe_sharded_insertIfAbsent(_ d: ShardedDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.insertIfAbsent(value, forKey: key).value
}

@inline(never)
public func probe_sharded_withValue(_ d: ShardedDictionary<Int, Held>, _ key: Int, _ value: Held) -> [Int] {
  d.withValue(forKey: key, default: value) { $0.items }
}

@inline(never)
public func probe_sharded_withValueWhole(_ d: ShardedDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.withValue(forKey: key, default: value) { $0 }
}

@inline(never)
public func probe_sharded_snapshot(_ d: ShardedDictionary<Int, Held>) -> [Int: Held] {
  d.snapshot()
}

@inline(never)
public func probe_sharded_removeAll(_ d: ShardedDictionary<Int, Held>) -> Int {
  d.removeAll { $0.value.items.isEmpty }
}

// MARK: ReadMostlyDictionary

@inline(never)
public func probe_readMostly_value(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> Held? {
  d.value(forKey: key)
}

@inline(never)
public func probe_readMostly_subscript(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> String? {
  d[key]?.name
}

@inline(never)
public func probe_readMostly_update(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held? {
  d.updateValue(value, forKey: key)
}

@inline(never)
public func probe_readMostly_remove(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> Held? {
  d.removeValue(forKey: key)
}

@inline(never)
public func probe_readMostly_insertIfAbsent(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.insertIfAbsent(value, forKey: key).value
}

@inline(never)
public func probe_readMostly_withValue(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int, _ value: Held) -> [Int] {
  d.withValue(forKey: key, default: value) { $0.items }
}

@inline(never)
public func probe_readMostly_withValueWhole(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int, _ value: Held) -> Held {
  d.withValue(forKey: key, default: value) { $0 }
}

@inline(never)
public func probe_readMostly_snapshot(_ d: ReadMostlyDictionary<Int, Held>) -> [Int: Held] {
  d.snapshot()
}

@inline(never)
public func probe_readMostly_removeAll(_ d: ReadMostlyDictionary<Int, Held>) -> Int {
  d.removeAll { $0.value.items.isEmpty }
}

@inline(never)
public func probe_readMostly_exclusive(_ d: ReadMostlyDictionary<Int, Held>) -> [Int: Held] {
  d.withExclusive { $0 }
}

@inline(never)
public func probe_readMostly_exclusiveOne(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> String? {
  d.withExclusive { $0[key]?.name }
}

@inline(never)
public func probe_readMostly_borrowed(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> [Int]? {
  d.withBorrowedValue(forKey: key) { $0.items }
}

@inline(never)
public func probe_readMostly_borrowedWhole(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> Held? {
  d.withBorrowedValue(forKey: key) { copy $0 }
}

@inline(never)
public func probe_readMostly_borrowedBox(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> Box? {
  d.withBorrowedValue(forKey: key) { $0.box }
}

// MARK: Planted faults

@inline(never)
public func planted_readMostly(_ d: ReadMostlyDictionary<Int, Held>, _ key: Int) -> Box? {
  d.withBorrowedValue(forKey: key) { Unmanaged.passUnretained($0.box) }?.takeUnretainedValue()
}

@inline(never)
public func planted_locked(_ d: LockedDictionary<Int, Held>, _ key: Int) -> Box? {
  d.withExclusive { $0[key].map { Unmanaged.passUnretained($0.box) } }?.takeUnretainedValue()
}

@inline(never)
public func planted_readWrite(_ d: ReadWriteDictionary<Int, Held>, _ key: Int) -> Box? {
  d.withShared { $0[key].map { Unmanaged.passUnretained($0.box) } }?.takeUnretainedValue()
}
