// SPDX-License-Identifier: Apache-2.0
//
// Audited variables, and the accesses that only they can detect: whole assignments.

import AuditedCollections
import Foundation

enum VariableScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "variable-assigned-during-modify": { overlap({ $0.plain.spring() }, { $0.plain = Springing() }) },
    "variable-read-during-modify": { overlap({ $0.plain.spring() }, { _ = $0.plain.number }) },
    "variable-open-class": { overlap({ $0.plain.spring() }, { _ = $0.plain }, on: OpenVariables()) },
    "variable-static": { overlap({ _ in Variables.shared.spring() }, { _ in Variables.shared = Springing() }) },
    "variable-global": {
      overlap({ _ in globalVariable.wrappedValue.spring() }, { _ in globalVariable.wrappedValue = Springing() })
    },
    "variable-dictionary-assigned": {
      overlap({ $0.dictionary[1, default: Springing()].spring() }, { $0.dictionary = [:] })
    },
    "variable-struct-modified": { overlap({ $0.nested.inner.spring() }, { $0.nested.inner = Springing() }) },
    "variable-silent": { silent() },
    // The purpose of `@Audited`: without it this overlap is not reported.
    "miss-whole-assignment": { missedAssignment() },
    "miss-reader-with-a-copy": { missedReader() },
    "miss-lazy": { missedTemporary() },
    "miss-plain": { missedPlain() },
    "miss-mutable-span": { missedSpan() },
  ]

  /// A value that waits in the middle of its own mutation until a violation was reported.
  struct Springing: Sendable {
    var number = 0
    nonisolated(unsafe) static var trap = Trap()
    mutating func spring() {
      Self.trap.spring()
      number += 1
    }
  }

  class Variables: @unchecked Sendable {
    @Audited(label: "plain") var plain: Springing = Springing()
    @Audited var dictionary = [1: Springing()]
    struct Nested { var inner = Springing() }
    @Audited var nested = Nested()
    // Written without the wrapper syntax: Swift 6 does not allow `nonisolated(unsafe)` on a wrapped
    // static variable.
    nonisolated(unsafe) static var storage = Audited(wrappedValue: Springing(), label: "static")
    static var shared: Springing {
      get { storage.wrappedValue }
      _modify { yield &storage.wrappedValue }
    }
  }

  class OpenVariables: Variables, @unchecked Sendable {}

  static func overlap(
    _ first: @escaping @Sendable (Variables) -> Void, _ second: @escaping @Sendable (Variables) -> Void,
    on variables: Variables = Variables()
  ) {
    let inside = Gate()
    Springing.trap = Trap()
    Springing.trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { first(variables) },
      {
        inside.wait()
        second(variables)
      })
  }

  static func silent() {
    let variables = Variables()
    let lock = NSLock()
    onThreads(4) { worker in
      for number in 0..<500 {
        lock.withLock {
          variables.plain.number += number
          variables.dictionary = [worker: variables.plain]
          let count = variables.dictionary.count
          variables.dictionary[worker]?.number += count
        }
      }
    }
  }

  // Known misses: each overlap ends by itself.

  /// A whole assignment beside a suppressed mutation of another thread.
  static func missedAssignment() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    let (inside, left) = (Gate(), Gate())
    together(
      {
        AccessAudit.withSuppressed { shared.value[1] = 2 }
        inside.open()
        left.wait()
      },
      {
        inside.wait()
        // The first thread has not left yet, and no code of the audit runs here.
        shared.value = shared.value
        left.open()
      })
    report(shared.value.count)
  }

  class OpenHolder: @unchecked Sendable {
    var value: AuditedDictionary<GatedKey, Int> = [GatedKey(2): 2]
  }

  /// A class that is not final gives the reader a copy, from which the writer forks.
  static func missedReader() {
    let holder = OpenHolder()
    let (trap, inside, left) = (Trap(), Gate(), Gate())
    trap.arm {
      inside.open()
      left.wait()
    }
    let copy = holder.value
    together(
      { _ = copy[GatedKey(1, trap)] },
      {
        inside.wait()
        holder.value[GatedKey(3)] = 3
        left.open()
      })
    report(holder.value.count)
  }

  final class LazyHolder: @unchecked Sendable {
    var stored: AuditedDictionary<GatedKey, Int> = [GatedKey(2): 2]
    var value: AuditedDictionary<GatedKey, Int> {
      get { stored }
      set { stored = newValue }
    }
  }

  /// A mutation of a computed property mutates a temporary.
  static func missedTemporary() {
    let holder = LazyHolder()
    let (trap, inside, left) = (Trap(), Gate(), Gate())
    trap.arm {
      inside.open()
      left.wait()
    }
    together(
      { holder.value[GatedKey(1, trap)] = 1 },
      {
        inside.wait()
        holder.value[GatedKey(3)] = 3
        left.open()
      })
    report(holder.value.count)
  }

  /// The plain dictionary is not audited.
  static func missedPlain() {
    let shared = Shared(AuditedDictionary<GatedKey, Int>([GatedKey(2): 2]).dictionary)
    let (trap, inside, left) = (Trap(), Gate(), Gate())
    trap.arm {
      inside.open()
      left.wait()
    }
    together(
      { _ = shared.value[GatedKey(1, trap)] },
      {
        inside.wait()
        let present = shared.value
        left.open()
        precondition(present.count == 1)
      })
    report(shared.value.count)
  }

  /// Getting a mutable span is an access; using it is not.
  static func missedSpan() {
    let shared = Shared<AuditedArray<Int>>([1, 2])
    let (inside, left) = (Gate(), Gate())
    @Sendable func use(_ array: inout AuditedArray<Int>) {
      var span = array.mutableSpan
      span[0] = 7
      inside.open()
      left.wait()
      span[0] = 8
    }
    together(
      { use(&shared.value) },
      {
        inside.wait()
        _ = shared.value.count
        left.open()
      })
    report(shared.value.count)
  }

  static func report(_ count: Int) {
    AccessAudit.flush()
    print("missed with \(count) elements")
  }
}

nonisolated(unsafe) var globalVariable = Audited(wrappedValue: VariableScenarios.Springing(), label: "global")
