// SPDX-License-Identifier: Apache-2.0
// The clock of everything that waits, ages or expires, and the coarse clock of the records.
// Async-signal-safe, without locks.
#ifndef AUDIT_CLOCK_H
#define AUDIT_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Nanoseconds on a clock that never goes back, whatever the system's does: where CLOCK_MONOTONIC is
// set back, as restoring a process or entering a time namespace can do, this one goes on from where
// it was.
uint64_t audit_nanoseconds(void);

// Shifts what the system's clock is taken to say, for tests.
void audit_shift_system_clock(int64_t nanoseconds);

// Advances the coarse clock to the milliseconds since the first call in this process or the one it
// was forked from.
void audit_advance_coarse_clock(void);

#ifdef __cplusplus
}
#endif

#endif
