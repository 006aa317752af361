// SPDX-License-Identifier: Apache-2.0
// The program's signal handlers: whether one is running, and how they are kept off a thread for a
// moment.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_signals.h"

#include "audit_process.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void audit_hold_signals(sigset_t *previous) {
  sigset_t signals;
  sigfillset(&signals);
  // The kernel ends a thread that has blocked the signal of its own fault.
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&signals, faults[i]);
  // Returns its error, and leaves errno alone.
  pthread_sigmask(SIG_BLOCK, &signals, previous);
}

void audit_release_signals(const sigset_t *previous) { pthread_sigmask(SIG_SETMASK, previous, NULL); }

#if defined(__x86_64__)

// Where the kernel lets a handler return to: what the C library gave it with the handler. As the
// kernel has it.
struct kernel_action {
  void *handler;
  unsigned long flags;
  void *restorer;
  uint64_t mask;
};

static uintptr_t find_restorer(void) {
  static uintptr_t known;
  uintptr_t restorer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (restorer != 0) return restorer;
  int saved = errno;
  for (int number = 1; number < 32; number++) {
    struct kernel_action action = {0};
    if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask) != 0) continue;
    if ((action.flags & 0x04000000) == 0 || action.restorer == NULL) continue;
    restorer = (uintptr_t)action.restorer;
    break;
  }
  errno = saved;
  __atomic_store_n(&known, restorer, __ATOMIC_RELAXED);
  return restorer;
}

_Bool audit_is_in_signal_handler(uintptr_t frame, uintptr_t high) {
  uintptr_t restorer = find_restorer();
  if (restorer == 0) return 0;
  for (int depth = 0; depth < 256; depth++) {
    if (*(const uintptr_t *)(frame + 8) == restorer) return 1;
    uintptr_t next = *(const uintptr_t *)frame;
    if (next > high - 16 || next <= frame || (next & 7) != 0) return 0;
    frame = next;
  }
  return 0;
}

_Bool audit_is_handling_signal(void) {
  uintptr_t restorer = find_restorer();
  if (restorer == 0) return 0;
  int saved = errno;
  _Bool is_handling = 0;
  uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
  for (int depth = 0; depth < 256; depth++) {
    // The next frame, and the address to return to. A register that holds no frame may lead
    // anywhere.
    uintptr_t record[2];
    if (!audit_read_memory(frame, record, sizeof record)) break;
    if (record[1] == restorer) is_handling = 1;
    if (is_handling || record[0] <= frame || (record[0] & 7) != 0) break;
    frame = record[0];
  }
  errno = saved;
  return is_handling;
}

#else

_Bool audit_is_in_signal_handler(uintptr_t frame, uintptr_t high) {
  (void)frame;
  (void)high;
  return 0;
}

_Bool audit_is_handling_signal(void) { return 0; }

#endif

#endif
