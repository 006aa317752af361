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
    let size = fcntl(2, 1031, 4_096)
    precondition(size == 4_096 && fcntl(2, F_SETFL, O_NONBLOCK) == 0)
    for i in 0..<3 { ReportScenarios.overlapOnce(label: "slowly read \(i)") }
    AccessAudit.flush()
    var poll = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    Waiting.until { Foundation.poll(&poll, 1, 0) == 1 }
  }

  /// The pipe has no reader left: the writer gets a signal that ends an unprepared process.
  private static func brokenStandardError() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0 && dup2(ends[1], 2) == 2 && close(ends[0]) == 0)
    ReportScenarios.overlapOnce(label: "broken")
  }
}
