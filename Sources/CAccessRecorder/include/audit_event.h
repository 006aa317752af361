// SPDX-License-Identifier: Apache-2.0
// What the detector sleeps on: a word that is 1 when it is to wake up. Posting is
// async-signal-safe.
#ifndef AUDIT_EVENT_H
#define AUDIT_EVENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Wakes the detector, or keeps it from falling asleep once.
void audit_post_event(void);

// Sleeps until the event is posted, at most for so long: measured by CLOCK_MONOTONIC from now on,
// so that no change of any clock makes it longer. UINT64_MAX is without end. Only the detector
// calls this.
void audit_wait_for_event(uint64_t nanoseconds);

// In a forked child: nobody has posted, nobody sleeps.
void audit_reset_event(void);

#ifdef __cplusplus
}
#endif

#endif
