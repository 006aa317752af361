// SPDX-License-Identifier: Apache-2.0
// The tables of hunting, and what the kernel knows of the process's threads.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_hunt.h"

#include "audit_async.h"
#include "audit_monitor.h"
#include "audit_process.h"
#include "recorder_words.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((aligned(64))) uint64_t audit_hunt_sites[AUDIT_HUNT_SITES * AUDIT_HUNT_SITE_WORDS];
__attribute__((aligned(64))) uint64_t audit_hunt_pairs[AUDIT_HUNT_PAIRS * AUDIT_HUNT_PAIR_WORDS];
__attribute__((aligned(64))) uint64_t audit_hunt_collections[AUDIT_HUNT_COLLECTIONS * AUDIT_HUNT_COLLECTION_WORDS];

uint64_t *audit_hunt_known_collection(uint64_t id) {
  uint64_t index = audit_hunt_hash(id);
  for (int i = 0; i < 4; i++) {
    uint64_t *entry = audit_hunt_collection(index + i);
    if (__atomic_load_n(entry + AUDIT_HUNT_COLLECTION_KEY, __ATOMIC_RELAXED) == id) return entry;
  }
  return NULL;
}

uint64_t *audit_hunt_foreign_collection(uint64_t id, uint16_t slot) {
  uint64_t *entry = audit_hunt_known_collection(id);
  if (entry == NULL || __atomic_load_n(entry + AUDIT_HUNT_COLLECTION_SHARED, __ATOMIC_RELAXED) != 0) return entry;
  for (int i = 0; i < AUDIT_HUNT_COLLECTION_ACCESSES; i++) {
    // Above the rest of the word; see `HuntParty`.
    uint64_t party = __atomic_load_n(entry + AUDIT_HUNT_COLLECTION_FIRST_ACCESS + 2 * i + 1, __ATOMIC_RELAXED) >> 48;
    if (party != 0 && party != slot) return entry;
  }
  return NULL;
}

// The site of the access whose frame is given, as `HuntSite.find` has it; NULL when there is none.
static const uint64_t *known_site(uintptr_t frame, uintptr_t high) {
  uintptr_t next = *(const uintptr_t *)frame;
  uintptr_t caller = next > frame && next <= high - 16 && (next & 7) == 0
                         ? audit_plain_return_address(*(const uintptr_t *)(next + 8))
                         : 0;
  uintptr_t here = audit_plain_return_address(*(const uintptr_t *)(frame + 8));
  uint64_t key = (here * AUDIT_HASH_MULTIPLIER ^ caller) | 1;
  uint64_t index = audit_hunt_hash(key);
  for (int i = 0; i < 8; i++) {
    const uint64_t *entry = audit_hunt_site(index + i);
    uint64_t found = __atomic_load_n(entry + AUDIT_HUNT_SITE_KEY, __ATOMIC_RELAXED);
    if (found == key) return entry;
    if (found == 0) return NULL;
  }
  return NULL;
}

_Bool audit_hunt_is_quiet(void *recorder, const void *address, uintptr_t frame) {
  const audit_monitor *monitor = address;
  uintptr_t high = RECORDER(uintptr_t, STACK_HIGH);
  if (monitor->creator_thread != RECORDER(int32_t, THREAD_ID) || WORD(DELAY_LIMIT) != 0 ||
      frame < RECORDER(uintptr_t, STACK_LOW) || frame >= high - 32) {
    return 0;
  }
  const uint64_t *site = known_site(frame, high);
  if (site == NULL) return 0;
  uint64_t mark = audit_hunt_quiet_mark(RECORDER(uint16_t, SLOT));
  if (__atomic_load_n(site + AUDIT_HUNT_SITE_OPERATION, __ATOMIC_RELAXED) >> 16 != mark >> 16) return 0;
  uint64_t task = monitor->next_retired;
  if (task != 0 && task != audit_current_task_id() + 1) return 0;
  const uint64_t *collection = audit_hunt_known_collection(monitor->id);
  return collection == NULL || __atomic_load_n(collection + AUDIT_HUNT_COLLECTION_SHARED, __ATOMIC_RELAXED) == 0;
}

_Bool audit_hunt_is_quiet_fork(void *recorder, const void *monitor, uint64_t old_id, uintptr_t frame) {
  return audit_hunt_foreign_collection(old_id, RECORDER(uint16_t, SLOT)) == NULL &&
         audit_hunt_is_quiet(recorder, monitor, frame);
}

uint64_t audit_hunt_clock(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void audit_hunt_sleep(uint64_t until) {
  struct timespec time = {.tv_sec = (time_t)(until / 1000000000u), .tv_nsec = (long)(until % 1000000000u)};
  // Returns its error, and leaves errno alone. A signal ends it early.
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

uint32_t audit_thread_count(void) {
  int saved = errno;
  struct stat status;
  // The folder has a link for each thread beside its own two.
  uint32_t count = stat("/proc/self/task", &status) == 0 && status.st_nlink > 2 ? (uint32_t)status.st_nlink - 2 : 0;
  errno = saved;
  return count;
}

uint64_t audit_random_seed(void) {
  uint64_t seed = 0;
  int saved = errno;
  if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed) {
    seed = audit_hunt_clock() * 0x9E3779B97F4A7C15ull ^ (uint64_t)getpid() << 32;
  }
  errno = saved;
  return seed;
}

#if defined(__x86_64__)

static ssize_t read_text(int folder, const char *path, char *text, size_t size) {
  int file = openat(folder, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = read(file, text, size - 1);
  close(file);
  if (length >= 0) text[length] = 0;
  return length;
}

enum { THREAD_UNKNOWN, THREAD_WAITS, THREAD_RUNS };

// What a thread does, from the kernel: "202 0xWORD 0xOPERATION 0xVALUE 0xLIMIT …" in a system call,
// or "running".
static int look_at(int folder, const char *name, int32_t own, uint64_t *lock) {
  char path[64], text[256];
  size_t length = strlen(name);
  if (length > 20) return THREAD_UNKNOWN;
  memcpy(path, name, length);
  memcpy(path + length, "/syscall", 9);
  if (read_text(folder, path, text, sizeof text) <= 0) return THREAD_UNKNOWN;
  if (text[0] == 'r') return THREAD_RUNS;
  char *rest = text;
  if (strtol(text, &rest, 10) != SYS_futex || rest == text) return THREAD_UNKNOWN;
  uint64_t words[4] = {0};
  for (int i = 0; i < 4; i++) words[i] = strtoull(rest, &rest, 16);
  uint64_t operation = words[1] & FUTEX_CMD_MASK;
  if (operation != FUTEX_WAIT && operation != FUTEX_WAIT_BITSET && operation != FUTEX_LOCK_PI) return THREAD_UNKNOWN;
  // A mutex of the C library says behind its word who holds it; one with priority inheritance, as
  // the standard library's, in it.
  int32_t parts[3];
  if (audit_read_memory(words[0], parts, sizeof parts)) {
    _Bool is_own = operation == FUTEX_LOCK_PI ? (parts[0] & FUTEX_TID_MASK) == own : parts[0] == 2 && parts[2] == own;
    if (is_own) *lock = words[0];
  }
  if (words[3] == 0) return THREAD_WAITS;
  struct timespec limit, now = {0};
  if (!audit_read_memory(words[3], &limit, sizeof limit)) return THREAD_UNKNOWN;
  if (operation != FUTEX_WAIT) {
    clock_gettime((words[1] & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  }
  return limit.tv_sec >= now.tv_sec + 2 ? THREAD_WAITS : THREAD_UNKNOWN;
}

// Whether more threads want to run than there are processors: "0.20 0.18 0.12 3/512 5113".
static _Bool is_machine_busy(void) {
  char text[128];
  if (read_text(AT_FDCWD, "/proc/loadavg", text, sizeof text) <= 0) return 0;
  const char *rest = text;
  for (int i = 0; i < 3; i++) {
    rest = strchr(rest, ' ');
    if (rest == NULL) return 0;
    rest++;
  }
  // The calling thread is one.
  return strtol(rest, NULL, 10) - 1 > sysconf(_SC_NPROCESSORS_ONLN);
}

struct directory_entry {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

// Descriptors that are left to the program, whatever the audit could learn with them.
enum { DESCRIPTORS_LEFT = 64 };

// The folder of the process's threads; less than 0 where the program may need the descriptor.
static int open_threads(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= DESCRIPTORS_LEFT) return -1;
  // The lowest free number: the process has no fewer open than that.
  int folder = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || (rlim_t)folder < limit.rlim_cur - DESCRIPTORS_LEFT) return folder;
  close(folder);
  return -1;
}

int32_t audit_look_at_others(int32_t detector, uint64_t *lock) {
  *lock = 0;
  int saved = errno;
  _Bool all_wait = 0, one_runs = 0;
  int folder = open_threads();
  if (folder >= 0) {
    // Where there are more than some 60 threads, those are looked at.
    _Alignas(8) char entries[2048];
    long size = syscall(SYS_getdents64, folder, entries, sizeof entries);
    int32_t own = audit_thread_id();
    all_wait = size > 0 && size < (long)sizeof entries - 64;
    for (long position = 0; position < size && !one_runs;) {
      struct directory_entry *entry = (struct directory_entry *)(entries + position);
      position += entry->size;
      if (entry->name[0] == '.') continue;
      long thread = strtol(entry->name, NULL, 10);
      if (thread == own || thread == detector) continue;
      int what = look_at(folder, entry->name, own, lock);
      if (what != THREAD_WAITS) all_wait = 0;
      if (what == THREAD_RUNS) one_runs = 1;
    }
    close(folder);
  }
  int32_t answer = AUDIT_OTHERS_UNKNOWN;
  if (all_wait) answer = AUDIT_OTHERS_WAIT;
  if (one_runs && is_machine_busy()) answer = AUDIT_OTHERS_STARVE;
  errno = saved;
  return answer;
}

#else

int32_t audit_look_at_others(int32_t detector, uint64_t *lock) {
  (void)detector;
  *lock = 0;
  return AUDIT_OTHERS_UNKNOWN;
}

#endif

#endif
