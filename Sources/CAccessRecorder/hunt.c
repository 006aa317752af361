// SPDX-License-Identifier: Apache-2.0
// The tables of hunting, and what the kernel knows of the process's threads.
#define _GNU_SOURCE
#include "audit_hunt.h"

#include "audit_process.h"
#include "audit_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((aligned(64))) uint64_t audit_hunt_sites[AUDIT_HUNT_SITES * AUDIT_HUNT_SITE_WORDS];
__attribute__((aligned(64))) uint64_t audit_hunt_pairs[AUDIT_HUNT_PAIRS * AUDIT_HUNT_PAIR_WORDS];
__attribute__((aligned(64))) uint64_t audit_hunt_collections[AUDIT_HUNT_COLLECTIONS * AUDIT_HUNT_COLLECTION_WORDS];

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

// Where the kernel lets a handler return to: what the C library gave it with the handler. As the kernel has it.
struct kernel_action {
  void *handler;
  unsigned long flags;
  void *restorer;
  uint64_t mask;
};

static uintptr_t find_restorer(void) {
  static uintptr_t known;
  uintptr_t restorer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (restorer != 0) return restorer;
  for (int number = 1; number < 32; number++) {
    struct kernel_action action = {0};
    if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask) != 0) continue;
    if ((action.flags & 0x04000000) == 0 || action.restorer == NULL) continue;
    restorer = (uintptr_t)action.restorer;
    break;
  }
  __atomic_store_n(&known, restorer, __ATOMIC_RELAXED);
  return restorer;
}

_Bool audit_is_in_signal_handler(uintptr_t frame, uintptr_t high) {
  int saved = errno;
  uintptr_t restorer = find_restorer();
  errno = saved;
  if (restorer == 0) return 0;
  for (int depth = 0; depth < 256; depth++) {
    if (*(const uintptr_t *)(frame + 8) == restorer) return 1;
    uintptr_t next = *(const uintptr_t *)frame;
    if (next > high - 16 || next <= frame || (next & 7) != 0) return 0;
    frame = next;
  }
  return 0;
}

// What a thread waits for, from the kernel: "202 0xUADDR 0xOP 0xVALUE 0xTIMEOUT …", or "running".
static _Bool waits_for_word(int file, const char *name) {
  char path[64] = "";
  size_t length = strlen(name);
  if (length > 20) return 0;
  memcpy(path, name, length);
  memcpy(path + length, "/syscall", 9);
  int call = openat(file, path, O_RDONLY | O_CLOEXEC);
  if (call < 0) return 0;
  char text[256];
  ssize_t size = read(call, text, sizeof text - 1);
  close(call);
  if (size <= 0) return 0;
  text[size] = 0;
  char *rest = text;
  if (strtol(text, &rest, 10) != SYS_futex || rest == text) return 0;
  uint64_t words[4] = {0};
  for (int i = 0; i < 4; i++) words[i] = strtoull(rest, &rest, 16);
  uint64_t operation = words[1] & FUTEX_CMD_MASK;
  if (operation != FUTEX_WAIT && operation != FUTEX_WAIT_BITSET && operation != FUTEX_LOCK_PI) return 0;
  if (words[3] == 0) return 1;
  struct timespec limit;
  if (!audit_read_memory(words[3], &limit, sizeof limit)) return 0;
  if (operation == FUTEX_WAIT) return limit.tv_sec >= 1;
  struct timespec now;
  clock_gettime((words[1] & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  return limit.tv_sec >= now.tv_sec + 2;
}

struct directory_entry {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

_Bool audit_others_wait(int32_t detector) {
  int saved = errno;
  _Bool answer = 0;
  int folder = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    // 64 threads and more are not looked at.
    _Alignas(8) char entries[2048];
    long size = syscall(SYS_getdents64, folder, entries, sizeof entries);
    int32_t own = audit_thread_id();
    answer = size > 0 && size < (long)sizeof entries - 64;
    for (long position = 0; answer && position < size;) {
      struct directory_entry *entry = (struct directory_entry *)(entries + position);
      position += entry->size;
      if (entry->name[0] == '.') continue;
      long thread = strtol(entry->name, NULL, 10);
      if (thread == own || thread == detector) continue;
      answer = waits_for_word(folder, entry->name);
    }
    close(folder);
  }
  errno = saved;
  return answer;
}

#else

_Bool audit_is_in_signal_handler(uintptr_t frame, uintptr_t high) {
  (void)frame;
  (void)high;
  return 0;
}

_Bool audit_others_wait(int32_t detector) {
  (void)detector;
  return 0;
}

#endif
