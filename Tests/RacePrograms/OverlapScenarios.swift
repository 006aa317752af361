// SPDX-License-Identifier: Apache-2.0
//
// Two threads in one variable, one of them mutating: every kind of violation, forced.

import AuditedCollections
import Foundation

typealias GatedDictionary = AuditedDictionary<GatedKey, [Int]>

enum OverlapScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "write-write-subscript": { writeWrite { $0.value[GatedKey(2)] = [2] } },
    "write-write-update": { writeWrite { $0.value.updateValue([2], forKey: GatedKey(2)) } },
    "write-write-remove": { writeWrite { $0.value.removeValue(forKey: GatedKey(2)) } },
    "write-write-remove-all": { writeWrite { $0.value.removeAll() } },
    "write-write-merge": { writeWrite { $0.value.merge([GatedKey(2): [2]]) { $1 } } },
    "write-write-default": { writeWrite { $0.value[GatedKey(2), default: []].append(2) } },
    "write-write-modify": { writeWrite { $0.value[GatedKey(2)]?.append(2) } },
    "write-write-values": { writeWrite { shared in shared.value.values.swapAt(shared.indices.0, shared.indices.1) } },
    "read-during-write-subscript": { readDuringWrite { _ = $0.value[GatedKey(2)] } },
    "read-during-write-count": { readDuringWrite { _ = $0.value.count } },
    "read-during-write-iteration": { readDuringWrite { for _ in $0.value {} } },
    "write-during-read": { writeDuringRead() },
    "read-of-empty": { readOfEmpty() },
    "replaced-during-write": { replacedDuringWrite() },
    "replaced-by-copy-during-write": { replacedByCopy() },
    "suppressible": { suppressible() },
    "destroyed-during-write": { destroyedDuringWrite() },
    "captured-variable": { capturedVariable() },
    "global-variable": { globalVariable() },
    "nested-struct": { nestedStruct() },
    "after-fork": { afterFork() },
  ]

  /// One thread is held in a write of key 1 by the key's hashing while another runs `second`.
  @inline(never)
  static func writeWrite(_ second: @escaping @Sendable (Holder) -> Void) {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { firstWriter(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        second(holder)
      })
  }

  @inline(never)
  static func firstWriter(_ holder: Holder, _ key: GatedKey) {
    holder.value[key] = [1]
  }

  @inline(never)
  static func readDuringWrite(_ reader: @escaping @Sendable (Holder) -> Void) {
    writeWrite(reader)
  }

  /// One thread is held in a read while another writes and leaves; the reader detects it at its
  /// end.
  @inline(never)
  static func writeDuringRead() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let left = Gate()
    trap.arm {
      inside.open()
      left.wait()
    }
    together(
      { slowReader(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        // In the class's storage: a final class's property is read without a retain.
        holder.value[GatedKey(2)] = [2]
        left.open()
      })
  }

  @inline(never)
  static func slowReader(_ holder: Holder, _ key: GatedKey) {
    _ = holder.value[key]
  }

  /// Two threads can overlap in a dictionary that is always empty.
  @inline(never)
  static func readOfEmpty() {
    let holder = Holder(empty: true)
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { holder.value.removeValue(forKey: GatedKey(1, trap)) },
      {
        inside.wait()
        _ = holder.value.isEmpty
      })
  }

  /// The whole variable is assigned while it is being mutated, and a copy keeps its old value
  /// alive: only the writer can detect that, at its end.
  @inline(never)
  static func replacedByCopy() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let left = Gate()
    trap.arm {
      inside.open()
      left.wait()
    }
    let kept = Shared<GatedDictionary>([:])
    together(
      { firstWriter(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        // Two references to the monitor that is being written: reading the variable as a whole runs
        // no code of the audit.
        kept.value = holder.value
        holder.value = GatedDictionary()
        left.open()
      })
    kept.value[GatedKey(9)] = [9]
  }

  /// An overlap that ends by itself, whether it is reported or not.
  @inline(never)
  static func suppressible() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    let release = Gate()
    trap.arm {
      inside.open()
      release.wait()
    }
    together(
      { firstWriter(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        Thread {
          usleep(300_000); release.open()
        }.start()
        writeWriteSecond(holder)
      })
  }

  @inline(never)
  static func writeWriteSecond(_ holder: Holder) {
    holder.value[GatedKey(2)] = [2]
  }

  /// The whole variable is assigned while it is being mutated: that frees the monitor, whose deinit
  /// detects it.
  @inline(never)
  static func replacedDuringWrite() {
    let holder = Holder()
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { firstWriter(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        // Frees the monitor that the first thread is writing to: its deinit reports.
        holder.value = GatedDictionary()
      })
  }

  @inline(never)
  static func destroyedDuringWrite() {
    let owner = Shared<Holder?>(Holder())
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    let unretained = Unmanaged.passUnretained(owner.value!)
    let address = UInt(bitPattern: unretained.toOpaque())
    together(
      {
        let holder = Unmanaged<Holder>.fromOpaque(UnsafeRawPointer(bitPattern: address)!)
        holder._withUnsafeGuaranteedRef { $0.value[GatedKey(1, trap)] = [1] }
      },
      {
        inside.wait()
        owner.value = nil
      })
  }

  @inline(never)
  static func capturedVariable() {
    nonisolated(unsafe) var dictionary: GatedDictionary = [GatedKey(2): [0]]
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { dictionary[GatedKey(1, trap)] = [1] },
      {
        inside.wait()
        dictionary[GatedKey(2)] = [2]
      })
  }

  @inline(never)
  static func globalVariable() {
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { Globals.dictionary[GatedKey(1, trap)] = [1] },
      {
        inside.wait()
        Globals.dictionary[GatedKey(2)] = [2]
      })
  }

  @inline(never)
  static func nestedStruct() {
    struct Inner { var dictionary: GatedDictionary = [:] }
    struct Outer { var inner = Inner() }
    let shared = Shared(Outer())
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { shared.value.inner.dictionary[GatedKey(1, trap)] = [1] },
      {
        inside.wait()
        shared.value.inner.dictionary[GatedKey(2)] = [2]
      })
  }

  /// The first write has to fork from a copy; the second overlaps on the fork's monitor.
  @inline(never)
  static func afterFork() {
    let holder = Holder()
    let copy = holder.value
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { firstWriter(holder, GatedKey(1, trap)) },
      {
        inside.wait()
        holder.value.removeValue(forKey: GatedKey(2))
      })
    precondition(copy.count == 2, "the copy has changed")
  }
}

/// The class that holds the raced dictionary.
final class Holder: @unchecked Sendable {
  var value: GatedDictionary
  let indices: (GatedDictionary.Index, GatedDictionary.Index)

  init(empty: Bool = false) {
    let elements: [GatedKey: [Int]] = empty ? [:] : [GatedKey(2): [0], GatedKey(3): [0]]
    value = GatedDictionary(elements, label: "raced")
    indices = (elements.startIndex, elements.isEmpty ? elements.endIndex : elements.index(after: elements.startIndex))
  }
}

enum Globals {
  nonisolated(unsafe) static var dictionary: GatedDictionary = [:]
}
