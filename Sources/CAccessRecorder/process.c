// SPDX-License-Identifier: Apache-2.0
// Ending the process, and reading memory that may be gone. Async-signal-safe throughout.
#define _GNU_SOURCE
#include "audit_process.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

static void unblock_abort_signal(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGABRT);
  pthread_sigmask(SIG_UNBLOCK, &set, 0);
}

void audit_abort(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(SIGABRT, &action, 0);
  unblock_abort_signal();
  abort();
}

void audit_abort_with_backtrace(void) {
  unblock_abort_signal();
  abort();
}

_Bool audit_read_memory(uintptr_t address, void *copy, size_t size) {
  struct iovec local = {.iov_base = copy, .iov_len = size};
  struct iovec remote = {.iov_base = (void *)address, .iov_len = size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

_Bool audit_read_word(uintptr_t address, uint64_t *word) { return audit_read_memory(address, word, sizeof *word); }

_Bool audit_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0; }
