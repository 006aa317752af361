// SPDX-License-Identifier: Apache-2.0
// Handlers for the signals of a crash: they let an observer look first, then hand the signal on to whoever had it.
#ifndef AUDIT_CRASH_H
#define AUDIT_CRASH_H

#include <stdint.h>

// Called on the crashing thread, in the signal handler: async-signal-safe code only.
typedef void (*audit_crash_observer)(int32_t signal);

// Installs handlers for SIGSEGV, SIGBUS, SIGILL and SIGTRAP, once; later calls do nothing.
void audit_install_crash_handlers(audit_crash_observer observer);

// Gives the calling thread an alternate signal stack, if it has none; returns it, or NULL. A mapping whose pages are
// committed when a signal first uses them.
void *audit_provide_signal_stack(void);

// Takes the stack back from the calling thread, which must be the one it was given to.
void audit_release_signal_stack(void *stack);

#endif
