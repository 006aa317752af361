// SPDX-License-Identifier: Apache-2.0
// Following the contexts of the functions that await the running one. Nothing here trusts a pointer it did not read
// through the kernel, and nothing allocates.
#define _GNU_SOURCE
#include "audit_async.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

#include "audit_process.h"

// Weak: a program may come without the concurrency library. Both use no argument or one integer register, so the calling
// conventions of C and Swift agree.
extern void swift_job_run(void) __attribute__((weak));
extern void *swift_task_getCurrent(void) __attribute__((weak));
extern uint64_t swift_task_getJobTaskId(void *task) __attribute__((weak));
extern const char *swift_task_getCurrentTaskName(void) __attribute__((weak));
extern const char *dispatch_queue_get_label(void *queue) __attribute__((weak));

// The part of the address space that the image with the concurrency runtime takes.
static uintptr_t runtime_low = 0;
static uintptr_t runtime_high = 0;

static int note_runtime(struct dl_phdr_info *image, size_t size, void *context) {
  (void)size;
  uintptr_t wanted = (uintptr_t)context;
  uintptr_t high = 0;
  _Bool contains = 0;
  for (int i = 0; i < image->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &image->dlpi_phdr[i];
    if (part->p_type != PT_LOAD) continue;
    uintptr_t begin = image->dlpi_addr + part->p_vaddr;
    uintptr_t end = begin + part->p_memsz;
    if (wanted >= begin && wanted < end) contains = 1;
    if (end > high) high = end;
  }
  if (!contains) return 0;
  // The upper bound is published last; a reader that sees none has found no runtime yet, and looks for itself.
  __atomic_store_n(&runtime_low, (uintptr_t)image->dlpi_addr, __ATOMIC_RELAXED);
  __atomic_store_n(&runtime_high, high, __ATOMIC_RELEASE);
  return 1;
}

static _Bool find_runtime(uintptr_t *low, uintptr_t *high) {
  *high = __atomic_load_n(&runtime_high, __ATOMIC_ACQUIRE);
  if (*high == 0) {
    if (swift_job_run == NULL) return 0;
    dl_iterate_phdr(note_runtime, (void *)(uintptr_t)swift_job_run);
    *high = __atomic_load_n(&runtime_high, __ATOMIC_ACQUIRE);
  }
  *low = __atomic_load_n(&runtime_low, __ATOMIC_RELAXED);
  return *high != 0;
}

static int is_code_of(struct dl_phdr_info *image, size_t size, void *context) {
  (void)size;
  uintptr_t address = (uintptr_t)context;
  for (int i = 0; i < image->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &image->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
    uintptr_t begin = image->dlpi_addr + part->p_vaddr;
    if (address >= begin && address < begin + part->p_memsz) return 1;
  }
  return 0;
}

static _Bool is_code(uintptr_t address) { return dl_iterate_phdr(is_code_of, (void *)address) == 1; }

// The resume points from a context outwards: {parent, resume function} each. The outermost one is the runtime's own, which
// ends the task; a chain that does not come to it is none.
static int32_t follow(uintptr_t context, uintptr_t low, uintptr_t high, uint64_t *addresses, int32_t capacity) {
  int32_t count = 0;
  while (count < capacity) {
    uint64_t parent = 0;
    uint64_t resume = 0;
    if (context == 0 || (context & 7) != 0) return 0;
    if (!audit_read_word(context, &parent) || !audit_read_word(context + 8, &resume)) return 0;
    if (!is_code((uintptr_t)resume)) return 0;
    if (parent == 0) return resume >= low && resume < high ? count : 0;
    addresses[count++] = resume;
    context = (uintptr_t)parent;
  }
  return count;
}

int32_t audit_async_callers(uintptr_t frame, uintptr_t high, uint64_t *addresses, int32_t capacity) {
  uintptr_t runtime_begin, runtime_end;
  if (swift_task_getCurrent == NULL || swift_task_getCurrent() == NULL) return 0;
  if (!find_runtime(&runtime_begin, &runtime_end)) return 0;
  // The runtime runs a task by calling its function; that function keeps its context below its frame pointer. Other
  // frames that the runtime called keep something else there, which `follow` refuses.
  for (int32_t depth = 0; depth < 512; depth++) {
    uintptr_t caller = *(const uintptr_t *)(frame + 8);
    if (caller >= runtime_begin && caller < runtime_end) {
      int32_t count = follow(*(const uintptr_t *)(frame - 8), runtime_begin, runtime_end, addresses, capacity);
      if (count > 0) return count;
    }
    uintptr_t next = *(const uintptr_t *)frame;
    if (next > high - 16 || next <= frame || (next & 7) != 0) return 0;
    frame = next;
  }
  return 0;
}

uint64_t audit_current_task_id(void) {
  if (swift_task_getCurrent == NULL || swift_task_getJobTaskId == NULL) return 0;
  void *task = swift_task_getCurrent();
  return task == NULL ? 0 : swift_task_getJobTaskId(task);
}

const char *audit_current_task_name(void) {
  if (audit_current_task_id() == 0 || swift_task_getCurrentTaskName == NULL) return NULL;
  return swift_task_getCurrentTaskName();
}

const char *audit_current_queue_label(void) {
  // The program may have loaded libdispatch without this package being linked to it.
  const char *(*label)(void *) = dispatch_queue_get_label;
  if (label == NULL) label = (const char *(*)(void *))dlsym(RTLD_DEFAULT, "dispatch_queue_get_label");
  if (label == NULL) return NULL;
  const char *text = label(NULL);
  return text != NULL && text[0] != 0 ? text : NULL;
}
