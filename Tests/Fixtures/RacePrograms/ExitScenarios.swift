// SPDX-License-Identifier: Apache-2.0
//
// Ends of processes that have seen a violation: beside threads that wait for input, without a
// reader of the output, from inside an observer, before the report is made.

import AuditedCollections
import Foundation
import Synchronization

enum ExitScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "exit-beside-readline": { exitBesideReadLine() },
    "exit-in-observer": { exitInObserver() },
    "exit-beside-slow-detector": { exitBesideSlowDetector() },
    "exit-handlers": { exitHandlers() },
    "quick-exit-after-report": { quickExitAfterReport() },
    "full-stderr": { fullStandardError() },
    "slow-stderr": { slowStandardError() },
    "broken-stderr": { brokenStandardError() },
    "stderr-at-its-limit": { standardErrorAtItsLimit() },
    "configured-in-observer": { configuredInObserver() },
    "main-thread-ends": { mainThreadEndsOnRawThread(races: false) },
    "main-thread-ends-raced": { mainThreadEndsOnRawThread(races: true) },
  ]

  /// A thread holds the lock of the standard input while it waits for input.
  private static func exitBesideReadLine() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0 && dup2(ends[0], 0) == 0)
    let reader = Shared<Int32>(0)
    Thread {
      reader.value = gettid()
      _ = readLine()
    }.start()
    // Inside read(0, …), according to the kernel.
    Waiting.until {
      let call = try? String(contentsOfFile: "/proc/self/task/\(reader.value)/syscall", encoding: .utf8)
      return reader.value != 0 && call?.hasPrefix("0 0x0 ") == true
    }
    ReportScenarios.overlapOnce(label: "beside a reader")
    // Not flushed here: the exit must flush it.
    print("buffered")
    exit(0)
  }

  private static func gettid() -> Int32 {
    let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "gettid")!
    return unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()
  }

  private static func exitInObserver() {
    AccessAudit.onViolation { _ in exit(5) }
    ReportScenarios.overlapOnce(label: "observed")
    // Under `report` the observer may still be running.
    AccessAudit.flush()
    sleep(20)
  }

  /// The detector is held back from its reports until long after the end.
  private static func exitBesideSlowDetector() {
    let isHeld = Gate()
    AccessAudit.onInterval(seconds: 0.01) { _ in
      isHeld.open()
      sleep(1_000)
    }
    var own: AuditedDictionary<Int, Int> = [:]
    own[1] = 1
    isHeld.wait()
    ReportScenarios.overlapOnce(label: "not reported in time")
    exit(0)
  }

  /// Handlers that the program registers before and after its first access; all of them run.
  private static func exitHandlers() {
    atexit { print("the first handler") }
    atexit { ReportScenarios.overlapOnce(label: "in a handler") }
    var own: AuditedDictionary<Int, Int> = [:]
    own[1] = 1
    atexit { print("the last handler") }
  }

  private static func quickExitAfterReport() {
    ReportScenarios.overlapOnce(label: "before a quick end")
    quick_exit(0)
  }

  /// Makes the standard error a full pipe without a reader.
  private static func fullStandardError() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    precondition(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
    let page = [UInt8](repeating: 46, count: 4_096)
    while write(ends[1], page, page.count) > 0 {}
    precondition(fcntl(ends[1], F_SETFL, 0) == 0 && dup2(ends[1], 2) == 2)
    ReportScenarios.overlapOnce(label: "unread")
    print("ending")
    fflush(nil)
  }

  /// The standard error does not block, takes one page, and its reader is slow. Waits until all was
  /// read before it ends.
  private static func slowStandardError() {
    // F_SETPIPE_SZ, which the overlay does not have.
    let page = Int32(sysconf(Int32(_SC_PAGESIZE)))
    let size = fcntl(2, 1031, page)
    precondition(size == page && fcntl(2, F_SETFL, O_NONBLOCK) == 0)
    for i in 0..<3 { ReportScenarios.overlapOnce(label: "slowly read \(i)") }
    AccessAudit.flush()
    var poll = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    Waiting.until { Foundation.poll(&poll, 1, 0) == 1 }
  }

  /// The standard error is a file as large as the process may write, which a signal says that ends
  /// the process.
  private static func standardErrorAtItsLimit() {
    let path = NSTemporaryDirectory() + "stderr.\(getpid())"
    let file = open(path, O_WRONLY | O_CREAT, 0o600)
    precondition(file >= 0 && unlink(path) == 0 && dup2(file, 2) == 2)
    // RLIMIT_FSIZE, whose type the overlay does not take.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    precondition(setrlimit(__rlimit_resource_t(1), &none) == 0)
    ReportScenarios.overlapOnce(label: "at the limit")
  }

  /// An observer switches auditing off while the process is ending.
  private static func configuredInObserver() {
    AccessAudit.onViolation { _ in
      var configuration = AuditConfiguration()
      (configuration.isEnabled, configuration.onViolation) = (false, .report)
      AccessAudit.configure(configuration)
    }
    ReportScenarios.overlapOnce(label: "configured")
  }

  /// While the caller does nothing but wait for the end of the thread, that may fork without
  /// cutting anything in two that the runtime does in other threads.
  private static func mainThreadEndsOnRawThread(races: Bool) {
    var thread = pthread_t()
    // The argument is nil where nothing races: the function can capture nothing.
    let status = pthread_create(
      &thread, nil,
      { argument in
        ExitScenarios.mainThreadEnds(races: argument != nil)
        return nil
      }, UnsafeMutableRawPointer(bitPattern: races ? 1 : 0))
    precondition(status == 0)
    pthread_join(thread, nil)
  }

  /// The main thread ends before the others; the process ends with the last of them, as if the
  /// detector were not there. In a child, because here the threads of the concurrency runtime stay.
  private static func mainThreadEnds(races: Bool) {
    fflush(nil)
    let child = ForkScenarios.forkProcess()
    if child != 0 {
      let status = ForkScenarios.waitForChild(child)
      return print("child ended with \(status >> 8) signal \(status & 127)")
    }
    var own: AuditedDictionary<Int, Int> = [:]
    own[1] = 1
    Thread {
      usleep(200_000)
      if races { ReportScenarios.overlapOnce(label: "after the main thread") }
      var later: AuditedDictionary<Int, Int> = [:]
      later[1] = 1
      print("the last thread ends")
    }.start()
    print("\(own.count) element")
    fflush(nil)
    pthread_exit(nil)
  }

  /// Nobody can read any more: the writer gets a signal that ends a process which does not expect
  /// it.
  private static func brokenStandardError() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0 && dup2(ends[1], 2) == 2 && close(ends[0]) == 0)
    ReportScenarios.overlapOnce(label: "broken")
  }
}
