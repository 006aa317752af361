// SPDX-License-Identifier: Apache-2.0
// The world of a case: its memory, what happens at a fault, and the functions that an access may go
// on in, which only say how they were called.
#define _GNU_SOURCE
#include "world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "audit_thread.h"

// Larger than the pages of any machine.
#define PART_SIZE ((size_t)65536)

world now;
exit_taken taken;
int strayed;

__attribute__((aligned(64))) int32_t audit_mode_word;
__attribute__((aligned(64))) uint32_t audit_coarse_clock_word;
audit_word_line audit_words[AUDIT_WORD_COUNT];
__thread void *audit_thread_recorder_slot __attribute__((tls_model("initial-exec")));

static char *parts;
// Changes are being applied to a copy.
static int is_copy;
// Until the world is prepared, nothing is protected.
static int is_prepared;
static enum part waiting_part;
static int waiting_protection;
static change *const *changes;
// The chain of a call, walked with each depth.
static audit_chain known_chains[DEEPEST + 2];
static uint64_t calibrated_depth;

// MARK: - Memory

static void protect_now(enum part part, int protection) {
  if (mprotect(parts + part * PART_SIZE, PART_SIZE, protection) != 0) abort();
}

void protect(enum part part, int protection) {
  if (is_copy) return;
  if (is_prepared) {
    protect_now(part, protection);
  } else {
    waiting_part = part;
    waiting_protection = protection;
  }
}

void world_is_prepared(void) {
  is_prepared = 1;
  if (waiting_part != PART_COUNT) protect_now(waiting_part, waiting_protection);
}

void unprotect(void) {
  if (mprotect(parts, PART_COUNT * PART_SIZE, PROT_READ | PROT_WRITE) != 0) abort();
}

void at_faults(change *const *next) { changes = next; }

int faults_left(void) {
  int count = 0;
  while (changes != NULL && changes[count] != NULL) count++;
  return count;
}

static void fault(int number) {
  if (faults_left() == 0) {
    signal(number, SIG_DFL);
    return;
  }
  unprotect();
  (*changes++)(&now);
}

void make_world(void) {
  parts = mmap(NULL, (PART_COUNT + 1) * PART_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (parts == MAP_FAILED) abort();
  parts = (char *)(((uintptr_t)parts + PART_SIZE - 1) & ~(PART_SIZE - 1));
  now.recorder = (recorder_words *)(parts + RECORDER_PART * PART_SIZE);
  now.monitor = (audit_monitor *)(parts + BIAS_PART * PART_SIZE - 48);
  now.other = (audit_monitor *)(parts + VARIABLE_PART * PART_SIZE + 256);
  now.ring = (uint64_t(*)[4])(parts + RING_PART * PART_SIZE);
  now.variable = (void **)(parts + VARIABLE_PART * PART_SIZE);
  now.nested = (uint64_t *)(parts + VARIABLE_PART * PART_SIZE + 512);
  now.chains = (audit_chain *)(parts + VARIABLE_PART * PART_SIZE + 1024);
  struct sigaction action = {.sa_handler = fault};
  sigaction(SIGSEGV, &action, NULL);
}

void begin_world(uint64_t depth) {
  unprotect();
  is_prepared = 0;
  waiting_part = PART_COUNT;
  changes = NULL;
  memset(parts, 0x5A, PART_COUNT * PART_SIZE);
  memset(now.nested, 0, 8 * 8);
  memset(now.chains, 0, AUDIT_CHAIN_COUNT * sizeof *now.chains);
  RECORDER_WORD(&now, HAZARD) = 0;
  RECORDER_WORD(&now, RING_HEAD) = 0x300000005ull;
  RECORDER_WORD(&now, RING_WORDS) = (uint64_t)(uintptr_t)now.ring;
  RECORDER_WORD(&now, RING_MASK) = RING_SIZE - 1;
  RECORDER_WORD(&now, SLOT_BITS) = SLOT_BITS;
  RECORDER_WORD(&now, DEPTH) = depth;
  RECORDER_WORD(&now, CHAINS) = (uint64_t)(uintptr_t)now.chains;
  RECORDER_WORD(&now, CLAIMING) = 0;
  RECORDER_WORD(&now, SLOT) = SLOT;
  RECORDER_WORD(&now, NESTED_HAZARDS) = (uint64_t)(uintptr_t)now.nested;
  *now.monitor = (audit_monitor){
      .counts = 3, .version = OTHER_BITS | 0x1230, .writer = 0, .id = OTHER_BITS | 77, .bias = AUDIT_BIAS_NONE};
  *now.other = *now.monitor;
  *now.variable = now.monitor;
  uint64_t return_address = (uint64_t)(uintptr_t)fast_path_return;
  if (depth > 0 && depth <= DEEPEST + 1) now.chains[audit_chain_index(return_address)] = known_chains[depth];
  audit_mode_word = AUDIT_MODE_ON;
  audit_coarse_clock_word = 0x80000123;
  audit_words[AUDIT_WORD_BARRIERS_REFUSED].value = 0;
  audit_thread_recorder_slot = now.recorder;
  taken = (exit_taken){NOWHERE, {0}};
}

// MARK: - Comparison

// The parts of the world that an access may touch, one behind the other.
static size_t visit(image *copy, int is_store) {
  struct {
    void *begin;
    size_t size;
  } pieces[] = {
      {now.recorder, sizeof *now.recorder}, {now.monitor, sizeof *now.monitor}, {now.other, sizeof *now.other},
      {now.ring, RING_SIZE * sizeof *now.ring}, {now.variable, sizeof *now.variable}, {now.nested, 64},
      {now.chains, AUDIT_CHAIN_COUNT * sizeof *now.chains}, {audit_words, sizeof audit_words},
  };
  char *target = (char *)copy->words;
  size_t total = 0;
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    if (total + pieces[i].size > sizeof copy->words) abort();
    if (is_store) {
      memcpy(pieces[i].begin, target + total, pieces[i].size);
    } else {
      memcpy(target + total, pieces[i].begin, pieces[i].size);
    }
    total += pieces[i].size;
  }
  return total;
}

void copy_world(image *copy) {
  memset(copy, 0, sizeof *copy);
  visit(copy, 0);
}

void change_copy(image *copy, change *change) {
  image present;
  copy_world(&present);
  visit(copy, 1);
  is_copy = 1;
  change(&now);
  is_copy = 0;
  copy_world(copy);
  visit(&present, 1);
}

int differ(const image *expected, const image *found, const char *name) {
  int count = 0;
  for (size_t i = 0; i < IMAGE_WORDS; i++) {
    if (expected->words[i] == found->words[i]) continue;
    if (count++ < 4) {
      printf(
          "%s: word %zu is %016llx, expected %016llx\n", name, i, (unsigned long long)found->words[i],
          (unsigned long long)expected->words[i]);
    }
  }
  return count != 0;
}

// MARK: - Frames

__attribute__((noinline)) static void nest(int depth, void (*body)(void)) {
  if (depth == 0) {
    body();
  } else {
    nest(depth - 1, body);
  }
  // Behind the call, so that it is no jump.
  __asm__ volatile("");
}

void run_deep(void (*body)(void)) { nest(DEEPEST + 2, body); }

void begin_calibration(uint64_t depth) {
  begin_world(DEEPEST + 2);
  RECORDER_WORD(&now, DEPTH) = depth;
  calibrated_depth = depth;
}

void end_calibration(void) {
  if (taken.target != READ_UNMATCHED || known_chains[calibrated_depth].count_above + 1 != calibrated_depth) {
    printf("the chain of a call cannot be walked\n");
    exit(1);
  }
  calibrated_depth = 0;
}

// MARK: - Exits

#define SWIFT __attribute__((swiftcall))

typedef struct {
  uint64_t words[4];
} window;

// What each returns, so that the call shows that nothing came in between.
static window leave(
    enum target target, uintptr_t frame, uintptr_t return_address, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
    uint64_t f) {
  taken = (exit_taken){target, {a, b, c, d, e, f}};
  if (audit_plain_return_address(return_address) != (uintptr_t)fast_path_return) strayed++;
  if (calibrated_depth != 0) {
    audit_chain *chain = &known_chains[calibrated_depth];
    memset(chain, 0, sizeof *chain);
    for (int sight = 0; sight < 2; sight++) {
      audit_remember_chain(chain, frame, UINTPTR_MAX, calibrated_depth, 4242);
    }
  }
  return (window){{0xE0 + target, 0xE1, 0xE2, 0xE3}};
}

#define EXIT(name, target)                                                                                   \
  SWIFT window name(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);                 \
  SWIFT window name(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f) {                \
    return leave(                                                                                            \
        target, (uintptr_t)__builtin_frame_address(0), audit_return_address((uintptr_t)__builtin_frame_address(0)), a, b, \
        c, d, e, f);                                                                                         \
  }

EXIT(audit_open_read_fully, READ_FULLY)
EXIT(audit_open_read_changed, READ_CHANGED)
EXIT(audit_open_read_nested, READ_NESTED)
EXIT(audit_open_read_unmatched, READ_UNMATCHED)
EXIT(audit_open_write_fully, WRITE_FULLY)
EXIT(audit_open_write_claimed, WRITE_CLAIMED)
EXIT(audit_open_write_shared, WRITE_SHARED)
EXIT(audit_open_write_unmatched, WRITE_UNMATCHED)
EXIT(audit_open_write_nested, WRITE_NESTED)
EXIT(audit_open_write_occupied, WRITE_OCCUPIED)
EXIT(audit_open_read_observed, READ_OBSERVED)
EXIT(audit_open_write_observed, WRITE_OBSERVED)
EXIT(audit_open_write_shared_observed, WRITE_SHARED_OBSERVED)
EXIT(audit_open_write_walking_observed, WRITE_WALKING_OBSERVED)
EXIT(audit_open_read_shielded, READ_SHIELDED)
EXIT(audit_open_write_shielded, WRITE_SHIELDED)
