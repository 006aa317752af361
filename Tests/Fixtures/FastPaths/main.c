// SPDX-License-Identifier: Apache-2.0
// Runs every case of the table, each with chains of several depths, and says what was not as
// expected.
// Usage: fast-paths [--signed]: return addresses have to be signed. fast-paths --count CASE CALLS:
// so many calls of one case, for a count of instructions.
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Of one case: the state before, and the one that is expected behind it.
static struct {
  const fast_case *what;
  uint64_t depth;
  uint64_t first;
  uint64_t version;   // before
  uint64_t argument;  // the version that the exit is told
  image expected;
  outcome outcome;
} run;

static int failures, performed;
static int met_signature;

static void fail(const char *what, uint64_t found, uint64_t expected) {
  printf(
      "%s, %llu frames: %s is %llx, expected %llx\n", run.what->name, (unsigned long long)run.depth, what,
      (unsigned long long)found, (unsigned long long)expected);
  failures++;
}

// MARK: - Expectations

static uint64_t opened_version(void) { return (run.version & 0x0000FFFFFFFFFFFEull) | SLOT_BITS | 1; }

static void leave_record(world *w) {
  uint64_t head = RECORDER_WORD(w, RING_HEAD);
  uint64_t *record = w->ring[head % RING_SIZE];
  int is_write = run.what->access != READ;
  record[0] = (head & 0xFFFFFFFF) | (uint64_t)OPERATION << 32 | (is_write ? 1ull << 40 : 0);
  record[1] = w->monitor->id;
  record[2] = is_write ? opened_version() : run.version;
  record[3] = run.what->stack | (uint64_t)audit_coarse_clock_word << 32;
  RECORDER_WORD(w, RING_HEAD) = head + 1;
}

static void leave(world *w) {
  int left = run.what->left;
  uint64_t monitor = (uint64_t)(uintptr_t)w->monitor;
  if (left & RECORDED) leave_record(w);
  if (left & (CLAIMED | OPENED)) w->monitor->writer = (uint64_t)(uintptr_t)w->variable | SLOT_BITS;
  if (left & OPENED) w->monitor->version = opened_version();
  if (left & BIASED) w->monitor->bias = SLOT;
  if (left & PUBLISHED) {
    switch (run.what->access) {
      case READ: RECORDER_WORD(w, HAZARD) = monitor; break;
      case WRITE: RECORDER_WORD(w, HAZARD) = monitor | 1; break;
      case MOVING_WRITE: w->nested[0] = monitor | 3; break;
    }
  }
}

static void check_arguments(void) {
  const uint64_t *found = taken.arguments;
  uint64_t monitor = (uint64_t)(uintptr_t)now.monitor;
  uint64_t operation = found[1] & 0xFF;
  uint64_t expected[6];
  int count = 2;
  expected[0] = monitor;
  expected[1] = OPERATION;
  switch (run.what->target) {
    case READ_FULLY:
    case WRITE_FULLY: expected[0] = run.first; break;
    case READ_SHIELDED:
    case WRITE_SHIELDED:
      expected[0] = run.first;
      operation = found[1];
      break;
    case READ_UNMATCHED: operation = found[1]; break;
    case READ_CHANGED:
    case READ_NESTED:
      operation = found[1];
      expected[2] = run.version;
      count = 3;
      break;
    case WRITE_UNMATCHED:
      operation = found[1];
      expected[1] = OPERATION | (run.what->access == MOVING_WRITE ? 256 : 0);
      expected[2] = opened_version();
      count = 3;
      break;
    case READ_OBSERVED:
      operation = found[1];
      expected[2] = KNOWN_STACK;
      expected[3] = (uint64_t)(uintptr_t)now.recorder;
      count = 4;
      break;
    case WRITE_OBSERVED:
      operation = found[1];
      expected[1] = OPERATION | AUDIT_RECORD_WRITING << 8;
      expected[2] = opened_version();
      expected[3] = (uint64_t)(uintptr_t)now.recorder;
      expected[4] = KNOWN_STACK;
      expected[5] = run.what->access == MOVING_WRITE;
      count = 6;
      break;
    case WRITE_WALKING_OBSERVED:
      operation = found[1];
      expected[2] = opened_version();
      count = 3;
      break;
    case WRITE_NESTED:
    case WRITE_OCCUPIED:
      operation = OPERATION;  // unused
      expected[2] = opened_version();
      count = 3;
      break;
    case WRITE_CLAIMED:
    case WRITE_SHARED:
    case WRITE_SHARED_OBSERVED:
      expected[0] = run.first;
      expected[2] = monitor;
      expected[3] = run.version;
      expected[4] = run.what->target == WRITE_CLAIMED ? run.what->owner : (uint64_t)(uintptr_t)now.recorder;
      count = 5;
      break;
    default: count = 0;
  }
  for (int i = 0; i < count; i++) {
    uint64_t present = i == 1 ? operation : found[i];
    if (present != expected[i]) fail("an argument", present, expected[i]);
  }
  _Bool is_shared = run.what->target == WRITE_SHARED || run.what->target == WRITE_SHARED_OBSERVED;
  if (is_shared && (uint32_t)found[5] != (run.what->access == MOVING_WRITE)) {
    fail("whether it may move", found[5], run.what->access == MOVING_WRITE);
  }
}

static void check_results(void) {
  uint64_t monitor = (uint64_t)(uintptr_t)now.monitor;
  uint64_t recorder = (uint64_t)(uintptr_t)now.recorder;
  uint64_t hazard = run.what->access == MOVING_WRITE ? (uint64_t)(uintptr_t)now.nested : recorder;
  uint64_t version = run.what->access == READ ? run.version : opened_version();
  uint64_t window[4] = {monitor, version, hazard, 0};
  uint64_t passed_on[4] = {0xE0 + (uint64_t)run.what->target, 0xE1, 0xE2, 0xE3};
  const uint64_t *expected = run.what->target == NOWHERE ? window : passed_on;
  for (int i = 0; i < 4; i++) {
    if (run.outcome.results[i] != expected[i]) fail("a result", run.outcome.results[i], expected[i]);
  }
  for (uint64_t i = 0; i < fast_path_kept_count; i++) {
    if (run.outcome.kept[i] != fast_path_pattern(i)) fail("a register", run.outcome.kept[i], fast_path_pattern(i));
  }
  if (run.outcome.stack_after != run.outcome.stack) fail("the stack pointer", run.outcome.stack_after, run.outcome.stack);
  if (run.outcome.frame_after != run.outcome.frame) fail("the frame pointer", run.outcome.frame_after, run.outcome.frame);
}

// MARK: - Runs

static void (*const functions[])(void) = {audit_open_read, audit_open_write, audit_open_moving_write};
// The call to be made next: of a case, or to learn a chain.
static void (*function)(void);

static void prepare(const fast_case *what, uint64_t depth) {
  run.what = what;
  run.depth = depth;
  begin_world(depth);
  what->before(&now);
  run.version = now.monitor->version;
  at_faults(what->faults);
  copy_world(&run.expected);
  for (int i = 0; what->faults != NULL && what->faults[i] != NULL; i++) change_copy(&run.expected, what->faults[i]);
  change_copy(&run.expected, leave);
  run.first = (uint64_t)(uintptr_t)(what->access == READ ? (void *)now.monitor : (void *)now.variable) | what->tag;
  function = functions[what->access];
  strayed = 0;
}

static void check(void) {
  unprotect();
  image found;
  copy_world(&found);
  performed++;
  if (taken.target != run.what->target) {
    fail("the exit", taken.target, run.what->target);
    return;
  }
  if (faults_left() != 0) fail("the number of faults left", (uint64_t)faults_left(), 0);
  if (strayed != 0) fail("exits from elsewhere", (uint64_t)strayed, 0);
  if (differ(&run.expected, &found, run.what->name)) failures++;
  check_arguments();
  check_results();
}

// What is to be called, in turn. All calls come from one place, so that their chains are one.
typedef struct {
  const fast_case *what;  // NULL: the chain with `depth` frames is learnt
  uint64_t depth;
  int wrong_word;  // of the remembered frames, the one that is made another; -1: none
} planned;

static planned *plan;
static size_t plan_count, plan_capacity;

static void add(const fast_case *what, uint64_t depth, int wrong_word) {
  if (plan_count == plan_capacity) {
    plan_capacity = 2 * plan_capacity + 64;
    plan = realloc(plan, plan_capacity * sizeof *plan);
    if (plan == NULL) abort();
  }
  plan[plan_count++] = (planned){what, depth, wrong_word};
}

static audit_chain *entry(void) { return &now.chains[audit_chain_index((uint64_t)(uintptr_t)fast_path_return)]; }

static void prepare_planned(const planned *next) {
  if (next->what == NULL) {
    begin_calibration(next->depth);
    function = audit_open_read;
    run.first = (uint64_t)(uintptr_t)now.monitor;
    return;
  }
  prepare(next->what, next->depth);
  for (uint64_t i = 0; i + 1 < next->depth; i++) {
    uint64_t word = entry()->words[i].return_address;
    if (word != audit_plain_return_address(word)) met_signature = 1;
  }
  if (next->wrong_word < 0) return;
  // Where a frame lies, another address that can be read.
  uint64_t *word = (uint64_t *)entry()->words + next->wrong_word;
  *word = next->wrong_word % 2 == 0 ? (uint64_t)(uintptr_t)now.ring : *word ^ 8;
  copy_world(&run.expected);
  change_copy(&run.expected, leave);
}

static void run_plan(void) {
  for (size_t i = 0; i < plan_count; i++) {
    prepare_planned(&plan[i]);
    world_is_prepared();
    fast_path_call(function, run.first, 0xFFFFFFFFFFFFFF00ull | OPERATION, &run.outcome);
    if (plan[i].what == NULL) {
      end_calibration();
    } else {
      check();
    }
  }
}

// MARK: - Plans

static const fast_case *find_case(const char *name) {
  for (int i = 0; i < fast_case_count; i++) {
    if (strcmp(fast_cases[i].name, name) == 0) return &fast_cases[i];
  }
  printf("there is no case %s\n", name);
  exit(1);
}

static void plan_everything(void) {
  for (uint64_t depth = 1; depth <= DEEPEST + 1; depth++) {
    for (int i = 0; i < fast_case_count; i++) add(&fast_cases[i], depth, -1);
  }
  // Each word of each remembered frame is wrong once.
  static const char *const matching[] = {"READ: usual", "WRITE: usual", "MOVING_WRITE: usual"};
  static fast_case forged[3];
  for (int m = 0; m < 3; m++) {
    forged[m] = *find_case(matching[m]);
    forged[m].name = "a chain with another word";
    forged[m].target = forged[m].access == READ ? READ_UNMATCHED : WRITE_UNMATCHED;
    forged[m].left = forged[m].access == READ ? 0 : OPENED;
    for (uint64_t depth = 2; depth <= DEEPEST + 1; depth++) {
      for (int word = 0; word < 2 * (int)(depth - 1); word++) add(&forged[m], depth, word);
    }
  }
}

int main(int count, char **arguments) {
  make_world();
  for (uint64_t depth = 1; depth <= DEEPEST + 1; depth++) add(NULL, depth, -1);
  if (count == 4 && strcmp(arguments[1], "--count") == 0) {
    // Five frames above the innermost.
    for (long i = 0; i < atol(arguments[3]); i++) add(find_case(arguments[2]), 6, -1);
    run_deep(run_plan);
    return failures != 0;
  }
  plan_everything();
  run_deep(run_plan);
  if (count == 2 && strcmp(arguments[1], "--signed") == 0 && !met_signature) {
    printf("no return address was signed\n");
    failures++;
  }
  printf("fast paths: %d calls, %d cases, %d failures\n", performed, fast_case_count, failures);
  return failures != 0;
}
