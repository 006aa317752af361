// SPDX-License-Identifier: Apache-2.0
// What the concurrency runtime and libdispatch know of the calling thread: awaiting callers, task,
// queue. Called when a stack is seen for the first time and when a violation is seen, never by an
// access that finds its stack known.
#ifndef AUDIT_ASYNC_H
#define AUDIT_ASYNC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Fills `addresses` with at most `capacity` resume points of the functions that await the one
// running above `frame`, innermost first; returns how many. 0 outside tasks, and whenever anything
// read is not what the runtime would have put there: every word of a context is read through the
// kernel. `frame` must lie on the calling thread's stack, which ends at `high`.
int32_t audit_async_callers(uintptr_t frame, uintptr_t high, uint64_t *addresses, int32_t capacity);

// The running task's ID; 0 outside tasks.
uint64_t audit_current_task_id(void);

// 31 bits that stand for the actor that the calling thread runs on; 0 when it runs on none, or on
// one with an executor of its own. An actor runs one piece of work at a time, whatever the thread.
uint32_t audit_current_actor_mark(void);

// The running task's name; NULL when it has none. Valid while the task runs.
const char *audit_current_task_name(void);

// The label of the dispatch queue whose block the thread runs; NULL when there is none or
// libdispatch is not loaded.
const char *audit_current_queue_label(void);

// Looks libdispatch up: the program may have loaded it without this package being linked to it.
// Takes the loader's lock, so no access calls it.
void audit_find_queue_labels(void);

#ifdef __cplusplus
}
#endif

#endif
