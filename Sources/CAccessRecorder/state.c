// SPDX-License-Identifier: Apache-2.0
// The storage of the engine's process-wide state. Nothing here runs before it is used.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_state.h"

#include <string.h>

audit_word_line audit_words[AUDIT_WORD_COUNT] = {
    [AUDIT_WORD_WAIT_LIMIT] = {100},
    [AUDIT_WORD_SLOTS_ALLOWED] = {AUDIT_SLOT_COUNT - 2},
};

__attribute__((aligned(64))) audit_lock audit_locks[AUDIT_LOCK_COUNT];

// Half a megabyte of address space, resident as it fills.
uint64_t audit_recorder_table[AUDIT_SLOT_COUNT];
uint64_t audit_recorder_occupancy[AUDIT_SLOT_COUNT / 64 + 1];

void audit_forget_process(void) {
  memset(&audit_words[AUDIT_WORD_FIRST_OF_PROCESS], 0,
         sizeof audit_words[0] * (AUDIT_WORD_COUNT - AUDIT_WORD_FIRST_OF_PROCESS));
}

#endif
