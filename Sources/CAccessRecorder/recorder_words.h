// SPDX-License-Identifier: Apache-2.0
// The calling thread's recorder as C sees it: its words, the appending of records, the search for
// the stack of an access. The Swift struct `ThreadRecorder` owns the layout; `FastPathLayoutTests`
// compares. In C because a debug build does not optimise Swift. Nothing here allocates or locks.
#ifndef AUDIT_RECORDER_WORDS_H
#define AUDIT_RECORDER_WORDS_H

#include "audit_chain_cache.h"
#include "audit_frame_walk.h"
#include "audit_layout.h"
#include "audit_mode.h"
#include "audit_state.h"
#include "audit_thread.h"
#include "audit_unwind.h"

#define SWIFT __attribute__((swiftcall))

#define RECORDER(type, name) (*(type *)((char *)recorder + AUDIT_RECORDER_##name))
// A word of the recorder that the detector writes too.
#define RECORDER_SHARED(type, name) __atomic_load_n(&RECORDER(type, name), __ATOMIC_RELAXED)
// The place of a word of the process's state, and its value.
#define WORD_AT(name) (&audit_words[AUDIT_WORD_##name].value)
#define WORD(name) __atomic_load_n(WORD_AT(name), __ATOMIC_RELAXED)

// Inlined in a debug build too, where a call takes more than what these do.
#define INLINED __attribute__((always_inline)) static inline

// What a window is to Swift: four words, in four registers.
typedef struct {
  void *monitor;
  uint64_t version;
  void *hazard;
  uint64_t outer;
} audit_window;

// Whether the thread's accesses are delayed or hunted: the depth is marked.
static inline _Bool is_watched(const void *recorder) { return RECORDER_SHARED(uint32_t, DEPTH_MARK) != 0; }

// The ID of the stack above `frame`, if it is known and the chain of frames shows all of it, or if
// it is one that was walked before; 0 if neither, and where stacks are off. `is_chain` says which.
static inline uint32_t find_stack(void *recorder, uintptr_t frame, _Bool *is_chain) {
  uint64_t depth = RECORDER_SHARED(uint32_t, DEPTH);
  uintptr_t high = RECORDER(uintptr_t, STACK_HIGH);
  *is_chain = 1;
  if (depth == 0 || frame < RECORDER(uintptr_t, STACK_LOW) || frame >= high) return 0;
  uint64_t key = audit_hash_frames(frame, high, depth) & ~(uint64_t)1;
  uint64_t index = key >> 20 & 0xFFFF;
  // An entry is a hash and a place.
  if (__atomic_load_n(&RECORDER(uint64_t *, STACK_ENTRIES)[2 * index], __ATOMIC_RELAXED) == key) {
    return (uint32_t)index + 1;
  }
  *is_chain = 0;
  return audit_find_walk(RECORDER(audit_walk_memory *, WALKS), RECORDER(uint64_t, LIFE) >> 3, frame, depth);
}

// Appends a record, as AccessRing.append does. `operation` is the byte of the operation, with the
// flags above it, and then the label.
INLINED void append(void *recorder, uint64_t collection, uint64_t version, uint32_t stack, uint64_t operation) {
  uint64_t index = RECORDER(uint64_t, RING_HEAD);
  uint64_t *record = RECORDER(uint64_t *, RING_WORDS) + ((index & RECORDER(uint64_t, RING_MASK)) << 2);
  __atomic_store_n(record + 1, collection, __ATOMIC_RELEASE);
  __atomic_store_n(record + 2, version, __ATOMIC_RELEASE);
  __atomic_store_n(record + 3, stack | (uint64_t)audit_coarse_clock() << 32, __ATOMIC_RELEASE);
  __atomic_store_n(record, (index & 0xFFFFFFFFu) | operation << 32, __ATOMIC_RELEASE);
  __atomic_store_n(&RECORDER(uint64_t, RING_HEAD), index + 1, __ATOMIC_RELEASE);
}

// The window that is given to the program in the place of one that the thread has just recorded,
// where accesses are observed. `operation` has AUDIT_TRAFFIC_WRITING above its byte.
audit_window audit_observed_window(void *recorder, audit_window window, uint64_t operation);

#endif
