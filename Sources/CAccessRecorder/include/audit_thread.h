// SPDX-License-Identifier: Apache-2.0
// The thread-local slot that holds a thread's recorder, and what only the C library can say about a
// thread.
#ifndef AUDIT_THREAD_H
#define AUDIT_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Initial-exec: one load relative to the thread pointer, no call. Costs 8 bytes of static TLS.
extern __thread void *audit_thread_recorder_slot __attribute__((tls_model("initial-exec")));

// How many scopes the calling thread is in whose accesses are not audited.
extern __thread int32_t audit_suppression_depth_slot __attribute__((tls_model("initial-exec")));

// The calling thread's recorder; NULL when it has none yet, or while its accesses are suppressed.
__attribute__((always_inline)) static inline void *audit_thread_recorder(void) {
  return audit_thread_recorder_slot;
}

// Names a thread made by this package, for debuggers and reports.
void audit_name_current_thread(const char *name);

void audit_set_thread_recorder(void *recorder);

// How many `withSuppressed` scopes the calling thread is in. While it is not 0 the recorder slot is
// NULL.
int32_t audit_suppression_depth(void);
void audit_set_suppression_depth(int32_t depth);

// Tells whether this is the first time that the calling thread could not be given a recorder.
bool audit_note_refusal(void);

// The calling thread's kernel ID (gettid).
int32_t audit_thread_id(void);

// Stores the processor time that one of the process's threads has used, in nanoseconds; tells
// whether the kernel said.
bool audit_processor_time(int32_t thread, uint64_t *nanoseconds);

// Stores the bounds of the calling thread's stack, lowest address and one past the highest; tells
// whether the C library could say. On another thread than the main one the C library is asked: it
// takes the thread's own lock and, for something else that it would tell too, allocates. On the
// main thread it would open /proc/self/maps, for which it takes the lock of the list of all
// streams; so there it is not asked. Nor is it asked in a signal handler, which gets no bounds
// there.
bool audit_stack_bounds(uintptr_t *low, uintptr_t *high);

// Calls `body` with so many bytes on the stack, of which there may be none too many, and the rest
// as it is given.
bool audit_with_stack_memory(
    intptr_t size, uintptr_t first, uintptr_t count, void *context,
    bool (*body)(void *memory, uintptr_t first, uintptr_t count, void *context));

#ifdef __cplusplus
}
#endif

#endif
