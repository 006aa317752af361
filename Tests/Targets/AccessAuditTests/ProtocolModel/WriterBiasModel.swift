// SPDX-License-Identifier: Apache-2.0
//
// A model of the claim of a writer word, by bias and by compare-and-swap, on a processor that
// delays stores: each thread's stores wait in a buffer, in order, as on x86-64. It mirrors
// WriterBias and the assembly of the fast path, and shares no code with them.

#if AUDITED && canImport(Glibc)

import TestSupport

/// One monitor's words and the threads that claim its writer word, between two steps.
struct WriterBiasState: Hashable {
  static let none = -1
  static let open = -2
  static let revoking = -3

  enum Word: Hashable {
    case bias
    case writer
    case claiming(Int)
    /// The number of accesses that a thread has recorded.
    case progress(Int)
  }

  enum Step: Hashable {
    case start
    // The owner of the bias: plain stores only.
    case sayClaiming, lookAtBias, lookAtWriterWord, storeWriterWord, sayClaimed, withdraw
    // All other threads.
    case settle, takeBias, barrier, waitForOwner, storeNone, claim, confirm, giveBack, takeOpenBias
    // Both, with the writer word.
    case inside, clearWriterWord, sayProgress
    // Where the kernel rejects the barrier.
    case noteProgress, awaitProgress
    case done
  }

  struct Thread: Hashable {
    var step = Step.start
    var writes: Int
    /// Stores that other threads do not see yet, oldest first.
    var buffer: [Store] = []
    /// The owner whose bias this thread is revoking; `progress` is that owner's progress at the
    /// time.
    var owner = WriterBiasState.none
    var progress = 0
  }

  struct Store: Hashable {
    var word: Word
    var value: Int
  }

  /// A part of the protocol that is omitted on purpose: the checker has to find the resulting
  /// fault.
  enum Omission: Hashable {
    case barrier, waitForOwner, revokingMark, confirm, secondLook
    /// Without a barrier: the wait is for one access of the owner, in place of one more than fills
    /// its buffer.
    case furtherAccesses
  }

  var memory: [Word: Int]
  var threads: [Thread]
  var omitted: Omission?
  /// True when the kernel runs barriers; `capacity` is the number of stores that a processor holds
  /// back.
  var hasBarrier: Bool
  var capacity: Int

  init(
    bias: Int, writes: [Int], omitting omitted: Omission? = nil, hasBarrier: Bool = true, capacity: Int = .max
  ) {
    self.hasBarrier = hasBarrier
    self.capacity = capacity
    memory = [.bias: bias, .writer: Self.none]
    for thread in writes.indices {
      memory[.claiming(thread)] = 0
      memory[.progress(thread)] = 0
    }
    threads = writes.map { Thread(writes: $0) }
    self.omitted = omitted
  }

  /// The states that can follow: one thread's next step, or its oldest store arriving.
  func successors() -> [WriterBiasState] {
    threads.indices.flatMap { t -> [WriterBiasState] in
      var next: [WriterBiasState] = []
      if !threads[t].buffer.isEmpty {
        var state = self
        state.drainOne(t)
        next.append(state)
      }
      var state = self
      if state.advance(t) { next.append(state) }
      return next
    }
  }

  var threadsInside: Int { threads.count { $0.step == .inside } }
  var isFinal: Bool { threads.allSatisfy { $0.step == .done && $0.buffer.isEmpty } }

  private func load(_ word: Word, by t: Int) -> Int {
    threads[t].buffer.last { $0.word == word }?.value ?? memory[word]!
  }

  private mutating func store(_ word: Word, _ value: Int, by t: Int) {
    if threads[t].buffer.count >= capacity { drainOne(t) }
    threads[t].buffer.append(Store(word: word, value: value))
  }

  private mutating func drainOne(_ t: Int) {
    let store = threads[t].buffer.removeFirst()
    memory[store.word] = store.value
  }

  private mutating func drainAll(_ t: Int) { while !threads[t].buffer.isEmpty { drainOne(t) } }

  /// A locked instruction: the thread's own stores arrive first.
  private mutating func exchange(_ word: Word, _ expected: Int, _ desired: Int, by t: Int) -> Bool {
    drainAll(t)
    guard memory[word] == expected else { return false }
    memory[word] = desired
    return true
  }

  private mutating func advance(_ t: Int) -> Bool {
    switch threads[t].step {
    case .done: return false
    case .start:
      guard threads[t].writes > 0 else {
        threads[t].step = .done
        return true
      }
      threads[t].step = load(.bias, by: t) == t ? .sayClaiming : .settle
    case .sayClaiming:
      store(.claiming(t), 1, by: t)
      threads[t].step = .lookAtBias
    case .lookAtBias: threads[t].step = load(.bias, by: t) == t ? .lookAtWriterWord : .withdraw
    case .lookAtWriterWord: threads[t].step = load(.writer, by: t) == Self.none ? .storeWriterWord : .withdraw
    case .storeWriterWord:
      store(.writer, t, by: t)
      threads[t].step = .sayClaimed
    case .sayClaimed:
      store(.claiming(t), 0, by: t)
      threads[t].step = .inside
    case .withdraw:
      store(.claiming(t), 0, by: t)
      threads[t].step = .settle
    case .settle: settle(t)
    case .takeBias:
      let mark = omitted == .revokingMark ? Self.none : Self.revoking
      let next = hasBarrier ? Step.barrier : .noteProgress
      threads[t].step = exchange(.bias, threads[t].owner, mark, by: t) ? next : .settle
    case .noteProgress:
      threads[t].progress = load(.progress(threads[t].owner), by: t)
      threads[t].step = .awaitProgress
    case .awaitProgress:
      let owner = threads[t].owner
      let hasEnded = threads[owner].step == .done && threads[owner].buffer.isEmpty
      let accesses = omitted == .furtherAccesses ? 1 : 2
      guard hasEnded || load(.progress(owner), by: t) >= threads[t].progress + accesses else { return false }
      threads[t].step = .waitForOwner
    case .barrier:
      if omitted != .barrier { for other in threads.indices { drainAll(other) } }
      threads[t].step = .waitForOwner
    case .waitForOwner:
      if omitted != .waitForOwner, load(.claiming(threads[t].owner), by: t) != 0 { return false }
      threads[t].step = .storeNone
    case .storeNone:
      store(.bias, Self.none, by: t)
      threads[t].step = .claim
    case .claim:
      // The writer word is taken: a conflict, which is reported; the write is not made.
      threads[t].step = exchange(.writer, Self.none, t, by: t) ? .confirm : end(t)
    case .confirm:
      let bias = load(.bias, by: t)
      let isSettled = bias == Self.none || bias == Self.open || bias == t || omitted == .confirm
      let holds = isSettled && (load(.writer, by: t) == t || omitted == .secondLook)
      threads[t].step = holds ? .takeOpenBias : .giveBack
    case .giveBack:
      _ = exchange(.writer, t, Self.none, by: t)
      threads[t].step = .settle
    case .takeOpenBias:
      if load(.bias, by: t) == Self.open { store(.bias, t, by: t) }
      threads[t].step = .inside
    case .inside: threads[t].step = .clearWriterWord
    case .clearWriterWord:
      store(.writer, Self.none, by: t)
      threads[t].step = hasBarrier ? end(t) : .sayProgress
    case .sayProgress:
      store(.progress(t), load(.progress(t), by: t) + 1, by: t)
      threads[t].step = end(t)
    }
    return true
  }

  private mutating func settle(_ t: Int) {
    let bias = load(.bias, by: t)
    switch bias {
    case Self.none, Self.open, t: threads[t].step = .claim
    case Self.revoking: break
    default:
      threads[t].owner = bias
      threads[t].step = .takeBias
    }
  }

  private mutating func end(_ t: Int) -> Step {
    threads[t].writes -= 1
    return .start
  }
}

/// The results of all interleavings.
struct WriterBiasOutcome {
  var states = 0
  var finals = 0
  /// True when two threads were inside at once in some state.
  var isBroken = false
}

extension WriterBiasState {
  /// Visits every state that can be reached, until two threads are inside.
  func explore() -> WriterBiasOutcome {
    var outcome = WriterBiasOutcome()
    outcome.states = StateSpace.visit(from: self) { state in
      if state.threadsInside > 1 {
        outcome.isBroken = true
        return nil
      }
      if state.isFinal { outcome.finals += 1 }
      return state.successors()
    }
    return outcome
  }
}

#endif
