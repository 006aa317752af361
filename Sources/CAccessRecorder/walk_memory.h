// SPDX-License-Identifier: Apache-2.0
// Noting what a walk reads.
#ifndef AUDIT_WALK_MEMORY_H
#define AUDIT_WALK_MEMORY_H

#include "audit_unwind.h"

// A walk that reads more than there is room for has a count above it.
static inline void audit_note_read(audit_walk_memory *memory, uint64_t address, uint64_t word) {
  uint32_t count = memory->count;
  if (count > AUDIT_WALK_READS) return;
  memory->count = count + 1;
  if (count == AUDIT_WALK_READS) return;
  memory->reads[count].address = address;
  memory->reads[count].word = word;
}

#endif
