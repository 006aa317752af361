// SPDX-License-Identifier: Apache-2.0
//
// What the audit says, once, where the process has less of something than the audit would use. It goes on with what there is.

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum ResourceLimits {
  private static var hasWarnedOfThreads: SharedWord<Bool> { SharedWord(AUDIT_WORD_WARNED_OF_THREADS) }
  /// Below this limit of open files reports may lack names: reading an executable takes one, as does a thread's name, and the
  /// program and its libraries have theirs.
  static let descriptorsWanted = 32

  /// Says that a thread could not be given a recorder, the first time. Its accesses go on unaudited, and it is counted in
  /// `AuditDiagnostics.threadsRefused`.
  ///
  /// - Returns: `nil`, in place of the recorder.
  static func noteRefusal() -> ThreadRecorderPointer? {
    if hasWarnedOfThreads.load(ordering: .relaxed) || hasWarnedOfThreads.exchange(true, ordering: .relaxed) {
      return nil
    }
    writeWithoutAllocation(
      "AccessAudit: warning: no memory or no slot for another thread: its accesses are not audited until there is\n")
    return nil
  }

  /// Says that the process may open few files. libdispatch ends a process by SIGILL that has none left for its own: with or
  /// without the audit.
  static func checkDescriptors() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(7), &limit) == 0, limit.rlim_cur < rlim_t(descriptorsWanted) else { return }
    Diagnostics.warn(
      "the process may have \(limit.rlim_cur) files open: reports may lack names, and libdispatch ends a process "
        + "by SIGILL that has none left for it")
  }

  /// Address space that must be free for the detector's start: its stack and its arena of malloc's, and as much again for a
  /// thread of the program's.
  private static let addressSpaceWanted = 256 << 20

  /// Whether the process may map that much more. A limit of the address space leaves the program what it has without the
  /// audit.
  static var hasAddressSpace: Bool {
    let memory = mmap(nil, addressSpaceWanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, addressSpaceWanted)
    return true
  }

  private static func writeWithoutAllocation(_ line: StaticString) {
    let saved = errno
    _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
    errno = saved
  }
}
