// SPDX-License-Identifier: Apache-2.0
// Reading memory that may be gone, looking at threads. Async-signal-safe but for `audit_image`.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

// By way of the calling thread: the main thread has no memory any more when it has ended by
// pthread_exit.
_Bool audit_read_memory(uintptr_t address, void *copy, size_t size) {
  struct iovec local = {.iov_base = copy, .iov_len = size};
  struct iovec remote = {.iov_base = (void *)address, .iov_len = size};
  return process_vm_readv(gettid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

_Bool audit_read_word(uintptr_t address, uint64_t *word) { return audit_read_memory(address, word, sizeof *word); }

// Writes "/proc/self/task/THREAD/stat": the C library's formatting may allocate, and takes locks.
static void write_path(char *path, int32_t thread) {
  static const char begin[] = "/proc/self/task/", end[] = "/stat";
  char digits[12];
  size_t first = sizeof digits;
  uint32_t rest = (uint32_t)thread;
  do {
    digits[--first] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  memcpy(path, begin, sizeof begin - 1);
  path += sizeof begin - 1;
  memcpy(path, digits + first, sizeof digits - first);
  memcpy(path + sizeof digits - first, end, sizeof end);
}

// The number behind so many fields, each of which ends with a space; tells whether there is one.
static _Bool read_field(const char *text, int index, uint64_t *number) {
  while (index > 0 && *text != 0) {
    if (*text++ == ' ') index--;
  }
  if (*text < '0' || *text > '9') return 0;
  *number = 0;
  while (*text >= '0' && *text <= '9') *number = *number * 10 + (uint64_t)(*text++ - '0');
  return 1;
}

// The fields of a thread's status behind its name, the first of which is its state (proc(5)), in
// `text`; NULL when there are none.
static const char *read_status(int32_t thread, char *text, size_t size) {
  char path[64];
  write_path(path, thread);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  ssize_t length = read(file, text, size - 1);
  close(file);
  if (length <= 0) return NULL;
  text[length] = 0;
  // The name, which may hold anything, ends at the last parenthesis.
  const char *end = strrchr(text, ')');
  return end == NULL || end[1] != ' ' ? NULL : end + 2;
}

// Fields behind the state: the times that the thread has run in the program and in the kernel, the
// number of threads.
#define FIELD_USER 11
#define FIELD_SYSTEM 12
#define FIELD_THREADS 17

_Bool audit_look_at_thread(int32_t thread, _Bool *is_asleep, uint64_t *ticks) {
  char text[512];
  const char *fields = read_status(thread, text, sizeof text);
  uint64_t user, system;
  if (fields == NULL || !read_field(fields, FIELD_USER, &user) || !read_field(fields, FIELD_SYSTEM, &system)) return 0;
  *is_asleep = fields[0] == 'S';
  *ticks = user + system;
  return 1;
}

_Bool audit_is_alone(void) {
  char text[512];
  const char *fields = read_status(getpid(), text, sizeof text);
  uint64_t threads;
  // The main thread counts until the process ends.
  return fields != NULL && fields[0] == 'Z' && read_field(fields, FIELD_THREADS, &threads) && threads == 2;
}

const char *audit_image(uintptr_t address, uintptr_t *base) {
  Dl_info information;
  if (dladdr((void *)address, &information) == 0) return NULL;
  *base = (uintptr_t)information.dli_fbase;
  return information.dli_fname;
}

#endif
