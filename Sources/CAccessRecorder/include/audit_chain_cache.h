// SPDX-License-Identifier: Apache-2.0
// The chains a thread walked last, compared instead of walked: their frames' addresses are known,
// so the loads do not wait for one another as those of a walk do. The assembly of the fast paths
// compares too. What frames hold is remembered as it lies there, with the signatures that arm64 may
// have given return addresses: where a frame is the same, they are. Only the innermost return
// address is remembered without, because the assembly has it in a register.
#ifndef AUDIT_CHAIN_CACHE_H
#define AUDIT_CHAIN_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "audit_frame_walk.h"
#include "audit_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

// Longer chains are walked each time.
#define AUDIT_CHAIN_CAPACITY 32
// Chains remembered for each thread, by the return address of the innermost frame.
#define AUDIT_CHAIN_COUNT 8

// What a frame holds.
typedef struct {
  uint64_t saved_frame;
  uint64_t return_address;
} audit_frame_words;

// One remembered chain: its innermost frame, whose parts an access has at hand, and the frames
// above it. Where one of those lies is what the frame below it has saved.
typedef struct {
  uint64_t stack_id;
  uint64_t depth;           // the depth it was walked with
  uint64_t frame;           // where the innermost frame lies; 0 while the entry is empty
  uint64_t return_address;  // its words
  uint64_t caller;
  uint64_t count_above;  // frames above it
  uint64_t candidate;  // the stack seen here last: one that is seen twice running is remembered
  uint64_t unused;
  audit_frame_words words[AUDIT_CHAIN_CAPACITY];
} audit_chain;

_Static_assert(offsetof(audit_chain, stack_id) == AUDIT_CHAIN_STACK_ID, "layout");
_Static_assert(offsetof(audit_chain, depth) == AUDIT_CHAIN_DEPTH, "layout");
_Static_assert(offsetof(audit_chain, frame) == AUDIT_CHAIN_FRAME, "layout");
_Static_assert(offsetof(audit_chain, return_address) == AUDIT_CHAIN_RETURN_ADDRESS, "layout");
_Static_assert(offsetof(audit_chain, caller) == AUDIT_CHAIN_CALLER, "layout");
_Static_assert(offsetof(audit_chain, count_above) == AUDIT_CHAIN_COUNT_ABOVE, "layout");
_Static_assert(offsetof(audit_chain, words) == AUDIT_CHAIN_WORDS && AUDIT_CHAIN_WORDS % 16 == 0, "layout");
_Static_assert(sizeof(audit_chain) == AUDIT_CHAIN_SIZE && AUDIT_CHAIN_SIZE % 16 == 0, "layout");

// The entry for accesses made at the given return address. The assembly computes it too.
__attribute__((always_inline)) static inline uint64_t audit_chain_index(uint64_t return_address) {
  return ((return_address >> 2) ^ (return_address >> 7)) & (AUDIT_CHAIN_COUNT - 1);
}

// Whether an entry's innermost frame may be the one at `frame`. On x86-64 a return address lies at
// a place that the call alone decides, and the frame begins beside it. On arm64 each function puts
// its frame where it likes, and one call leads to any of several: there the frame's place says
// nothing, and what it holds is compared.
#if defined(__aarch64__)
#define audit_may_be_frame(chain, address) ((void)(address), (chain)->frame != 0)
#else
#define audit_may_be_frame(chain, address) ((chain)->frame == (address))
#endif

// The stack ID of the chain that begins at `frame`, if it is the remembered one, frame by frame; 0
// otherwise.
static inline uint32_t audit_match_chain(const audit_chain *chain, uintptr_t frame, uint64_t depth) {
  if (!audit_may_be_frame(chain, frame) || chain->depth != depth) return 0;
  const audit_frame_words *innermost = (const audit_frame_words *)frame;
  if (audit_plain_return_address(innermost->return_address) != chain->return_address ||
      innermost->saved_frame != chain->caller) {
    return 0;
  }
  uint64_t address = chain->caller;
  for (uint64_t i = 0; i < chain->count_above; i++) {
    const audit_frame_words *words = (const audit_frame_words *)address;
    if (words->saved_frame != chain->words[i].saved_frame || words->return_address != chain->words[i].return_address) {
      return 0;
    }
    address = words->saved_frame;
  }
  return (uint32_t)chain->stack_id;
}

// Remembers the chain that begins at `frame`, walked as `audit_hash_frames` walks it, as the stack
// `stack_id`; at its second sight running, so that many call sites in turn do not push one another
// out at each access.
static inline void audit_remember_chain(
    audit_chain *chain, uintptr_t frame, uintptr_t high, uint64_t depth, uint32_t stack_id) {
  if (chain->candidate != stack_id) {
    chain->candidate = stack_id;
    return;
  }
  chain->frame = 0;
  const audit_frame_words *innermost = (const audit_frame_words *)frame;
  uint64_t count = 0;
  uintptr_t last = frame;
  uintptr_t next = innermost->saved_frame;
  while (count + 1 < depth && next <= high - 16 && next > last && (next & 7) == 0) {
    if (count == AUDIT_CHAIN_CAPACITY) return;
    chain->words[count] = *(const audit_frame_words *)next;
    last = next;
    next = chain->words[count].saved_frame;
    count++;
  }
  chain->stack_id = stack_id;
  chain->depth = depth;
  chain->return_address = audit_plain_return_address(innermost->return_address);
  chain->caller = innermost->saved_frame;
  chain->count_above = count;
  chain->frame = frame;
}

#ifdef __cplusplus
}
#endif

#endif
