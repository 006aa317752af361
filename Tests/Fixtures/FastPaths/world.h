// SPDX-License-Identifier: Apache-2.0
// What a case of the fast paths starts from and is compared by: the words that an access works on,
// the functions it may go on in, and a call of it that shows every register it must keep.
#ifndef FAST_PATHS_WORLD_H
#define FAST_PATHS_WORLD_H

#include <stdint.h>

#include "audit_chain_cache.h"
#include "audit_layout.h"
#include "audit_mode.h"
#include "audit_monitor.h"
#include "audit_state.h"
#include "audit_thread.h"

#define RING_SIZE 16
#define SLOT 7
#define SLOT_BITS ((uint64_t)SLOT << 48)
#define OTHER_BITS ((uint64_t)9 << 48)
// Frames above the innermost one that a call has at least.
#define DEEPEST 9

typedef struct {
  uint64_t words[32];
} recorder_words;

// A recorder's first part. The hazard pointers of nested accesses lie apart.
#define RECORDER_WORD(world, name) ((world)->recorder->words[AUDIT_RECORDER_##name / 8])

// Each part has pages of its own, so that one alone can be protected. A monitor lies across a
// border: its writer word on the first page, its bias on the second.
typedef struct {
  recorder_words *recorder;
  audit_monitor *monitor;
  audit_monitor *other;
  uint64_t (*ring)[4];
  void **variable;
  uint64_t *nested;
  audit_chain *chains;
} world;

enum part { RECORDER_PART, MONITOR_PART, BIAS_PART, RING_PART, VARIABLE_PART, PART_COUNT };

// The functions that an access may go on in.
enum target {
  NOWHERE,
  READ_FULLY,
  READ_CHANGED,
  READ_NESTED,
  READ_UNMATCHED,
  WRITE_FULLY,
  WRITE_CLAIMED,
  WRITE_SHARED,
  WRITE_UNMATCHED,
  WRITE_NESTED,
  WRITE_OCCUPIED,
  READ_OBSERVED,
  WRITE_OBSERVED,
  WRITE_SHARED_OBSERVED,
  WRITE_WALKING_OBSERVED,
  READ_SHIELDED,
  WRITE_SHIELDED,
  TARGET_COUNT
};

typedef struct {
  enum target target;
  uint64_t arguments[6];
} exit_taken;

// What a call left behind.
typedef struct {
  uint64_t results[4];
  uint64_t kept[24];    // registers that belong to the caller, behind the call
  uint64_t stack;       // the stack pointer, before and behind
  uint64_t stack_after;
  uint64_t frame;       // the frame pointer, before and behind
  uint64_t frame_after;
} outcome;

// Calls a fast path by Swift's convention, from a frame of its own. The first of `kept` are
// compared with `fast_path_pattern`.
void fast_path_call(void (*function)(void), uint64_t first, uint64_t second, outcome *outcome);
extern const char fast_path_return[];
extern const uint64_t fast_path_kept_count;
static inline uint64_t fast_path_pattern(uint64_t index) { return 0xA5A5000000000000ull + 0x1111 * (index + 1); }

void audit_open_read(void);
void audit_open_write(void);
void audit_open_moving_write(void);

extern world now;
extern exit_taken taken;
// Exits that came from another place than the call.
extern int strayed;

// Puts the usual state: auditing is on, the thread has a recorder, nothing is in progress, and the
// chain of the call is remembered with `depth` frames.
void begin_world(uint64_t depth);
// Makes the next access to a part a fault, once the world is prepared; makes all of them
// accessible.
void protect(enum part part, int protection);
void world_is_prepared(void);
void unprotect(void);

// The changes to be made at the next faults, in turn.
typedef void change(world *world);
void at_faults(change *const *changes);
int faults_left(void);

// The world's words, to be compared.
#define IMAGE_WORDS 1600
typedef struct {
  uint64_t words[IMAGE_WORDS];
} image;
void copy_world(image *copy);
// Applies a change to the copy instead of the world.
void change_copy(image *copy, change *change);
// Prints where the copies differ; tells whether they do.
int differ(const image *expected, const image *found, const char *name);

// Prepares the memory, once.
void make_world(void);
// Runs `body` on top of more frames than any chain of the cases has.
void run_deep(void (*body)(void));
// Before and behind a call of the read from which `begin_world` learns the chain with `depth`
// frames. The calls of the cases have to come from the same place.
void begin_calibration(uint64_t depth);
void end_calibration(void);

#endif
