// SPDX-License-Identifier: Apache-2.0
// A memory barrier that the other threads execute: what lets one of two threads do without its own.
#ifndef AUDIT_BARRIER_H
#define AUDIT_BARRIER_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Tells whether the kernel offers the barrier to this process (Linux 4.14 and newer do, unless a
// filter forbids it).
bool audit_register_barrier(void);

// Returns after every running thread of the process has executed a full barrier: some microseconds.
// 0 when the kernel refuses: a process may be put into a sandbox after it has registered.
bool audit_barrier_on_all_threads(void);

#ifdef __cplusplus
}
#endif

#endif
