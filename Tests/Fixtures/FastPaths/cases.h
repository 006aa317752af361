// SPDX-License-Identifier: Apache-2.0
// The table of cases of the fast paths: one for both architectures.
#ifndef FAST_PATHS_CASES_H
#define FAST_PATHS_CASES_H

#include "world.h"

enum access { READ, WRITE, MOVING_WRITE };

// What the access is expected to leave behind, beside the changes that the case itself makes.
enum {
  RECORDED = 1,   // a record in the ring
  PUBLISHED = 2,  // the access in its hazard pointer
  CLAIMED = 4,    // the writer word is the thread's
  OPENED = 8,     // CLAIMED, and the version is odd
  BIASED = 16,    // the bias is the thread's
};

#define OPERATION 0x2B
#define KNOWN_STACK 4242

typedef struct {
  const char *name;
  enum access access;
  change *before;          // from the usual state to that of the case
  change *const *faults;   // what other threads do meanwhile
  enum target target;
  int left;
  uint64_t stack;          // in the record
  uint64_t owner;          // told to `audit_open_write_claimed`
  uint64_t tag;            // in the address that the access is called with
} fast_case;

extern const fast_case fast_cases[];
extern const int fast_case_count;

#endif
