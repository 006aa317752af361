// SPDX-License-Identifier: Apache-2.0
//
// The two ways of counting: one dictionary for all threads without a lock, and one for each thread.

import AuditedCollections
import Foundation

/// Counts with several threads into one dictionary that nothing protects.
final class RacedCounter: @unchecked Sendable {
  private var counts = AuditedDictionary<String, Int>(label: "word counts")

  func count(_ files: [URL], threads: Int) -> [String: Int] {
    Workers.run(threads, named: "counter") { worker in
      for file in TextFiles.share(of: worker, among: threads, files) {
        self.addWords(of: file)
      }
    }
    return counts.dictionary
  }

  private func addWords(of file: URL) {
    for word in TextFiles.words(file) {
      counts[word, default: 0] += 1
    }
  }
}

/// Counts with a dictionary for each thread, which are merged when the threads have ended.
final class FixedCounter: @unchecked Sendable {
  private let lock = NSLock()
  private var total = AuditedDictionary<String, Int>(label: "total")

  func count(_ files: [URL], threads: Int) -> [String: Int] {
    Workers.run(threads, named: "counter") { worker in
      var counts = AuditedDictionary<String, Int>(label: "one thread's counts")
      for file in TextFiles.share(of: worker, among: threads, files) {
        for word in TextFiles.words(file) {
          counts[word, default: 0] += 1
        }
      }
      self.lock.withLock { self.total.merge(counts, uniquingKeysWith: +) }
    }
    return total.dictionary
  }
}

/// Named threads, joined at the end.
enum Workers {
  static func run(_ count: Int, named name: String, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for worker in 0..<count {
      group.enter()
      Thread {
        nameCurrentThread("\(name)-\(worker + 1)")
        body(worker)
        group.leave()
      }.start()
    }
    group.wait()
  }
}

/// Sets the kernel's name of the calling thread at once. `Thread.name` can come too late: it needs
/// the thread's handle, which the creating thread may not have stored yet.
func nameCurrentThread(_ name: String) {
  let file = FileHandle(forWritingAtPath: "/proc/thread-self/comm")
  try? file?.write(contentsOf: Data(name.utf8))
  try? file?.close()
}
