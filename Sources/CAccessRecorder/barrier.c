// SPDX-License-Identifier: Apache-2.0
// The kernel's barrier on all threads of the process. Nothing here keeps state.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_barrier.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Bool barrier(int command) { return syscall(SYS_membarrier, command, 0, 0) == 0; }

_Bool audit_register_barrier(void) { return barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED); }

_Bool audit_barrier_on_all_threads(void) {
  int saved = errno;
  // A forked child may have to register again; the slow command needs no registration.
  _Bool has_run = barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) ||
                  (audit_register_barrier() && barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) ||
                  barrier(MEMBARRIER_CMD_GLOBAL);
  errno = saved;
  return has_run;
}

#endif
