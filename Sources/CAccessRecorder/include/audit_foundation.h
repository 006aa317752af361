// SPDX-License-Identifier: Apache-2.0
// The name that Foundation has for the calling thread: one that was set before the thread was
// started never reaches the kernel.
#ifndef AUDIT_FOUNDATION_H
#define AUDIT_FOUNDATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The two words of an optional string; the second is NULL where there is none. The caller owns it.
typedef struct {
  uint64_t count;
  void *object;
} audit_swift_string;

audit_swift_string audit_foundation_thread_name(void);

#ifdef __cplusplus
}
#endif

#endif
