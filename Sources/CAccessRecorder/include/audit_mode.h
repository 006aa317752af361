// SPDX-License-Identifier: Apache-2.0
// The process-wide mode word and the coarse clock: one load decides whether an access takes the
// audited path. The words are written by the detector and by slow paths only, so their cache lines
// stay shared.
#ifndef AUDIT_MODE_H
#define AUDIT_MODE_H

// Values of the mode word.
#define AUDIT_MODE_OFF 0      // accesses are neither recorded nor checked
#define AUDIT_MODE_ON 1       // accesses are recorded and checked
#define AUDIT_MODE_FROZEN 2   // checked, not recorded: the detector is copying the history of a violation
#define AUDIT_MODE_SHIELD 4   // as ON, by the slow path: readers register and writers wait for them
#define AUDIT_MODE_HALTING 3  // a report is being written and the process will end: accesses wait
#define AUDIT_MODE_IDLE 5     // as ON or SHIELD, but the detector sleeps: the next access, by the slow path, wakes it
#define AUDIT_MODE_OBSERVED 6 // as ON, and each access is left to who observes them; SHIELD is not replaced by it

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

extern int32_t audit_mode_word;
extern uint32_t audit_coarse_clock_word;

// One relaxed load: the mode only selects a path, nothing is published through it.
__attribute__((always_inline)) static inline int32_t audit_mode(void) {
  return __atomic_load_n(&audit_mode_word, __ATOMIC_RELAXED);
}

// Whether accesses are neither recorded nor checked: the one test that a switched-off access makes.
__attribute__((always_inline)) static inline bool audit_is_off(void) { return audit_mode() == AUDIT_MODE_OFF; }

static inline void audit_set_mode(int32_t mode) { __atomic_store_n(&audit_mode_word, mode, __ATOMIC_RELEASE); }

// Replaces `expected` by `mode`; tells whether it did.
static inline bool audit_exchange_mode(int32_t expected, int32_t mode) {
  return __atomic_compare_exchange_n(
      &audit_mode_word, &expected, mode, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

// Whether a violation was seen in this process: what a correct program must not notice may be done
// from then on.
extern int32_t audit_race_word;
static inline bool audit_race_was_seen(void) { return __atomic_load_n(&audit_race_word, __ATOMIC_RELAXED) != 0; }
static inline void audit_note_race(void) { __atomic_store_n(&audit_race_word, 1, __ATOMIC_RELAXED); }

// Milliseconds since the detector started, advanced by the detector.
__attribute__((always_inline)) static inline uint32_t audit_coarse_clock(void) {
  return __atomic_load_n(&audit_coarse_clock_word, __ATOMIC_RELAXED);
}

static inline void audit_set_coarse_clock(uint32_t milliseconds) {
  __atomic_store_n(&audit_coarse_clock_word, milliseconds, __ATOMIC_RELAXED);
}

// Whether this build audits: debug, or release with the trait AuditInRelease.
bool audit_is_compiled_in(void);

// The value of ACCESS_AUDIT when the process started; NULL when it is unset, or ignored because the
// program runs set-user-ID. Read once, by a constructor, before the program can change its
// environment.
const char *audit_environment_at_start(void);

// The value of OTEL_SERVICE_NAME when the process started; NULL when it is unset or empty.
const char *audit_service_at_start(void);

#ifdef __cplusplus
}
#endif

#endif

#endif
