// SPDX-License-Identifier: Apache-2.0
// The engine's functions that look at addresses: chains of frames, signed return addresses, tags,
// addresses of more than 48 bits, bounds of stacks; and the clock.
#define _GNU_SOURCE
#include "swift_side.h"

#include <alloca.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit_address.h"
#include "audit_clock.h"
#include "audit_process.h"
#include "pieces.h"

// MARK: - Chains of frames

// Frames in memory: what each has saved is said relative to the first, in words.
typedef struct {
  const char *name;
  int64_t saved[4];   // of frames at word 0, 4, 8 and 12
  uint64_t above;     // or'ed to what the second has saved
  uint32_t capacity;
  uint32_t count;     // expected
  int32_t end;
} chain_case;

#define NULL_FRAME INT64_MIN
static const chain_case chain_cases[] = {
    {"to the end mark", {4, 8, 12, NULL_FRAME}, 0, 8, 4, AUDIT_CHAIN_REACHED_BASE},
    {"end mark at once", {NULL_FRAME, 8, 12, NULL_FRAME}, 0, 8, 1, AUDIT_CHAIN_REACHED_BASE},
    {"cut off", {4, 8, 12, NULL_FRAME}, 0, 3, 3, AUDIT_CHAIN_TRUNCATED},
    {"itself", {4, 4, 12, NULL_FRAME}, 0, 8, 2, AUDIT_CHAIN_BROKEN},
    {"below", {4, 0, 12, NULL_FRAME}, 0, 8, 2, AUDIT_CHAIN_BROKEN},
    {"the last place", {4, 14, 12, NULL_FRAME}, 0, 8, 3, AUDIT_CHAIN_REACHED_BASE},
    {"past the last place", {4, 15, 12, NULL_FRAME}, 0, 8, 2, AUDIT_CHAIN_BROKEN},
    {"misaligned", {4, 8, 12, NULL_FRAME}, 1, 8, 2, AUDIT_CHAIN_BROKEN},
    {"half aligned", {4, 8, 12, NULL_FRAME}, 4, 8, 2, AUDIT_CHAIN_BROKEN},
    {"a tag", {4, 8, 12, NULL_FRAME}, 0x0300000000000000, 8, 2, AUDIT_CHAIN_BROKEN},
    {"bit 55", {4, 8, 12, NULL_FRAME}, 0x0080000000000000, 8, 2, AUDIT_CHAIN_BROKEN},
    {"bit 48", {4, 8, 12, NULL_FRAME}, 0x0001000000000000, 8, 2, AUDIT_CHAIN_BROKEN},
};

static void check_chain(const chain_case *chain) {
  _Alignas(16) uint64_t words[16] = {0};
  uintptr_t frame = (uintptr_t)words, high = (uintptr_t)(words + 16);
  for (int i = 0; i < 4; i++) {
    words[4 * i] = chain->saved[i] == NULL_FRAME ? 0 : (uint64_t)(uintptr_t)(words + chain->saved[i]);
    words[4 * i + 1] = 0x5500aa000000ull + 0x1000 * (uint64_t)i;
  }
  words[4] |= chain->above;
  uint64_t addresses[8], hash = 0;
  int32_t end = -1;
  uint32_t count = audit_copy_frames(frame, high, addresses, chain->capacity, &end);
  CHECK(count == chain->count && end == chain->end);
  for (uint32_t i = 0; i < count; i++) {
    CHECK(i == 2 || addresses[i] == words[4 * i + 1]);
    hash = hash * AUDIT_HASH_MULTIPLIER + addresses[i];
  }
  CHECK(audit_hash_frames(frame, high, chain->capacity) == hash * AUDIT_HASH_MULTIPLIER);

  audit_chain remembered = {0};
  for (int sight = 0; sight < 2; sight++) audit_remember_chain(&remembered, frame, high, chain->capacity, 9);
  CHECK(remembered.frame == frame && remembered.count_above + 1 == count);
  CHECK(audit_match_chain(&remembered, frame, chain->capacity) == 9);
  CHECK(audit_match_chain(&remembered, frame, chain->capacity + 1) == 0);
  words[1] += 4;
  CHECK(audit_match_chain(&remembered, frame, chain->capacity) == 0);
  words[1] -= 4;
  if (count > 1) {
    words[5] ^= 8;
    CHECK(audit_match_chain(&remembered, frame, chain->capacity) == 0);
    words[5] ^= 8;
  }
  remembered.frame = 0;
  CHECK(audit_match_chain(&remembered, frame, chain->capacity) == 0);
}

// MARK: - Signed return addresses

static uintptr_t stack_high;

typedef struct {
  uint64_t hash;
  uint64_t raw;  // the caller's return address as it lies in memory
  uint64_t frames[3];
} sight;

__attribute__((noinline)) static void look(sight *seen) {
  uintptr_t frame = audit_frame_address();
  uintptr_t caller = *(uintptr_t *)frame;
  seen->hash = audit_hash_frames(frame, stack_high, 3);
  seen->raw = *(uint64_t *)(caller + 8);
  int32_t end;
  audit_copy_frames(frame, stack_high, seen->frames, 3, &end);
  __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void look_from_between(sight *seen) {
  look(seen);
  __asm__ volatile("" ::: "memory");
}

// The same calls with the stack so much deeper.
__attribute__((noinline)) static void look_deeper(sight *seen, size_t bytes) {
  volatile char *room = alloca(bytes);
  room[0] = 1;
  look_from_between(seen);
  room[0] = 2;
}

enum { PLACES = 12 };

// Not optimised: one call, so that there is one return address.
__attribute__((optnone, noinline)) static void look_everywhere(sight seen[PLACES]) {
  for (size_t i = 0; i < PLACES; i++) look_deeper(&seen[i], 64 + 112 * i);
}

static void check_signatures(void) {
  audit_stack_bounds(&(uintptr_t){0}, &stack_high);
  sight seen[PLACES];
  look_everywhere(seen);
  _Bool are_signed = 0, differ = 0;
  for (int place = 0; place < PLACES; place++) {
    // One stack at several places: its addresses and its hash are the same.
    CHECK(seen[place].hash == seen[0].hash);
    for (int i = 0; i < 3; i++) {
      uint64_t address = seen[place].frames[i];
      CHECK(address == seen[0].frames[i] && address >> 48 == 0 && address != 0);
    }
    if (seen[place].raw != audit_plain_return_address(seen[place].raw)) are_signed = 1;
    // A signature has few bits: two places may have the same one.
    if (seen[place].raw != seen[0].raw) differ = 1;
  }
  CHECK(are_signed == wants_signatures && differ == wants_signatures);

  uint64_t addresses[8];
  int32_t count = audit_unwind(addresses, 8);
  CHECK(count >= 3);
  for (int32_t i = 0; i < count; i++) CHECK(addresses[i] == audit_plain_return_address(addresses[i]));
}

// MARK: - Variables

static int named_in_child(void (*prepare)(void), uint64_t address) {
  pid_t child = fork();
  if (child == 0) {
    prepare();
    errno = 7;
    int answer = audit_can_name((const void *)(uintptr_t)address);
    _exit(errno == 7 ? answer : 9);
  }
  int status;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void nothing(void) {}
#if defined(__aarch64__)
static int can_check_tags;
static void check_tags(void) {
  // PR_SET_TAGGED_ADDR_CTRL: tagged addresses in system calls, a fault at a wrong tag.
  can_check_tags = prctl(55, 1 | 2 | 0xFFFEull << 3, 0, 0, 0) == 0;
}
#endif

static void check_variables(void) {
  CHECK(named_in_child(nothing, 0x00007fff12345678) == 1);
  CHECK(named_in_child(nothing, 0x0000ffff12345678) == 1);
#if defined(__aarch64__)
  CHECK(named_in_child(nothing, 0x0001000000000000) == 0);
  CHECK(named_in_child(nothing, 0x000f123412345678) == 0);
  CHECK(named_in_child(nothing, 0x0080123412345678) == 0);
  CHECK(named_in_child(nothing, 0x0b00123412345678) == 1);
  CHECK(named_in_child(nothing, 0xff00123412345678) == 1);
  CHECK(named_in_child(nothing, 0x0b01123412345678) == 0);
  pid_t child = fork();
  if (child == 0) {
    check_tags();
    _exit(can_check_tags);
  }
  int status;
  waitpid(child, &status, 0);
  // Processors without memory tags refuse.
  if (WEXITSTATUS(status) == 1) {
    CHECK(named_in_child(check_tags, 0x0b00123412345678) == 0);
    CHECK(named_in_child(check_tags, 0x0000123412345678) == 1);
  } else {
    CHECK(!wants_signatures);
  }
#endif
}

// MARK: - Threads and time

static void *check_thread(void *context) {
  uintptr_t low, high, here = (uintptr_t)&low;
  CHECK(audit_stack_bounds(&low, &high) && low <= here && here < high);
  CHECK(audit_thread_recorder() == NULL);
  audit_set_thread_recorder(context);
  CHECK(audit_thread_recorder() == context);
  CHECK(audit_note_refusal() && !audit_note_refusal());
  CHECK(audit_thread_id() != getpid());
  return NULL;
}

static void check_surroundings(void) {
  CHECK(check_thread != NULL && audit_thread_id() == getpid());
  pthread_t thread;
  int mark;
  if (pthread_create(&thread, NULL, check_thread, &mark) != 0) abort();
  pthread_join(thread, NULL);
  CHECK(audit_thread_recorder() == NULL);

  uint64_t before = audit_nanoseconds();
  audit_advance_coarse_clock();
  audit_shift_system_clock(-3600ll * 1000000000);
  uint64_t back = audit_nanoseconds();
  CHECK(back >= before && back - before < 60ull * 1000000000);
  audit_shift_system_clock(3601ll * 1000000000);
  CHECK(audit_nanoseconds() >= back + 1000000000ull);
  audit_advance_coarse_clock();
  CHECK(audit_coarse_clock() >= 1000);

  // Pages of any size: the last word before memory that cannot be read.
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(memory + page, page, PROT_NONE);
  uint64_t word = 0, *last = (uint64_t *)(memory + page) - 1;
  *last = 42;
  // Under emulation the system call may be missing.
  if (audit_read_word((uintptr_t)last, &word)) {
    CHECK(word == 42 && !audit_read_word((uintptr_t)(last + 1), &word));
  }
}

void check_addresses(void) {
  for (size_t i = 0; i < sizeof chain_cases / sizeof *chain_cases; i++) {
    int failed = checks_failed;
    check_chain(&chain_cases[i]);
    if (checks_failed != failed) printf("… of the chain: %s\n", chain_cases[i].name);
  }
  check_signatures();
  check_variables();
  check_surroundings();
}
