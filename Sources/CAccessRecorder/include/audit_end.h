// SPDX-License-Identifier: Apache-2.0
// Ending the process, on the thread that is to end it, and the bounded waits before that. All of it
// is async-signal-safe.
#ifndef AUDIT_END_H
#define AUDIT_END_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Ends the process by SIGABRT with the default disposition: a core dump as for any crash, and no
// other handler.
__attribute__((noreturn)) void audit_abort(void);

// Ends the process by abort() and leaves the installed handler in charge, so that the Swift
// backtracer prints.
__attribute__((noreturn)) void audit_abort_with_backtrace(void);

// Has the thread with this ID end the process: it waits in `audit_end_if_asked`. What a debugger
// shows first of a core dump, and all that a handler of SIGABRT sees, is the thread that called
// abort(). Where that thread does not answer within the deadline, or does not get the process to
// its end, the calling thread does.
__attribute__((noreturn)) void audit_end_by_thread(int32_t thread, bool with_backtrace);

// Ends the process if the calling thread was asked to.
void audit_end_if_asked(void);

// A wait with a limit.
struct audit_wait {
  uint64_t begin;
  uint64_t limit;
};

struct audit_wait audit_begin_wait(uint32_t milliseconds);
// Sleeps a fifth of a millisecond; returns 0 at once when the time is up.
bool audit_wait_on(const struct audit_wait *wait);

#ifdef __cplusplus
}
#endif

#endif
