// SPDX-License-Identifier: Apache-2.0
// Signal handlers of the program: whether one is running, and how they are kept off a thread for a
// moment. Async-signal-safe.
#ifndef AUDIT_SIGNALS_H
#define AUDIT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Blocks the calling thread's signals, but for those of its own faults, and stores the mask that
// was in force. A handler that came while the thread holds a lock of the engine's would wait for
// that lock for ever at its own access.
void audit_hold_signals(sigset_t *_Nonnull previous);
// Puts the mask back: signals that came meanwhile are delivered now.
void audit_release_signals(const sigset_t *_Nonnull previous);

// Whether the chain of frames from `frame` up leads through a signal handler. The stack is readable
// up to `high`.
bool audit_is_in_signal_handler(uintptr_t frame, uintptr_t high);

// Whether the calling thread runs a signal handler, where nothing is known of its stack: the kernel
// reads the chain of frames. Always `false` on arm64, where the C library names no place for a
// handler to return to.
bool audit_is_handling_signal(void);

#ifdef __cplusplus
}
#endif

#endif
