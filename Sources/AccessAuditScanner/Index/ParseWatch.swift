// SPDX-License-Identifier: Apache-2.0
//
// Parses with a limit on the processor time: for some broken texts of a few kilobytes the parser's search for a place to
// go on takes seconds, and minutes in a debug build. Nothing is looked at here but the clock.

#if Tools

  import Foundation
  import SwiftParser
  import SwiftSyntax
  import Synchronization

  /// Parses in a thread of its own that is given up when it takes too long.
  enum ParseWatch {
    /// What a text may take before it is given up: five seconds, and one more for each 50,000 bytes.
    static func limitSeconds(_ text: String) -> Double { 5 + Double(text.utf8.count) / 50_000 }

    /// The tree, or `nil` when the limit was reached; the thread then runs on until the process ends.
    ///
    /// - Blocking: until the text is parsed or given up.
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
        // The thread has not ended, so its clock is there: it signals before it does, and this is what waits for it.
        guard let clock = job.clock.withLock({ $0 }), clock_gettime(clock, &used) == 0 else { continue }
        if Double(used.tv_sec) + Double(used.tv_nsec) / 1e9 > limit { return nil }
      }
      return job.tree.withLock { $0 }
    }

    /// What the two threads share; everything in it is locked or constant.
    private final class Job: Sendable {
      let text: String
      let done = DispatchSemaphore(value: 0)
      let clock = Mutex<clockid_t?>(nil)
      let tree = Mutex<SourceFileSyntax?>(nil)

      init(_ text: String) { self.text = text }
    }
  }

#endif
