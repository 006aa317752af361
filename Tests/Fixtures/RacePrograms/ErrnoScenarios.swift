// SPDX-License-Identifier: Apache-2.0
//
// errno, which an access must preserve, and a system call that a sandbox forbids after the start.

import AuditedCollections
import Foundation
import Synchronization

enum ErrnoScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "errno-kept": { errnoKept() },
    "membarrier-forbidden": { membarrierForbidden(races: false) },
    "membarrier-forbidden-race": { membarrierForbidden(races: true) },
  ]

  /// Runs `body` with a value in errno that no call sets, and prints a line if the value has
  /// changed afterwards.
  private static func keeping(_ what: String, _ body: () -> Void) {
    errno = 4_711
    body()
    let now = errno
    if now != 4_711 { print("\(what): errno is \(now)") }
  }

  /// The slow paths: a thread's first access, of each kind; a new stack at every depth; a revoked
  /// bias; a conflict, seen by the reader and by the writer; a fork; a drop.
  @inline(never)
  static func errnoKept() {
    for kind in 0..<4 {
      onThreads(1) { _ in
        keeping("a first access \(kind)") {
          switch kind {
          case 0:
            let own: AuditedDictionary<Int, Int> = [1: 1]
            precondition(own.count == 1)
          case 1:
            var own: AuditedArray<Int> = []
            own.append(1)
          case 2: deepen(60)
          default:
            let first = AuditedSet([1, 2])
            var second = first
            second.insert(3)
            precondition(first.count == 2)
          }
        }
      }
    }
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    let mutex = Mutex(())
    onThreads(4) { worker in
      for round in 0..<200 {
        mutex.withLock { _ in keeping("a bias taken away") { shared.value[worker] = round } }
      }
    }
    conflict { shared in _ = shared.value[GatedKey(2)] }
    conflict { shared in shared.value[GatedKey(2)] = 2 }
    keeping("creation with a label") { _ = AuditedDictionary<Int, Int>(label: "errno") }
    print("done")
  }

  @inline(never)
  private static func deepen(_ depth: Int) {
    let own: AuditedDictionary<Int, Int> = [1: 1]
    keeping("a new stack") { precondition(own[1] == 1) }
    if depth > 0 { deepen(depth - 1) }
  }

  /// One thread stays in a write longer than the other one waits.
  @inline(never)
  private static func conflict(_ access: @escaping @Sendable (Shared<AuditedDictionary<GatedKey, Int>>) -> Void) {
    let shared = Shared<AuditedDictionary<GatedKey, Int>>([:])
    let trap = Trap()
    let inside = Gate()
    let left = Gate()
    trap.arm {
      inside.open()
      left.wait()
    }
    together(
      { keeping("the conflict's first side") { shared.value[GatedKey(1, trap)] = 1 } },
      {
        inside.wait()
        keeping("the conflict's second side") { access(shared) }
        left.open()
      })
  }

  /// Forbids the system call `membarrier` to the calling thread and the threads that it starts.
  static func forbidMembarrier() {
    #if arch(x86_64)
    let number: UInt32 = 324
    #else
    let number: UInt32 = 283
    #endif
    // Classic BPF (linux/filter.h): load the call's number; EPERM for this one, otherwise allowed.
    struct Instruction {
      var code: UInt16
      var ifTrue: UInt8 = 0
      var ifFalse: UInt8 = 0
      var value: UInt32
    }
    struct Program {
      var length: UInt16
      var instructions: UnsafeMutablePointer<Instruction>
    }
    let filter = UnsafeMutablePointer<Instruction>.allocate(capacity: 4)
    filter[0] = Instruction(code: 0x20, value: 0)
    filter[1] = Instruction(code: 0x15, ifTrue: 0, ifFalse: 1, value: number)
    filter[2] = Instruction(code: 0x06, value: 0x0005_0000 | UInt32(EPERM))
    filter[3] = Instruction(code: 0x06, value: 0x7FFF_0000)
    var program = Program(length: 4, instructions: filter)
    // Variadic in C; the convention of its integers is the same.
    typealias Control = @convention(c) (Int, UInt, UInt, UInt, UInt) -> Int32
    let control = unsafeBitCast(dlsym(UnsafeMutableRawPointer(bitPattern: 0), "prctl")!, to: Control.self)
    let noNewPrivileges = 38
    let setSeccomp = 22
    let refused = withUnsafePointer(to: &program) { program in
      control(noNewPrivileges, 1, 0, 0, 0) != 0
        || control(setSeccomp, 2, UInt(bitPattern: program), 0, 0) != 0
    }
    if refused {
      print("the kernel has no filters")
      exit(77)
    }
  }

  /// A sandbox that begins when collections have biased owners: no write is lost or missed.
  @inline(never)
  static func membarrierForbidden(races: Bool) {
    let counts = Shared<AuditedDictionary<Int, Int>>([:])
    for _ in 0..<100 { counts.value[0, default: 0] += 1 }
    let raced = Shared<AuditedDictionary<GatedKey, Int>>([:])
    raced.value[GatedKey(0)] = 0
    forbidMembarrier()
    let mutex = Mutex(())
    onThreads(2) { _ in
      for _ in 0..<2_000 { mutex.withLock { _ in counts.value[0, default: 0] += 1 } }
      for _ in 0..<200 {
        let own = Shared<AuditedDictionary<Int, Int>>([:])
        own.value[1] = 1
        own.value[2] = 2
        precondition(own.value.count == 2)
      }
    }
    if counts.value[0] != 4_100 { print("writes were lost: \(counts.value[0] ?? 0) of 4100") }
    if races {
      let trap = Trap()
      let inside = Gate()
      trap.arm {
        inside.open()
        Waiting.untilReported()
      }
      together(
        { raced.value[GatedKey(1, trap)] = 1 },
        {
          inside.wait()
          raced.value[GatedKey(2)] = 2
        })
    }
    let found = AccessAudit.diagnostics()
    print("barriers refused: \(found.barriersRefused > 0), waits given up: \(found.losses.waits)")
  }
}
