// SPDX-License-Identifier: Apache-2.0
// Following the contexts of the functions that await the running one. Nothing here trusts a pointer
// it did not read through the kernel, and nothing allocates.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_async.h"

#include <dlfcn.h>
#include <stddef.h>

#include "audit_frame_walk.h"
#include "audit_images.h"
#include "audit_process.h"

// Weak: a program may come without the concurrency library. Both use no argument or one integer
// register, so the calling conventions of C and Swift agree.
extern void swift_job_run(void) __attribute__((weak));
extern void *swift_task_getCurrent(void) __attribute__((weak));
extern uint64_t swift_task_getJobTaskId(void *task) __attribute__((weak));
extern const char *swift_task_getCurrentTaskName(void) __attribute__((weak));
extern const char *dispatch_queue_get_label(void *queue) __attribute__((weak));

// Two words, which both calling conventions return in the same two registers.
typedef struct {
  const void *identity;
  uintptr_t implementation;  // 0 of an actor that has no executor of its own
} serial_executor;
extern serial_executor swift_task_getCurrentExecutor(void) __attribute__((weak));

// Where the image with the concurrency runtime lies; tells whether there is one.
static _Bool find_runtime(uintptr_t *low, uintptr_t *high) {
  return swift_job_run != NULL && audit_find_image((uintptr_t)swift_job_run, low, high);
}

// The resume points from a context outwards: {parent, resume function} each. The outermost one is
// the runtime's own, which ends the task; a chain that does not come to it is none.
static int32_t follow(uintptr_t context, uintptr_t low, uintptr_t high, uint64_t *addresses, int32_t capacity) {
  int32_t count = 0;
  while (count < capacity) {
    uint64_t words[2];
    if (context == 0 || (context & 7) != 0 || !audit_read_memory(context, words, sizeof words)) return 0;
    uint64_t parent = words[0];
    uint64_t resume = words[1];
    if (!audit_is_code((uintptr_t)resume)) return 0;
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
  // The runtime runs a task by calling its function; that function keeps its context below its
  // frame pointer. Other frames that the runtime called keep something else there, which `follow`
  // refuses.
  for (int32_t depth = 0; depth < 512; depth++) {
    uintptr_t caller = audit_plain_return_address(*(const uintptr_t *)(frame + 8));
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

uint32_t audit_current_actor_mark(void) {
  if (swift_task_getCurrentExecutor == NULL) return 0;
  serial_executor executor = swift_task_getCurrentExecutor();
  if (executor.identity == NULL || executor.implementation != 0) return 0;
  return (uint32_t)((uint64_t)(uintptr_t)executor.identity * AUDIT_HASH_MULTIPLIER >> 33) | 1;
}

const char *audit_current_task_name(void) {
  if (audit_current_task_id() == 0 || swift_task_getCurrentTaskName == NULL) return NULL;
  return swift_task_getCurrentTaskName();
}

static const char *(*found_label)(void *) = NULL;

void audit_find_queue_labels(void) {
  if (dispatch_queue_get_label != NULL || __atomic_load_n(&found_label, __ATOMIC_RELAXED) != NULL) return;
  void *label = dlsym(RTLD_DEFAULT, "dispatch_queue_get_label");
  __atomic_store_n(&found_label, (const char *(*)(void *))label, __ATOMIC_RELAXED);
}

const char *audit_current_queue_label(void) {
  const char *(*label)(void *) = dispatch_queue_get_label;
  if (label == NULL) label = __atomic_load_n(&found_label, __ATOMIC_RELAXED);
  if (label == NULL) return NULL;
  const char *text = label(NULL);
  return text != NULL && text[0] != 0 ? text : NULL;
}

#endif
