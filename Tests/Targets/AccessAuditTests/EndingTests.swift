// SPDX-License-Identifier: Apache-2.0
//
// The end of the process: by the given thread, and without it where there is none.

#if AUDITED && canImport(Glibc)

import CAccessRecorder
import Foundation
import Testing

@Suite struct EndingTests {
  /// No such thread: the calling thread ends the process, after its deadline.
  @Test func end_isBoundedWithoutTheThread() async {
    await #expect(processExitsWith: .signal(SIGABRT)) { audit_end_by_thread(Int32.max, false) }
  }

  @Test func end_isTheAskedThreads() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      let thread = Thread {
        while true {
          audit_end_if_asked()
          usleep(100)
        }
      }
      thread.start()
      let ids = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { Int32($0) }
      audit_end_by_thread(ids.max()!, false)
    }
  }

  @Test func wait_ends() {
    var wait = audit_begin_wait(20)
    var sleeps = 0
    while audit_wait_on(&wait) { sleeps += 1 }
    #expect(sleeps > 0 && sleeps <= 100)
  }
}

#endif
