// SPDX-License-Identifier: Apache-2.0
// A clock that never goes back. Its words are shared by all threads, so only slow paths ask it.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_clock.h"

#include <time.h>

#include "audit_mode.h"

// What is added to the system's clock: grows by as much as that was set back.
static uint64_t correction = 0;
// The latest time that was told.
static uint64_t latest = 0;
static int64_t test_shift = 0;
// When the coarse clock began; 0 before that.
static uint64_t coarse_begin = 0;

static uint64_t system_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  uint64_t nanoseconds = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
  return nanoseconds + (uint64_t)__atomic_load_n(&test_shift, __ATOMIC_RELAXED);
}

uint64_t audit_nanoseconds(void) {
  for (;;) {
    // In this order: a time that was told before the system is asked is not later than what it
    // says, unless it was set back.
    uint64_t told = __atomic_load_n(&latest, __ATOMIC_ACQUIRE);
    uint64_t offset = __atomic_load_n(&correction, __ATOMIC_ACQUIRE);
    uint64_t now = system_nanoseconds() + offset;
    if ((int64_t)(now - told) < 0) {
      __atomic_compare_exchange_n(
          &correction, &offset, offset + (told - now), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
      continue;
    }
    if (__atomic_compare_exchange_n(&latest, &told, now, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return now;
    // Another thread told a time meanwhile. If it is later than this one, that thread asked later.
    if (told >= now) return told;
  }
}

void audit_shift_system_clock(int64_t nanoseconds) {
  __atomic_fetch_add(&test_shift, nanoseconds, __ATOMIC_RELAXED);
}

void audit_advance_coarse_clock(void) {
  uint64_t now = audit_nanoseconds();
  uint64_t begin = 0;
  if (__atomic_compare_exchange_n(&coarse_begin, &begin, now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) begin = now;
  audit_set_coarse_clock(now > begin ? (uint32_t)((now - begin) / 1000000u) : 0);
}

#endif
