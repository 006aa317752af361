// SPDX-License-Identifier: Apache-2.0
//
// Parses with a limit on the processor time. On some broken texts of a few kilobytes the parser's
// error recovery takes seconds, and minutes in a debug build.

#if Scanner

import Foundation
import SwiftParser
import SwiftSyntax
import Synchronization

/// Parses on a separate thread, which is abandoned when it takes too long.
enum ParseWatch {
  /// The processor time that a text may take: five seconds, and one more for each 50,000 bytes.
  static func limitSeconds(_ text: String) -> Double { 5 + Double(text.utf8.count) / 50_000 }

  /// The tree, or `nil` when the limit was reached; the thread then runs on until the process
  /// ends.
  ///
  /// - Blocking: until the text is parsed or abandoned.
  static func parse(_ text: String, limitSeconds: Double? = nil) -> SourceFileSyntax? {
    let job = Job(text)
    let thread = Thread {
      var clock = clockid_t()
      pthread_getcpuclockid(pthread_self(), &clock)
      job.clock.withLock { $0 = clock }
      let tree = Parser.parse(source: job.text)
      job.tree.withLock { $0 = tree }
      job.done.signal()
    }
    thread.stackSize = Parallel.stackBytes
    thread.start()
    let limit = limitSeconds ?? ParseWatch.limitSeconds(text)
    while job.done.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
      var used = timespec()
      // The clock is still valid: the thread signals `done` before it ends, and `done` has not
      // been signalled.
      guard let clock = job.clock.withLock({ $0 }), clock_gettime(clock, &used) == 0 else { continue }
      if Double(used.tv_sec) + Double(used.tv_nsec) / 1e9 > limit { return nil }
    }
    return job.tree.withLock { $0 }
  }

  /// The state that the two threads share; everything in it is locked or constant.
  private final class Job: Sendable {
    let text: String
    let done = DispatchSemaphore(value: 0)
    let clock = Mutex<clockid_t?>(nil)
    let tree = Mutex<SourceFileSyntax?>(nil)

    init(_ text: String) { self.text = text }
  }
}

#endif
