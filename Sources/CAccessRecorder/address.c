// SPDX-License-Identifier: Apache-2.0
// What a writer word can hold. Async-signal-safe.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_address.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>

#if defined(__aarch64__)

// Of the kernel's <linux/prctl.h>, for older headers.
#define GET_TAGGED_ADDRESS_CONTROL 56
#define TAGS_ARE_CHECKED 6  // at the access, or later

// The C library decides when the process starts, for all of its threads (GLIBC_TUNABLES,
// glibc.mem.tagging).
static _Bool are_tags_ignored(void) {
  static int known;
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == 0) {
    int saved = errno;
    int control = prctl(GET_TAGGED_ADDRESS_CONTROL, 0, 0, 0, 0);
    errno = saved;
    answer = control > 0 && (control & TAGS_ARE_CHECKED) != 0 ? 1 : 2;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer == 2;
}

_Bool audit_can_name(const void *variable) {
  uint64_t above = (uint64_t)(uintptr_t)variable >> 48;
  return above == 0 || ((above & 0xFF) == 0 && are_tags_ignored());
}

#else

_Bool audit_can_name(const void *variable) { return (void)variable, 1; }

#endif

#endif
