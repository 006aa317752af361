// SPDX-License-Identifier: Apache-2.0
// Reading memory that may be gone, looking at threads. Async-signal-safe but for the last.
#define _GNU_SOURCE
#include "audit_process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

_Bool audit_read_memory(uintptr_t address, void *copy, size_t size) {
  struct iovec local = {.iov_base = copy, .iov_len = size};
  struct iovec remote = {.iov_base = (void *)address, .iov_len = size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

_Bool audit_read_word(uintptr_t address, uint64_t *word) { return audit_read_memory(address, word, sizeof *word); }

_Bool audit_look_at_thread(int32_t thread, char *state, uint64_t *ticks) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = 0;
  // The name, which may hold anything, ends at the last parenthesis.
  const char *fields = strrchr(text, ')');
  unsigned long user, system;
  if (!fields ||
      sscanf(fields + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", state, &user, &system) != 3) {
    return 0;
  }
  *ticks = (uint64_t)user + system;
  return 1;
}

const char *audit_image(uintptr_t address, uintptr_t *base) {
  Dl_info information;
  if (dladdr((void *)address, &information) == 0) return NULL;
  *base = (uintptr_t)information.dli_fbase;
  return information.dli_fname;
}

_Bool audit_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0; }
