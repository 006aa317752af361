// SPDX-License-Identifier: Apache-2.0
//
// The audit's cost with many stacks, a long history, many threads, many collections; and without
// memory. Each scenario prints numbers that do not depend on the load of the machine; times are
// printed beside them for people.

#if AUDITED && canImport(Glibc)

import AccessRecorder
import AuditedCollections
import CAccessRecorder
import Foundation
import Synchronization

enum LimitScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "many-stacks": { onThreads(1) { _ in manyStacks() } },
    "many-stacks-in-a-task": { manyStacks() },
    "long-history": { longHistory() },
    "ended-threads": { endedThreads() },
    "idle-collections": { idleCollections() },
    "refused-memory": { refusedMemory(isFirstAccess: false) },
    "refused-memory-at-first": { refusedMemory(isFirstAccess: true) },
    "few-descriptors": { fewDescriptors() },
    "little-address-space": { littleAddressSpace() },
  ]

  /// Reads at the leaves of a binary tree of calls: more distinct stacks than the table holds, each
  /// of them twice.
  static func manyStacks() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    var tree = CallTree(shared: shared)
    for round in 1...2 {
      let learntBefore = audit_frames_learnt()
      let begin = Measured.threadNanoseconds()
      tree.descend(17)
      let nanoseconds = Measured.threadNanoseconds() - begin
      let stacks = ThreadRegistry.stacks!.counters
      print(
        "round \(round): learnt \(audit_frames_learnt() - learntBefore),",
        "stacks \(stacks.pointee.entriesUsed.load(ordering: .relaxed)),",
        "lost \(stacks.pointee.lost.load(ordering: .relaxed)), shortened \(AccessAudit.diagnostics().stacksShortened)")
      Measured.say("\(nanoseconds / 131_072) ns of processor time an access")
    }
    precondition(tree.leaves == 262_144 && tree.leftTurns == tree.rightTurns)
  }

  /// Two call sites per level. Each is followed by a different write, so that the optimiser neither
  /// turns the last call into a jump nor merges the two calls.
  private struct CallTree {
    let shared: Shared<AuditedDictionary<Int, Int>>
    var leaves = 0
    var leftTurns = 0
    var rightTurns = 0

    @inline(never)
    mutating func descend(_ depth: Int) {
      if depth == 0 {
        leaves += shared.value[1]!
        return
      }
      descend(depth - 1)
      leftTurns += 1
      descend(depth - 1)
      rightTurns += 1
    }
  }

  /// The address space has room for the program, which has one thread here, and not for what the
  /// audit wants to map.
  static func littleAddressSpace() {
    let bytes = rlim_t(Measured.pages()) * rlim_t(sysconf(Int32(_SC_PAGESIZE))) + 128 << 20
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    precondition(setrlimit(__rlimit_resource_t(9), &limit) == 0)
    var own: AuditedDictionary<Int, [Int]> = [:]
    for i in 0..<1_000 { own[i % 50, default: []].append(i) }
    print("\(own.values.reduce(0) { $0 + $1.count }) elements")
  }

  /// Threads that make few accesses, with a history of a million records each.
  static func longHistory() {
    let before = Measured.residentKilobytes()
    let threads = 16
    let working = Counter()
    onThreads(threads) { _ in
      var own: AuditedDictionary<Int, Int> = [:]
      for i in 0..<100 { own[i % 10, default: 0] += 1 }
      working.increment()
      Waiting.until { working.value == threads }
      if own.isEmpty { exit(1) }
    }
    let grown = Measured.residentKilobytes() - before
    print(grown < threads * 1_024 ? "less than a megabyte for a thread" : "\(grown / threads) KB for a thread")
    Measured.say("\(grown / threads) KB for a thread")
  }

  /// Many threads at one time; then they end, and one thread works on.
  static func endedThreads() {
    let count = RecallScenarios.number("RACE_THREADS", 2_000)
    runThreads(10)
    let before = Measured.residentKilobytes()
    runThreads(count)
    let most = Measured.residentKilobytes()
    let slots = ThreadRegistry.recorderCount
    Waiting.until {
      AccessAudit.flush()
      return inUse() <= 2
    }
    runThreads(count / 2)
    let slotsAfter = ThreadRegistry.recorderCount
    Waiting.until {
      AccessAudit.flush()
      return inUse() <= 2
    }
    let after = Measured.residentKilobytes()
    print(
      slotsAfter == slots ? "recorders are used again" : "\(slotsAfter) recorders, there were \(slots)",
      after - before < count * 10 ? "and their memory is given back" : "\(after - before) KB stay")
    Measured.say("\(before) KB before, \(most) KB with \(count) threads, \(after) KB after")
    Measured.sayDetector()
    var busy: AuditedDictionary<Int, Int> = [:]
    useForASecond(&busy)
    Measured.sayDetector()
  }

  private static func inUse() -> Int {
    var count = 0
    ThreadRegistry.forEachInUse { _ in count += 1 }
    return count
  }

  /// Threads with small stacks that all live at one time.
  private static func runThreads(_ count: Int) {
    let working = Counter()
    let end = DispatchSemaphore(value: 0)
    var threads: [pthread_t] = []
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 128 << 10)
    for _ in 0..<count {
      let body = Unmanaged.passRetained(
        ThreadBody {
          var own: AuditedDictionary<Int, Int> = [:]
          for i in 0..<50 { own[i % 10, default: 0] += 1 }
          working.increment()
          end.wait()
          if own.isEmpty { exit(1) }
        })
      var thread = pthread_t()
      let status = pthread_create(
        &thread, &attributes,
        { pointer in
          Unmanaged<ThreadBody>.fromOpaque(pointer!).takeRetainedValue().body()
          return nil
        }, body.toOpaque())
      guard status == 0 else {
        body.release()
        continue
      }
      threads.append(thread)
    }
    Waiting.until { working.value == threads.count }
    for _ in threads { end.signal() }
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Unused collections beside a used one.
  static func idleCollections() {
    var busy: AuditedDictionary<Int, Int> = [:]
    useForASecond(&busy)
    Measured.say("without idle collections:")
    Measured.sayDetector()
    useForASecond(&busy)
    Measured.sayDetector()
    var idle: [AuditedDictionary<Int, Int>] = []
    for i in 0..<5_000 {
      var one: AuditedDictionary<Int, Int> = [:]
      one[i] = i
      idle.append(one)
    }
    AccessAudit.flush()
    Measured.say("with them:")
    Measured.sayDetector()
    useForASecond(&busy)
    Measured.sayDetector()
    Measured.say("with them and others that come and go:")
    useForASecond(&busy, besideOthers: true)
    Measured.sayDetector()
    print("\(idle.count) idle, \(AccessAudit.statistics().count) with statistics")
  }

  @inline(never)
  private static func useForASecond(_ collection: inout AuditedDictionary<Int, Int>, besideOthers: Bool = false) {
    let deadline = DispatchTime.now().uptimeNanoseconds + 1_000_000_000
    while DispatchTime.now().uptimeNanoseconds < deadline {
      collection[1, default: 0] += 1
      if besideOthers {
        for i in 0..<10 {
          var other: AuditedDictionary<Int, Int> = [:]
          other[i] = i
        }
      }
      usleep(1_000)
    }
  }

  /// The kernel has no memory for recorders when threads make their first access.
  static func refusedMemory(isFirstAccess: Bool) {
    // The C library keeps freed memory, so the program's own small allocations still succeed.
    typealias Option = @convention(c) (Int32, Int32) -> Int32
    let setOption = unsafeBitCast(dlsym(nil, "mallopt")!, to: Option.self)
    // malloc.h: the trim threshold, the mmap threshold, the number of arenas.
    for (option, value) in [(-1, 1 << 30), (-3, 1 << 30), (-8, 1)] as [(Int32, Int32)] { _ = setOption(option, value) }
    free(malloc(64 << 20))
    let guarded = Guarded()
    if !isFirstAccess { guarded.mutex.withLock { $0[0] = 0 } }
    let ready = Counter()
    let isRefused = Gate()
    let threads = 8
    let limiter = Thread {
      Waiting.until { ready.value == threads }
      AccessAudit.flush()
      // Less than there is: what a thread that ends gives back makes no room for a recorder.
      var limit = rlimit(rlim_cur: 1 << 20, rlim_max: .max)
      precondition(setrlimit(__rlimit_resource_t(9), &limit) == 0)
      isRefused.open()
    }
    limiter.start()
    onThreads(threads) { worker in
      ready.increment()
      isRefused.wait()
      for i in 0..<200 { guarded.mutex.withLock { $0[i % 10, default: 0] += 1 } }
    }
    var limit = rlimit(rlim_cur: .max, rlim_max: .max)
    setrlimit(__rlimit_resource_t(9), &limit)
    let total = guarded.mutex.withLock { $0.values.reduce(0, +) }
    print("\(total) writes, \(AccessAudit.diagnostics().threadsRefused) threads refused")
  }

  /// Almost no descriptor is left at the first access.
  static func fewDescriptors() {
    // libdispatch ends a process that has no descriptor left for it: here it has its own already.
    let fired = DispatchSemaphore(value: 0)
    let timer = DispatchSource.makeTimerSource()
    timer.setEventHandler { fired.signal() }
    timer.schedule(deadline: .now())
    timer.resume()
    fired.wait()
    timer.cancel()
    // So it does where the main thread, which an asynchronous `main` leaves to it, finds none for
    // the main queue: as for a run loop, that one is made now.
    let mainQueueHandle = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "_dispatch_get_main_queue_handle_4CF")!
    _ = unsafeBitCast(mainQueueHandle, to: (@convention(c) () -> Int32).self)()
    var limit = rlimit(rlim_cur: 6, rlim_max: 6)
    setrlimit(__rlimit_resource_t(7), &limit)
    ReportScenarios.overlapOnce(label: "few")
  }
}

private final class ThreadBody: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Numbers from the kernel.
enum Measured {
  static func pages() -> Int { statm().first ?? 0 }
  static func residentKilobytes() -> Int { (statm().dropFirst().first ?? 0) * sysconf(Int32(_SC_PAGESIZE)) / 1_024 }

  private static func statm() -> [Int] {
    ((try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "").split(separator: " ").compactMap {
      Int($0)
    }
  }

  static func threadNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// For people: no test compares it.
  static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  /// Prints the detector's use of the processor since the last call.
  static func sayDetector() {
    let folder = "/proc/self/task"
    for thread in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard (try? String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8)) == "access-audit\n",
        let text = try? String(contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8),
        let used = text.split(separator: " ").first.flatMap({ Int($0) })
      else { continue }
      let now = Int(DispatchTime.now().uptimeNanoseconds)
      let before = last.withLock { last in
        defer { last = (used, now) }
        return last
      }
      let share = Double(used - before.used) / Double(max(1, now - before.now)) * 100
      say(before.now == 0 ? "detector: \(used / 1_000) µs so far" : "detector: \(share) % of a processor")
    }
  }

  private static let last = Mutex<(used: Int, now: Int)>((0, 0))
}

#endif
