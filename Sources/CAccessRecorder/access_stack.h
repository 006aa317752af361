// SPDX-License-Identifier: Apache-2.0
// The stack of an access, where nothing more needs to be done for it than to be found.
#ifndef AUDIT_ACCESS_STACK_H
#define AUDIT_ACCESS_STACK_H

#include "audit_hunt.h"
#include "recorder_words.h"

// The ID of the stack, as `find_stack` has it; 0 also where the access may be delayed or held.
static inline uint32_t find_usual_stack(void *recorder, const void *monitor, uintptr_t frame, _Bool *is_chain) {
  if (is_watched(recorder) && !audit_hunt_is_quiet(recorder, monitor, frame)) return 0;
  return find_stack(recorder, frame, is_chain);
}

#endif
