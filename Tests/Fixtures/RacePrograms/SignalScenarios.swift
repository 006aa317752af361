// SPDX-License-Identifier: Apache-2.0
//
// Signal handlers that the program installs before its first audited access, and their guarantees:
// mask, stack, number of calls, and that a repaired fault is no crash.

import AuditedCollections
import Foundation

#if AUDITED && canImport(Glibc)
import CAccessRecorder
#endif

enum SignalScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "signal-repaired": { repaired(beside: .nothing) },
    "signal-repaired-beside-reader": { repaired(beside: .reader) },
    "signal-repaired-after-writer": { repaired(beside: .writerBefore) },
    "signal-repaired-overlapped": { repaired(beside: .writer) },
    "signal-handler-ends-overlapped": { handlerEnds() },
    "signal-once": { once() },
    "signal-once-repaired": { onceRepaired() },
    "signal-ignored": { ignored() },
    "signal-mask": { mask(flags: 0) },
    "signal-mask-nodefer": { mask(flags: SA_NODEFER) },
    "signal-stack": { stack(flags: 0) },
    "signal-stack-alternate": { stack(flags: SA_ONSTACK) },
    "signal-sent": { sent() },
    "signal-breakpoint": { breakpoint() },
    "signal-later-handler": { laterHandler() },
    "signal-abort": { abortSignal() },
  ]

  nonisolated(unsafe) static let page: UnsafeMutablePointer<Int> = {
    mmap(nil, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!.assumingMemoryBound(to: Int.self)
  }()
  /// The observations of handlers, for the program to print.
  nonisolated(unsafe) static var notes: (calls: Int, isFirstBlocked: Bool, isSecondBlocked: Bool, local: UInt) = (
    0, false, false, 0
  )

  typealias Handler = @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

  static func install(_ signal: Int32, flags: Int32 = 0, mask: [Int32] = [], _ handler: @escaping Handler) {
    _ = page
    _ = notes
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = handler
    action.sa_flags = flags | SA_SIGINFO
    sigemptyset(&action.sa_mask)
    for signal in mask { sigaddset(&action.sa_mask, signal) }
    precondition(sigaction(signal, &action, nil) == 0)
  }

  static func repair() { mprotect(page, 4096, PROT_READ | PROT_WRITE) }

  /// The first audited access, after the installation of the handlers.
  static func access() {
    var dictionary: AuditedDictionary<Int, Int> = [:]
    dictionary[1] = 1
    precondition(dictionary.count == 1)
  }

  enum Neighbour { case nothing, reader, writerBefore, writer }

  /// A fault inside an access, which the program's handler repairs.
  @inline(never)
  static func repaired(beside neighbour: Neighbour) {
    install(SIGSEGV) { _, _, _ in
      SignalScenarios.notes.calls += 1
      SignalScenarios.repair()
    }
    let holder = Holder()
    let trap = Trap()
    let other = Trap()
    let inside = Gate()
    let left = Gate()
    let done = Gate()
    trap.arm {
      inside.open()
      if neighbour == .reader || neighbour == .writer { left.wait() }
      page.pointee = 1
    }
    if neighbour == .writerBefore { onThreads(1) { _ in holder.value[GatedKey(2)] = [2] } }
    together(
      {
        OverlapScenarios.slowReader(holder, GatedKey(1, trap))
        done.open()
      },
      {
        inside.wait()
        switch neighbour {
        case .nothing, .writerBefore: return
        case .reader:
          other.arm {
            left.open()
            done.wait()
          }
          OverlapScenarios.slowReader(holder, GatedKey(3, other))
        case .writer:
          holder.value[GatedKey(2)] = [2]
          left.open()
        }
      })
    print("repaired \(notes.calls)")
  }

  /// The handler itself ends the process.
  @inline(never)
  static func handlerEnds() {
    install(SIGSEGV) { _, _, _ in _exit(3) }
    CrashScenarios.duringAccess()
  }

  /// A handler with SA_RESETHAND that repairs nothing.
  static func once() {
    install(SIGSEGV, flags: Int32(bitPattern: UInt32(SA_RESETHAND))) { _, _, _ in _ = write(1, "handled\n", 8) }
    access()
    CrashScenarios.crash()
  }

  /// A handler with SA_RESETHAND that repairs; it does not get the next fault.
  static func onceRepaired() {
    install(SIGSEGV, flags: Int32(bitPattern: UInt32(SA_RESETHAND))) { _, _, _ in
      _ = write(1, "handled\n", 8)
      SignalScenarios.repair()
    }
    access()
    page.pointee = 1
    CrashScenarios.crash()
  }

  static func ignored() {
    let signals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP]
    for number in signals { signal(number, SIG_IGN) }
    access()
    for number in signals { kill(getpid(), number) }
    print("ignored \(signals.filter(isIgnored).count)")
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    return unsafeBitCast(action.__sigaction_handler, to: Int.self) == 1
  }

  /// The signals that are blocked while the handler runs, and after it.
  static func mask(flags: Int32) {
    install(SIGSEGV, flags: flags, mask: [SIGUSR1]) { _, _, _ in
      SignalScenarios.notes.isFirstBlocked = SignalScenarios.isBlocked(SIGUSR1)
      SignalScenarios.notes.isSecondBlocked = SignalScenarios.isBlocked(SIGSEGV)
      SignalScenarios.repair()
    }
    access()
    page.pointee = 1
    print("blocked in the handler: \(notes.isFirstBlocked) \(notes.isSecondBlocked)")
    print("blocked after it: \(isBlocked(SIGUSR1)) \(isBlocked(SIGSEGV))")
  }

  static func isBlocked(_ signal: Int32) -> Bool {
    var present = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &present)
    return sigismember(&present, signal) == 1
  }

  /// The stack that the handler runs on, in a thread that has an alternate one.
  static func stack(flags: Int32) {
    install(SIGSEGV, flags: flags) { _, _, _ in
      var local = 0
      SignalScenarios.notes.local = withUnsafePointer(to: &local) { UInt(bitPattern: $0) }
      SignalScenarios.repair()
    }
    access()
    let size = 256 * 1024
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    var alternate = stack_t(ss_sp: memory, ss_flags: 0, ss_size: size)
    sigaltstack(&alternate, nil)
    page.pointee = 1
    let isAlternate = notes.local >= UInt(bitPattern: memory) && notes.local < UInt(bitPattern: memory) + UInt(size)
    print("on the alternate stack: \(isAlternate)")
  }

  /// A signal that was sent, left to the default action.
  static func sent() {
    access()
    kill(getpid(), SIGBUS)
    sleep(5)
  }

  /// A breakpoint instruction, after which the program would continue.
  static func breakpoint() {
    access()
    #if arch(x86_64)
    let code = mmap(nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    code.storeBytes(of: 0xC3CC, as: UInt16.self)
    unsafeBitCast(code, to: (@convention(c) () -> Void).self)()
    print("went on behind a breakpoint")
    #else
    raise(SIGTRAP)
    #endif
  }

  /// A handler that is installed after the first access replaces the audit's.
  static func laterHandler() {
    access()
    install(SIGSEGV) { _, _, _ in
      SignalScenarios.notes.calls += 1
      SignalScenarios.repair()
    }
    access()
    page.pointee = 1
    print("repaired \(notes.calls)")
  }

  /// Prints the kernel's number of the thread that aborts.
  static func abortSignal() {
    install(SIGABRT) { _, _, _ in
      var digits: [UInt8] = []
      #if AUDITED && canImport(Glibc)
      var rest = Int(audit_thread_id())
      #else
      var rest = 0
      #endif
      while rest > 0 {
        digits.insert(UInt8(48 + rest % 10), at: 0)
        rest /= 10
      }
      _ = write(1, "aborted by ", 11)
      _ = write(1, digits, digits.count)
      _ = write(1, "\n", 1)
    }
    OverlapScenarios.writeWrite { $0.value[GatedKey(2)] = [2] }
  }
}
