// SPDX-License-Identifier: Apache-2.0
// A futex with one sleeper. The kernel measures a relative limit by CLOCK_MONOTONIC; a semaphore of
// the C library would do so only with `sem_clockwait`, which is younger than some of the systems
// that Swift runs on.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_event.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint32_t event = 0;

void audit_post_event(void) {
  // Pairs with the acquiring exchange of the sleeper. When it was posted already, somebody has
  // woken it or will.
  if (__atomic_exchange_n(&event, 1, __ATOMIC_ACQ_REL) == 1) return;
  int saved = errno;
  syscall(SYS_futex, &event, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  errno = saved;
}

void audit_wait_for_event(uint64_t nanoseconds) {
  if (__atomic_exchange_n(&event, 0, __ATOMIC_ACQ_REL) == 1) return;
  struct timespec limit = {.tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
  syscall(SYS_futex, &event, FUTEX_WAIT_PRIVATE, 0, nanoseconds == UINT64_MAX ? NULL : &limit, NULL, 0);
  __atomic_exchange_n(&event, 0, __ATOMIC_ACQ_REL);
}

void audit_reset_event(void) { __atomic_store_n(&event, 0, __ATOMIC_RELEASE); }

#endif
