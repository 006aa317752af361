// SPDX-License-Identifier: Apache-2.0
// The calling thread unwound by libunwind alone, in its fast form: where there are no walks.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_frame_walk.h"
#include "audit_unwind.h"

// Only the own process is unwound: the fast form of the library.
#define UNW_LOCAL_ONLY
#include "system_unwind.h"

int32_t audit_unwind(uint64_t *addresses, int32_t capacity) {
  int32_t count = unw_backtrace((void **)addresses, capacity);
#if defined(__aarch64__)
  // Before version 1.8 libunwind leaves signatures in what it reads.
  for (int32_t i = 0; i < count; i++) addresses[i] = audit_plain_return_address(addresses[i]);
#endif
  return count;
}

#endif
