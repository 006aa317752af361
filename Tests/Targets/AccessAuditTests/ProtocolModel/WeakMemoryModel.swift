// SPDX-License-Identifier: Apache-2.0
//
// A model of a processor that reorders: every load and store of a thread may be exchanged with any
// other, unless an explicit ordering forbids it, as on arm64. A releasing store does not order
// later accesses, an acquiring load not earlier ones, and the load may pass the store (`ldapr`).
// For programs of a dozen steps, all executions are visited.

#if AUDITED && canImport(Glibc)

import TestSupport

/// Threads with their remaining steps, and the memory that they share.
struct WeakMemoryState: Hashable {
  enum Order: Hashable { case relaxed, acquiring, releasing }

  enum Step: Hashable {
    /// Loads a word into a register of the thread.
    case load(Int, into: Int, Order = .relaxed)
    case store(Int, Int, Order = .relaxed)
    /// Frees the elements, if a register is 0.
    case free(ifZero: Int)
    /// Uses the elements, if a register is not 0.
    case use(ifNotZero: Int)
    case acquiringFence, releasingFence, fullFence
    /// Orders stores alone.
    case storeFence
    /// Stores a word if one register is 1 and another one 0: behind two branches.
    case storeIf(Int, Int, one: Int, zero: Int)
    /// Replaces 0, in one step; what was there is in a register.
    case exchange(Int, Int, into: Int)
    /// Waits until a word has a value, by acquiring loads.
    case await(Int, Int)
    /// Has another thread execute a full barrier, as `membarrier(2)` does: the thread is
    /// interrupted between two of its steps, when it has made all before and none behind.
    case barrier(on: Int)
  }

  var programs: [[Step]]
  /// The steps that were made, as bits.
  var done: [UInt32]
  var memory: [Int]
  var registers: [[Int]]
  var isFreed = false
  /// True when elements were used after they had been freed.
  var isBroken = false

  init(words: Int, _ programs: [[Step]]) {
    self.programs = programs
    done = programs.map { _ in 0 }
    memory = Array(repeating: 0, count: words)
    registers = programs.map { _ in Array(repeating: 0, count: 8) }
  }

  var isFinal: Bool { zip(programs, done).allSatisfy { (1 << UInt32($0.count)) - 1 == $1 } }

  /// Visits every execution; returns the states they end in.
  func outcomes() -> Set<WeakMemoryState> {
    var finals: Set<WeakMemoryState> = []
    StateSpace.visit(from: self) { state in
      if state.isFinal { finals.insert(state) }
      return state.programs.indices.flatMap { thread in
        state.programs[thread].indices.filter { state.mayMake($0, of: thread) }.map { state.making($0, of: thread) }
      }
    }
    return finals
  }

  private func mayMake(_ index: Int, of thread: Int) -> Bool {
    guard done[thread] & (1 << UInt32(index)) == 0 else { return false }
    switch programs[thread][index] {
    case .await(let word, let value) where memory[word] != value: return false
    case .barrier(let other) where done[other] & (done[other] &+ 1) != 0: return false
    default: break
    }
    for earlier in 0..<index where done[thread] & (1 << UInt32(earlier)) == 0 {
      if Self.isOrdered(programs[thread][earlier], programs[thread][index]) { return false }
    }
    return true
  }

  private func making(_ index: Int, of thread: Int) -> WeakMemoryState {
    var next = self
    next.done[thread] |= 1 << UInt32(index)
    switch programs[thread][index] {
    case .load(let word, let register, _): next.registers[thread][register] = memory[word]
    case .store(let word, let value, _): next.memory[word] = value
    case .free(let register): if registers[thread][register] == 0 { next.isFreed = true }
    case .use(let register): if registers[thread][register] != 0, isFreed { next.isBroken = true }
    case .storeIf(let word, let value, let one, let zero):
      if registers[thread][one] == 1, registers[thread][zero] == 0 { next.memory[word] = value }
    case .exchange(let word, let value, let register):
      next.registers[thread][register] = memory[word]
      if memory[word] == 0 { next.memory[word] = value }
    case .acquiringFence, .releasingFence, .fullFence, .storeFence, .await, .barrier: break
    }
    return next
  }

  /// True when the processor must make the first step before the second.
  private static func isOrdered(_ first: Step, _ second: Step) -> Bool {
    switch (first, second) {
    case (.fullFence, _), (_, .fullFence), (.barrier, _), (_, .barrier): return true
    // Acquiring and releasing.
    case (.exchange, _), (_, .exchange): return true
    // An acquiring fence is ordered with loads before it and all accesses after it; a releasing
    // fence with all accesses before it and stores after it.
    case (.acquiringFence, _), (_, .releasingFence): return true
    case (_, .acquiringFence): return first.isLoad
    case (.releasingFence, _): return second.isStore
    case (_, .storeFence): return first.isStore
    case (.storeFence, _): return second.isStore
    default: break
    }
    if first.order == .acquiring || second.order == .releasing { return true }
    return first.dependsTogether(with: second)
  }
}

extension WeakMemoryState.Step {
  var isLoad: Bool {
    switch self {
    case .load, .use, .exchange, .await: true
    default: false
    }
  }
  var isStore: Bool {
    switch self {
    case .store, .free, .storeIf, .exchange: true
    default: false
    }
  }
  var order: WeakMemoryState.Order {
    switch self {
    case .load(_, _, let order), .store(_, _, let order): order
    case .await: .acquiring
    default: .relaxed
    }
  }

  /// Steps on one word, or on one register, stay in order on every processor.
  func dependsTogether(with other: WeakMemoryState.Step) -> Bool {
    if let word, word == other.word { return true }
    return registers.contains(where: other.registers.contains)
  }

  private var word: Int? {
    switch self {
    case .load(let word, _, _), .store(let word, _, _): word
    case .storeIf(let word, _, _, _), .exchange(let word, _, _), .await(let word, _): word
    default: nil
    }
  }
  private var registers: [Int] {
    switch self {
    case .load(_, let register, _), .free(let register), .use(let register), .exchange(_, _, let register): [register]
    case .storeIf(_, _, let one, let zero): [one, zero]
    default: []
    }
  }
}

#endif
