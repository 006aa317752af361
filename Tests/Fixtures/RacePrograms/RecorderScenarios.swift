// SPDX-License-Identifier: Apache-2.0
//
// Recorders, rings and stacks at their limits: a thread held between two instructions of an access,
// and loads beyond every capacity.

#if AUDITED && canImport(Glibc)

import AccessRecorder
import AuditedCollections
import CAccessRecorder
import Foundation
import Synchronization

enum RecorderScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "changed-after-record": { changedAfterRecord() },
    "first-access-beside-the-loader": { await firstAccessBesideTheLoader() },
  ]

  /// A read is held where it stores its record, after it has loaded the version, until another
  /// thread has written.
  static func changedAfterRecord() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    let writer = Thread {
      Waiting.until { RecordTrap.isSprung.load(ordering: .acquiring) }
      shared.value[1] = 2
      RecordTrap.mayGoOn.store(true, ordering: .releasing)
    }
    writer.start()
    // The first reads let the recorder remember their stack; the last one then takes the shortest
    // path.
    for round in 0..<4 {
      if round == 3 { RecordTrap.arm() }
      read(shared)
    }
    let totals = AccessAudit.statistics().map { (reads: $0.reads, writes: $0.writes) }
    print("reads \(totals.map(\.reads).reduce(0, +)) writes \(totals.map(\.writes).reduce(0, +))")
  }

  /// A thread makes its first accesses while it holds a lock that another one waits for, and that
  /// one holds the loader's.
  static func firstAccessBesideTheLoader() async {
    let held = Gate()
    let waiting = Gate()
    let mutex = Mutex(0)
    let loader = Thread {
      held.wait()
      LoaderCallback.run {
        waiting.open()
        mutex.withLock { $0 += 1 }
      }
    }
    loader.start()
    let count = await Task.detached {
      mutex.withLock { _ in
        held.open()
        waiting.wait()
        // The other thread now waits for the lock only.
        usleep(20_000)
        return useOnNewStacks()
      }
    }.value
    print("\(count) elements")
  }

  /// Creates, reads and writes, on stacks of several depths, including stacks whose frame-pointer
  /// chain hides frames.
  @inline(never)
  static func useOnNewStacks() -> Int {
    var dictionary: AuditedDictionary<Int, Int> = [:]
    let queue = DispatchQueue(label: "scenario")
    for depth in 0..<8 { recurse(depth) { dictionary[depth] = dictionary[depth, default: 0] + 1 } }
    return queue.sync {
      dictionary[100] = 1
      return queue.label.isEmpty ? 0 : dictionary.count
    }
  }

  @inline(never)
  static func recurse(_ depth: Int, _ body: () -> Void) {
    if depth == 0 { body() } else { recurse(depth - 1, body) }
    withExtendedLifetime(depth) {}
  }

  @inline(never)
  static func read(_ shared: Shared<AuditedDictionary<Int, Int>>) { _ = shared.value[1] }
}

/// Holds the calling thread where it stores its next record: the page faults, and the handler
/// waits.
enum RecordTrap {
  static let isSprung = Atomic<Bool>(false)
  static let mayGoOn = Atomic<Bool>(false)
  private static let page = Atomic<UInt>(0)

  static func arm() {
    guard let pointer = audit_thread_recorder() else { fatalError("the thread has no recorder") }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    let next = recorder.pointee.ring.address(of: recorder.pointee.ring.head.load(ordering: .relaxed))
    page.store(UInt(bitPattern: next) & ~UInt(sysconf(Int32(_SC_PAGESIZE)) - 1), ordering: .relaxed)
    _ = isSprung.load(ordering: .relaxed) || mayGoOn.load(ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in RecordTrap.hold() }
    sigaction(SIGSEGV, &action, nil)
    protect(PROT_READ)
  }

  private static func hold() {
    isSprung.store(true, ordering: .releasing)
    while !mayGoOn.load(ordering: .acquiring) { usleep(100) }
    protect(PROT_READ | PROT_WRITE)
  }

  private static func protect(_ protection: Int32) {
    // Of whole pages, whatever their size.
    mprotect(UnsafeMutableRawPointer(bitPattern: page.load(ordering: .relaxed)), 1, protection)
  }
}

/// Runs a body while the loader's lock is held.
enum LoaderCallback {
  private final class Context {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  static func run(_ body: @escaping () -> Void) {
    typealias Callback = @convention(c) (UnsafeRawPointer?, Int, UnsafeMutableRawPointer?) -> Int32
    typealias Iterate = @convention(c) (Callback, UnsafeMutableRawPointer?) -> Int32
    // Glibc's module does not export it.
    let iterate = unsafeBitCast(dlsym(nil, "dl_iterate_phdr")!, to: Iterate.self)
    let context = Unmanaged.passRetained(Context(body))
    _ = iterate(
      { _, _, context in
        Unmanaged<Context>.fromOpaque(context!).takeUnretainedValue().body()
        return 1
      }, context.toOpaque())
    context.release()
  }
}

#endif
