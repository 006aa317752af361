// SPDX-License-Identifier: Apache-2.0
// The alternate stack of a thread's signal handlers, for threads that have none.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_crash.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

#define SIGNAL_STACK_SIZE (64 * 1024)

void *audit_provide_signal_stack(void) {
  stack_t present;
  if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return NULL;
  void *memory = mmap(
      NULL, SIGNAL_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK_SIZE};
  if (sigaltstack(&stack, NULL) != 0) {
    munmap(memory, SIGNAL_STACK_SIZE);
    return NULL;
  }
  return memory;
}

_Bool audit_signal_stack_bounds(uintptr_t *low, uintptr_t *high) {
  int saved = errno;
  stack_t present;
  _Bool is_on = sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_ONSTACK) != 0;
  errno = saved;
  if (!is_on) return 0;
  *low = (uintptr_t)present.ss_sp;
  *high = *low + present.ss_size;
  return 1;
}

void audit_release_signal_stack(void *memory) {
  if (memory == NULL) return;
  stack_t present;
  if (sigaltstack(NULL, &present) == 0 && present.ss_sp == memory) {
    stack_t disabled = {.ss_flags = SS_DISABLE};
    sigaltstack(&disabled, NULL);
  }
  munmap(memory, SIGNAL_STACK_SIZE);
}

#endif
