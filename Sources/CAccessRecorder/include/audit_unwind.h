// SPDX-License-Identifier: Apache-2.0
// Unwinding from a frame outwards. libunwind says for each return address how the caller's frame is
// found; what it said is remembered for the whole process, so that later walks ask nobody.
#ifndef AUDIT_UNWIND_H
#define AUDIT_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "audit_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

// Words of the stack that a remembered walk has read at most.
#define AUDIT_WALK_READS AUDIT_WALK_NOTES
// Walks remembered for each thread, and in how many places one of them may be.
#define AUDIT_WALK_COUNT 32
#define AUDIT_WALK_PLACES 4

// A walk that was made before. It depends on nothing but the words that it read of the stack: where
// all of them are there again, it would end with the same addresses.
typedef struct {
  uint64_t owner;  // of the recorder, when the walk was made; 0 while nothing is remembered
  uint64_t frame;
  uint64_t depth;
  uint32_t stack_id;  // 0 while the walk is being made, and when it read too much
  uint32_t count;     // words read
  struct {
    uint64_t address;
    uint64_t word;
  } reads[AUDIT_WALK_READS];
} audit_walk_memory;

// A walk: the frame it has come to, the bounds of the stack, and the words it has read of another
// one.
typedef struct {
  audit_walk_memory *memory;  // where the words are noted that the walk reads; NULL: nowhere
  uint64_t pc;  // a return address
  uint64_t sp;  // of the frame that it returns to
  uint64_t fp;
  uint64_t low;
  uint64_t high;  // 0: the bounds are unknown, and the kernel is asked for every part of the stack
  // Where `fp` was read, until it is noted: code without a frame pointer keeps whatever it likes
  // there, and what no frame is found by says nothing of the stack. 0: it is noted.
  uint64_t fp_place;
  uint64_t part;  // the address of `words`; 0 while there are none
  uint64_t words[64];
} audit_walk;

// Why a walk stopped.
#define AUDIT_WALK_ENDED 0     // at the outermost frame, or with as many addresses as were asked for
#define AUDIT_WALK_UNKNOWN 1   // nobody has asked about the walk's `pc` yet: audit_learn_frame, then walk on
#define AUDIT_WALK_UNUSUAL 2   // only libunwind can go on: audit_walk_with_libunwind

// Prepares what walks need, once; later calls do nothing. Allocates.
void audit_prepare_walks(void);

// Whether walks are possible: where there is no `_dl_find_object` (glibc before 2.35), or on
// another processor than x86-64, they are not.
bool audit_can_walk(void);

// Begins a walk with the caller of the function whose frame pointer is `frame`. Bounds of 0 are
// unknown ones.
void audit_begin_walk(audit_walk *walk, uintptr_t frame, uintptr_t low, uintptr_t high);

// The stack that a walk from the frame led to, when it is one of the thread's remembered walks; 0
// when it is none. One call may be reached in several ways in turn, as a parser's callbacks reach
// what they share.
uint32_t audit_find_walk(const audit_walk_memory *walks, uint64_t owner, uintptr_t frame, uint64_t depth);

// Where a walk from the frame is to be remembered: in a free place, or, when
// there is none, in the one that the number `any` selects.
audit_walk_memory *audit_place_of_walk(audit_walk_memory *walks, uint64_t owner, uintptr_t frame, uint64_t any);

// Begins to remember the walk from `frame`, which is not known yet.
void audit_begin_memory(audit_walk_memory *memory, uint64_t owner, uintptr_t frame, uint64_t depth);

// Remembers that the walk from `frame` led to a stack, unless it read too much.
void audit_end_memory(audit_walk_memory *memory, uintptr_t frame, uint32_t stack_id);

// The stack that the remembered walk led to; 0 when it is another one's, or the stack has changed.
uint32_t audit_match_walk(const audit_walk_memory *memory, uint64_t owner, uintptr_t frame, uint64_t depth);

// Adds return addresses to `addresses`, which has `*count` of at most `capacity`; says why it
// stopped. Takes no lock and allocates nothing.
int32_t audit_walk_on(audit_walk *walk, uint64_t *addresses, int32_t *count, int32_t capacity);

// The whole walk of a stack with known bounds, where nobody has to be asked: the number of
// addresses, or -1, and then nothing was noted.
int32_t audit_walk_known(
    uint64_t *addresses, uintptr_t frame, uintptr_t low, uintptr_t high, int32_t capacity, audit_walk_memory *memory);

// Asks libunwind about the walk's `pc`: 3 to 5 µs. Tells whether the answer could be remembered;
// there is room for 12,288, and without it nothing is asked. Neither the loader's lock nor any of
// the program's is taken, and nothing is allocated; inside libunwind a mutex of its own is held for
// some instructions.
bool audit_learn_frame(const audit_walk *walk);

// Lets libunwind walk the rest, in the same way: 3 µs a frame.
void audit_walk_with_libunwind(audit_walk *walk, uint64_t *addresses, int32_t *count, int32_t capacity);

// Addresses that libunwind was asked about.
uint64_t audit_frames_learnt(void);

// Where there are no walks. Fills `addresses` with at most `capacity` return addresses of the
// calling thread, innermost first; returns how many. Allocates at a thread's first call
// (libunwind's own cache), and takes the loader's lock for an address that it has not seen.
int32_t audit_unwind(uint64_t *addresses, int32_t capacity);

#ifdef __cplusplus
}
#endif

#endif
