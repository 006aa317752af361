// SPDX-License-Identifier: Apache-2.0
//
// A counting semaphore of the C library, at an address of its own. It allocates only when it is
// made.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if ON_LINUX

/// Parks threads until they are signalled. A signal that comes first is kept.
struct Semaphore: ~Copyable, @unchecked Sendable {
  private let handle: UnsafeMutablePointer<sem_t>

  init() {
    handle = .allocate(capacity: 1)
    handle.initialize(to: sem_t())
    let status = sem_init(handle, 0, 0)
    precondition(status == 0, "sem_init failed")
  }

  deinit {
    sem_destroy(handle)
    handle.deallocate()
  }

  /// Lets one waiting thread go, or the next one that comes.
  func signal() { sem_post(handle) }

  /// Waits for a signal and takes it.
  func wait() {
    while sem_wait(handle) != 0 {
      precondition(errno == EINTR, "sem_wait failed")
    }
  }
}

#endif
