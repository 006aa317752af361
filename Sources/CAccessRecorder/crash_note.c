// SPDX-License-Identifier: Apache-2.0
// The one crash that waits for its report: what its handler noted, and who has it.
// Async-signal-safe; in C because an unoptimised build reaches every global of Swift through a
// lock.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_crash.h"

enum { IDLE, FILLING, READY, REPORTED };

static int32_t state = IDLE;
static struct audit_crash_note noted;
static _Bool has_looked = 0;

_Bool audit_note_crash(const struct audit_crash_note *note) {
  int32_t expected = IDLE;
  if (!__atomic_compare_exchange_n(&state, &expected, FILLING, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return 0;
  noted = *note;
  // Pairs with the acquiring load in `audit_take_crash`.
  __atomic_store_n(&state, READY, __ATOMIC_RELEASE);
  return 1;
}

_Bool audit_crash_waits(void) {
  int32_t now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
  return now == FILLING || now == READY;
}

_Bool audit_take_crash(struct audit_crash_note *note) {
  if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) != READY) return 0;
  *note = noted;
  return 1;
}

void audit_finish_crash(void) { __atomic_store_n(&state, noted.is_end ? REPORTED : IDLE, __ATOMIC_RELEASE); }

_Bool audit_looks_first(void) { return !__atomic_exchange_n(&has_looked, 1, __ATOMIC_ACQ_REL); }

void audit_forget_crash(void) {
  __atomic_store_n(&state, IDLE, __ATOMIC_RELEASE);
  __atomic_store_n(&has_looked, 0, __ATOMIC_RELEASE);
}

#endif
