// SPDX-License-Identifier: Apache-2.0
//
// What the process has less of than the audit would use. The audit goes on with what there is, or
// leaves it to the program.

#if AUDITED && canImport(Glibc)

internal import Glibc

enum ResourceLimits {
  /// Below this limit of open files reports may lack names: reading an executable takes one, as
  /// does a thread's name, and the program and its libraries have theirs.
  static var descriptorsWanted: Int { 32 }

  /// Says that the process may open few files. libdispatch ends a process by SIGILL that has none
  /// left for its own: with or without the audit.
  static func checkDescriptors() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(7), &limit) == 0, limit.rlim_cur < rlim_t(descriptorsWanted) else { return }
    Diagnostics.warn(
      "the process may have \(limit.rlim_cur) files open: reports may lack names, and libdispatch ends a process "
        + "by SIGILL that has none left for it")
  }

  /// Address space that must be free for the detector's start: its stack and its arena of malloc's,
  /// and as much again for a thread of the program's.
  private static var addressSpaceWanted: Int { 256 << 20 }

  /// Whether the process may map that much more. A limit of the address space leaves the program
  /// what it has without the audit.
  static var hasAddressSpace: Bool {
    let memory = mmap(nil, addressSpaceWanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, addressSpaceWanted)
    return true
  }
}

#endif
