// SPDX-License-Identifier: Apache-2.0
//
// Accesses where the stack has little room: threads with the smallest stacks, and signal handlers
// on theirs.

import AuditedCollections
import Foundation
import Synchronization

enum SmallStackScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "small-stacks": { smallStacks() },
    "small-signal-stack": { onThreads(1) { _ in smallSignalStack() } },
  ]

  /// Each thread has the least that the C library allows. The metadata of the types, for which the
  /// runtime takes more, is made before.
  private static func smallStacks() {
    access()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    #if arch(x86_64)
    let least = 16_384
    #else
    let least = sysconf(Int32(_SC_THREAD_STACK_MIN))
    #endif
    precondition(pthread_attr_setstacksize(&attributes, least) == 0)
    for _ in 0..<8 {
      var thread = pthread_t()
      let status = pthread_create(
        &thread, &attributes,
        { _ in
          SmallStackScenarios.access()
          return nil
        }, nil)
      precondition(status == 0 && pthread_join(thread, nil) == 0)
    }
    print("\(words.withLock { $0[1]! }) accesses")
  }

  private static let words = Mutex<AuditedDictionary<Int, Int>>([1: 0])

  @inline(never)
  private static func access() {
    words.withLock {
      $0[1]! += 1
      _ = $0.count
    }
  }

  /// A handler on an alternate stack of 8 KB reads a dictionary whose metadata and stacks are
  /// known.
  private static func smallSignalStack() {
    dictionary = [1: 1]
    _ = read()
    let size = 8_192
    var stack = stack_t()
    stack.ss_sp = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    stack.ss_size = size
    precondition(sigaltstack(&stack, nil) == 0)
    SignalScenarios.install(SIGUSR1, flags: SA_ONSTACK) { _, _, _ in
      SmallStackScenarios.sum += SmallStackScenarios.read()
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for _ in 0..<3 { raise(SIGUSR1) }
    print("\(sum) read in handlers")
  }

  nonisolated(unsafe) private static var dictionary: AuditedDictionary<Int, Int> = [:]
  nonisolated(unsafe) private static var sum = 0

  @inline(never)
  private static func read() -> Int { dictionary[1]! }
}
