// SPDX-License-Identifier: Apache-2.0
// The definition of the thread-local slot and the queries about the calling thread.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_thread.h"

#include "audit_signals.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__thread void *audit_thread_recorder_slot __attribute__((tls_model("initial-exec"))) = 0;

void audit_set_thread_recorder(void *recorder) { audit_thread_recorder_slot = recorder; }

void audit_name_current_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

// Initial-exec as well: nothing is looked up, nor allocated, when a thread touches them first.
__thread int32_t audit_suppression_depth_slot __attribute__((tls_model("initial-exec"))) = 0;

int32_t audit_suppression_depth(void) { return audit_suppression_depth_slot; }

void audit_set_suppression_depth(int32_t depth) { audit_suppression_depth_slot = depth; }

static __thread _Bool was_refused __attribute__((tls_model("initial-exec"))) = 0;

_Bool audit_note_refusal(void) {
  if (was_refused) return 0;
  was_refused = 1;
  return 1;
}

int32_t audit_thread_id(void) { return (int32_t)syscall(SYS_gettid); }

_Bool audit_processor_time(int32_t thread, uint64_t *nanoseconds) {
  // The kernel's form of a thread's clock: the ID's complement above the kind (clock_getres(2),
  // pthread_getcpuclockid(3)).
  clockid_t clock = (clockid_t)(~(uint32_t)thread << 3 | 6);
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) return 0;
  *nanoseconds = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
  return 1;
}

_Bool audit_with_stack_memory(
    intptr_t size, uintptr_t first, uintptr_t count, void *context,
    _Bool (*body)(void *memory, uintptr_t first, uintptr_t count, void *context)) {
  uint64_t memory[(size + 7) / 8];
  return body(memory, first, count, context);
}

// The stack pointer as the process started, in the main thread's stack.
extern void *__libc_stack_end __attribute__((weak));
// The kernel maps nothing else so close below.
#define MAIN_STACK_SPAN ((uintptr_t)128 << 20)

_Bool audit_stack_bounds(uintptr_t *low, uintptr_t *high) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (&__libc_stack_end != NULL && here - ((uintptr_t)__libc_stack_end - MAIN_STACK_SPAN) < MAIN_STACK_SPAN) {
    *low = (uintptr_t)__libc_stack_end - MAIN_STACK_SPAN;
    *high = ((uintptr_t)__libc_stack_end | 63) + 1;
    return 1;
  }
  // A handler may have come while the thread was inside malloc.
  if (audit_is_handling_signal()) return 0;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void *address = 0;
  size_t size = 0;
  int status = pthread_attr_getstack(&attributes, &address, &size);
  pthread_attr_destroy(&attributes);
  *low = (uintptr_t)address;
  *high = (uintptr_t)address + size;
  return status == 0;
}

#endif
