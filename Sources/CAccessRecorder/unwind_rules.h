// SPDX-License-Identifier: Apache-2.0
// What libunwind said of return addresses, remembered for the whole process: how the frame that an
// address returns to is left. Lock-free; nothing here allocates, but for the mapping.
#ifndef AUDIT_UNWIND_RULES_H
#define AUDIT_UNWIND_RULES_H

#include <stdint.h>

#include "audit_layout.h"

// A rule: where the caller's stack pointer and frame pointer are found.
//
//     bit 63 … 48   the image, as it was: a library may be unloaded, and another one loaded in its place
//     bit 47 … 24   the caller's stack pointer, from the base, in words; signed
//     bit 23 … 4    where the caller's frame pointer is saved, from its stack pointer, in words; signed
//     bit 3         set when the frame pointer is saved; otherwise the caller has the same
//     bit 2         the base: the stack pointer, or, when set, the frame pointer
//     bit 1 … 0     the kind; 0 is no rule
#define RULE_REGULAR AUDIT_RULE_REGULAR  // the return address lies below the caller's stack pointer
#define RULE_UNUSUAL 2u  // libunwind has to do it each time
#define RULE_END 3u      // the outermost frame

static inline uint64_t rule_kind(uint64_t rule) { return rule & 3; }
static inline _Bool rule_has_frame_base(uint64_t rule) { return (rule >> 2) & 1; }
static inline _Bool rule_saves_frame(uint64_t rule) { return (rule >> 3) & 1; }
static inline int64_t rule_offset(uint64_t rule) { return ((int64_t)(rule << 16) >> 40) * 8; }
static inline int64_t rule_frame_offset(uint64_t rule) { return ((int64_t)(rule << 40) >> 44) * 8; }
static inline uint64_t rule_image(uint64_t rule) { return rule >> 48; }

// 0 when the numbers do not fit.
static inline uint64_t make_rule(_Bool has_frame_base, int64_t offset, _Bool saves_frame, int64_t frame_offset) {
  if ((offset & 7) != 0 || (frame_offset & 7) != 0) return 0;
  if (offset / 8 >= 1 << 23 || offset / 8 < -(1 << 23)) return 0;
  if (frame_offset / 8 >= 1 << 19 || frame_offset / 8 < -(1 << 19)) return 0;
  return ((uint64_t)(offset / 8) & 0xFFFFFF) << 24 | ((uint64_t)(frame_offset / 8) & 0xFFFFF) << 4 |
         (uint64_t)saves_frame << 3 | (uint64_t)has_frame_base << 2 | RULE_REGULAR;
}

// An entry of the table: an address, claimed once, and the rule, which may be replaced.
typedef struct {
  uint64_t address;
  uint64_t rule;
} rule_entry;

#define RULE_ENTRIES (uint32_t)AUDIT_RULE_ENTRIES
#define RULE_LIMIT (RULE_ENTRIES / 4 * 3)
#define RULE_PROBES (uint32_t)AUDIT_RULE_PROBES

static inline uint64_t first_probe(uint64_t address) { return (address * AUDIT_RULE_MULTIPLIER) >> AUDIT_RULE_SHIFT; }

// The rule for an address; 0 when there is none.
static inline uint64_t find_rule(rule_entry *entries, uint64_t address) {
  uint64_t index = first_probe(address);
  for (uint32_t i = 0; i < RULE_PROBES; i++) {
    rule_entry *entry = &entries[(index + i) & (RULE_ENTRIES - 1)];
    uint64_t present = __atomic_load_n(&entry->address, __ATOMIC_RELAXED);
    if (present == address) return __atomic_load_n(&entry->rule, __ATOMIC_RELAXED);
    if (present == 0) return 0;
  }
  return 0;
}

// Remembers a rule, in place of the one there is; tells whether there was room. A rule is one word,
// so nothing else has to be seen with it.
static inline _Bool remember_rule(rule_entry *entries, uint64_t *used, uint64_t address, uint64_t rule) {
  uint64_t index = first_probe(address);
  for (uint32_t i = 0; i < RULE_PROBES; i++) {
    rule_entry *entry = &entries[(index + i) & (RULE_ENTRIES - 1)];
    uint64_t present = __atomic_load_n(&entry->address, __ATOMIC_RELAXED);
    if (present == 0) {
      if (__atomic_load_n(used, __ATOMIC_RELAXED) >= RULE_LIMIT) return 0;
      if (__atomic_compare_exchange_n(&entry->address, &present, address, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        __atomic_fetch_add(used, 1, __ATOMIC_RELAXED);
        present = address;
      }
    }
    if (present == address) {
      __atomic_store_n(&entry->rule, rule, __ATOMIC_RELAXED);
      return 1;
    }
  }
  return 0;
}

#endif
