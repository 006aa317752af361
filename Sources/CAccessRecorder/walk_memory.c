// SPDX-License-Identifier: Apache-2.0
// Walks that were made before: a stack whose chain of frame pointers hides frames is walked again
// at each access, and most often it is the same one. Only the owning thread looks at its memories;
// a signal handler may do so in the middle of its work.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "walk_memory.h"

#include "audit_frame_walk.h"

_Static_assert(AUDIT_WALK_COUNT % AUDIT_WALK_PLACES == 0, "the places of a walk are in one group");

void audit_begin_memory(audit_walk_memory *memory, uint64_t owner, uintptr_t frame, uint64_t depth) {
  memory->owner = owner;
  memory->frame = frame;
  memory->depth = depth;
  memory->count = 0;
  memory->stack_id = 0;
  // The walk begins with these two.
  audit_note_read(memory, frame, *(const uint64_t *)frame);
  audit_note_read(memory, frame + 8, *(const uint64_t *)(frame + 8));
}

void audit_end_memory(audit_walk_memory *memory, uintptr_t frame, uint32_t stack_id) {
  // Another frame is that of a signal handler's access, which came between.
  memory->stack_id = memory->count <= AUDIT_WALK_READS && memory->frame == frame ? stack_id : 0;
}

uint32_t audit_match_walk(const audit_walk_memory *memory, uint64_t owner, uintptr_t frame, uint64_t depth) {
  if (memory->owner != owner || memory->frame != frame || memory->depth != depth) return 0;
  uint32_t id = memory->stack_id;
  uint64_t left = memory->count;
  if (id == 0 || left == 0) return id;
  // Every address lies above the frame, in the thread's own stack.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
  // A debug build does not optimise C.
  const void *read = memory->reads;
  uint64_t address, word;
  __asm__ volatile(
      "1:\n\t"
      "movq (%[read]), %[address]\n\t"
      "movq 8(%[read]), %[word]\n\t"
      "cmpq %[word], (%[address])\n\t"
      "jne 2f\n\t"
      "addq $16, %[read]\n\t"
      "decq %[left]\n\t"
      "jne 1b\n\t"
      "2:\n\t"
      : [read] "+r"(read), [left] "+r"(left), [address] "=&r"(address), [word] "=&r"(word)
      :
      : "cc", "memory");
  return left == 0 ? id : 0;
#else
  for (uint32_t i = 0; i < left; i++) {
    if (*(const uint64_t *)memory->reads[i].address != memory->reads[i].word) return 0;
  }
  return id;
#endif
}

// Where the search for a walk begins; the other places are in the same group.
static uint32_t first_place(uintptr_t frame) {
  return (uint32_t)((audit_return_address(frame) >> 2 ^ frame >> 5) % AUDIT_WALK_COUNT);
}

uint32_t audit_find_walk(const audit_walk_memory *walks, uint64_t owner, uintptr_t frame, uint64_t depth) {
  uint32_t first = first_place(frame);
  for (uint32_t i = 0; i < AUDIT_WALK_PLACES; i++) {
    uint32_t id = audit_match_walk(&walks[first ^ i], owner, frame, depth);
    if (id != 0) return id;
  }
  return 0;
}

audit_walk_memory *audit_place_of_walk(audit_walk_memory *walks, uint64_t owner, uintptr_t frame, uint64_t any) {
  uint32_t first = first_place(frame);
  for (uint32_t i = 0; i < AUDIT_WALK_PLACES; i++) {
    audit_walk_memory *memory = &walks[first ^ i];
    if (memory->owner != owner || memory->stack_id == 0) return memory;
  }
  return &walks[first ^ (any % AUDIT_WALK_PLACES)];
}

#endif
