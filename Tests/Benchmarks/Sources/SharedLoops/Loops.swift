// SPDX-License-Identifier: Apache-2.0
//
// The timed loops. No generic code, so that both configurations measure the dictionary; in a
// release build, each step has a barrier, so that nothing is moved out of the loop. The loops count
// with `while`, which costs a debug build least.

import CMeasurement
import LoopInterface
import Synchronization

/// The loops of one key type on one kind of dictionary.
public final class Loops: LoopSet {
  private let holder: Holder
  private let locked = Mutex<Subject>([:])
  /// The present keys, followed by as many absent ones.
  private let keys: UnsafeMutablePointer<Key>
  /// The small dictionaries that were made and have not ended.
  private var kept = Kept()
  /// Keeps the optimiser from dropping a result.
  private var sink = 0

  public override convenience init() { self.init(Holder()) }

  init(_ holder: Holder) {
    self.holder = holder
    keys = .allocate(capacity: 2 * LoopSet.keyCount)
    for number in 0..<2 * LoopSet.keyCount { (keys + number).initialize(to: makeKey(number)) }
    super.init()
    fill()
    locked.withLock { dictionary in
      for number in 0..<LoopSet.keyCount { dictionary[keys[number]] = number }
    }
  }

  deinit {
    keys.deinitialize(count: 2 * LoopSet.keyCount)
    keys.deallocate()
    kept.empty()
    kept.memory.deallocate()
  }

  public override class func neighbours(_ count: Int) -> [LoopSet] {
    let holders = (0..<count).map { _ in Holder() }
    return holders.map { Loops($0) }
  }

  @inline(never)
  private func fill() {
    for number in 0..<LoopSet.keyCount { holder.dictionary[keys[number]] = number }
  }

  @inline(never)
  public override func run(_ operation: LoopOperation, _ count: Int) -> Timing {
    let rounds = (count + LoopSet.keyCount - 1) / LoopSet.keyCount
    prepare(operation, count)
    return switch operation {
    case .set: set(rounds)
    case .get: get(rounds)
    case .miss: miss(rounds)
    case .insert: insert(rounds)
    case .remove: remove(rounds)
    case .update: update(rounds)
    case .iterate: iterate(rounds)
    case .copy: copy(rounds)
    case .create: create(rounds)
    case .fork: fork(rounds)
    case .drop: drop(rounds)
    case .locked: updateLocked(rounds)
    case .empty: empty(rounds)
    }
  }

  @inline(never)
  public override func prepare(_ operation: LoopOperation, _ count: Int) {
    let rounds = (count + LoopSet.keyCount - 1) / LoopSet.keyCount
    switch operation {
    case .create, .fork: kept.makeRoom(rounds * LoopSet.keyCount)
    case .drop where kept.count != rounds * LoopSet.keyCount:
      kept.makeRoom(rounds * LoopSet.keyCount)
      _ = create(rounds)
    default: break
    }
  }

  @inline(never)
  public override func frameCount() -> Int {
    let count = countFrames()
    measurement_barrier()
    return count
  }

  /// At the stack depth of the loops.
  @inline(never)
  private func countFrames() -> Int {
    let count = Int(measurement_frame_count())
    measurement_barrier()
    return count
  }
}

// MARK: - The loops

extension Loops {
  @inline(never)
  private func set(_ rounds: Int) -> Timing {
    let (holder, keys, mask) = (holder, keys, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      holder.dictionary[keys[i & mask]] = i
      barrier()
      i &+= 1
    }
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: count)
  }

  @inline(never)
  private func get(_ rounds: Int) -> Timing {
    let (holder, keys, mask) = (holder, keys, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    var sum = 0
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      if let value = holder.dictionary[keys[i & mask]] { sum &+= value }
      barrier()
      i &+= 1
    }
    let nanoseconds = measurement_nanoseconds() - begin
    sink &+= sum
    return Timing(nanoseconds: nanoseconds, operations: count)
  }

  @inline(never)
  private func miss(_ rounds: Int) -> Timing {
    let (holder, keys, mask) = (holder, self.keys + LoopSet.keyCount, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    var found = 0
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      if let value = holder.dictionary[keys[i & mask]] { found &+= value }
      barrier()
      i &+= 1
    }
    let nanoseconds = measurement_nanoseconds() - begin
    precondition(found == 0, "a key that is not there was found")
    return Timing(nanoseconds: nanoseconds, operations: count)
  }

  @inline(never)
  private func insert(_ rounds: Int) -> Timing {
    let (holder, keys) = (Holder(), keys)
    var nanoseconds: UInt64 = 0
    var round = 0
    while round < rounds {
      holder.dictionary = [:]
      let begin = measurement_nanoseconds()
      var i = 0
      while i < LoopSet.keyCount {
        holder.dictionary[keys[i]] = i
        barrier()
        i &+= 1
      }
      nanoseconds += measurement_nanoseconds() - begin
      round &+= 1
    }
    return Timing(nanoseconds: nanoseconds, operations: rounds * LoopSet.keyCount)
  }

  @inline(never)
  private func remove(_ rounds: Int) -> Timing {
    let (holder, keys) = (holder, keys)
    var nanoseconds: UInt64 = 0
    var sum = 0
    var round = 0
    while round < rounds {
      let begin = measurement_nanoseconds()
      var i = 0
      while i < LoopSet.keyCount {
        if let value = holder.dictionary.removeValue(forKey: keys[i]) { sum &+= value }
        barrier()
        i &+= 1
      }
      nanoseconds += measurement_nanoseconds() - begin
      fill()
      round &+= 1
    }
    sink &+= sum
    return Timing(nanoseconds: nanoseconds, operations: rounds * LoopSet.keyCount)
  }

  @inline(never)
  private func update(_ rounds: Int) -> Timing {
    let (holder, keys, mask) = (holder, keys, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      holder.dictionary[keys[i & mask], default: 0] &+= 1
      barrier()
      i &+= 1
    }
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: count)
  }

  @inline(never)
  private func iterate(_ rounds: Int) -> Timing {
    let holder = holder
    var sum = 0
    let begin = measurement_nanoseconds()
    var round = 0
    while round < rounds {
      for (_, value) in holder.dictionary { sum &+= value }
      barrier()
      round &+= 1
    }
    let nanoseconds = measurement_nanoseconds() - begin
    sink &+= sum
    return Timing(nanoseconds: nanoseconds, operations: rounds * LoopSet.keyCount)
  }

  /// One copy for each round.
  @inline(never)
  private func copy(_ rounds: Int) -> Timing {
    let (holder, keys) = (holder, keys)
    let begin = measurement_nanoseconds()
    var round = 0
    while round < rounds {
      let snapshot = holder.dictionary
      holder.dictionary[keys[round & (LoopSet.keyCount - 1)]] = round
      withExtendedLifetime(snapshot) {}
      barrier()
      round &+= 1
    }
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: rounds)
  }

  @inline(never)
  private func create(_ rounds: Int) -> Timing {
    let (keys, memory, mask) = (keys, kept.memory, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      (memory + i).initialize(to: [keys[i & mask]: i])
      barrier()
      i &+= 1
    }
    kept.count = count
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: count)
  }

  @inline(never)
  private func fork(_ rounds: Int) -> Timing {
    let (holder, keys, memory, mask) = (Holder(), keys, kept.memory, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    holder.dictionary = [keys[0]: 0]
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      (memory + i).initialize(to: holder.dictionary)
      memory[i][keys[0]] = i
      barrier()
      i &+= 1
    }
    kept.count = count
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: count)
  }

  @inline(never)
  private func drop(_ rounds: Int) -> Timing {
    let memory = kept.memory
    let count = rounds * LoopSet.keyCount
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      (memory + i).deinitialize(count: 1)
      barrier()
      i &+= 1
    }
    kept.count = 0
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: count)
  }

  @inline(never)
  private func updateLocked(_ rounds: Int) -> Timing {
    let (keys, mask) = (keys, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      locked.withLock { $0[keys[i & mask], default: 0] &+= 1 }
      i &+= 1
    }
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: count)
  }

  @inline(never)
  private func empty(_ rounds: Int) -> Timing {
    let (keys, mask) = (keys, LoopSet.keyCount - 1)
    let count = rounds * LoopSet.keyCount
    let begin = measurement_nanoseconds()
    var i = 0
    while i < count {
      withExtendedLifetime(keys[i & mask]) {}
      barrier()
      i &+= 1
    }
    return Timing(nanoseconds: measurement_nanoseconds() - begin, operations: count)
  }
}

/// Empty in a debug build, which moves nothing and where a call costs time.
@inline(always)
private func barrier() {
  #if !DEBUG
  measurement_barrier()
  #endif
}
