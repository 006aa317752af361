// SPDX-License-Identifier: Apache-2.0
// Functions that Swift cannot express: a compiler barrier, a named region for profilers, the clock,
// the depth of the stack.
#ifndef C_MEASUREMENT_H
#define C_MEASUREMENT_H

#include <stdint.h>

// Keeps the compiler from moving loads of shared memory out of a loop. No instruction.
__attribute__((always_inline)) static inline void measurement_barrier(void) {
  __asm__ volatile("" ::: "memory");
}

// Calls `body`; a profiler can collect this function alone.
void measured_region(void (*body)(void *), void *context);

// Frames on the calling thread's stack by its chain of frame pointers, the caller's own first.
int measurement_frame_count(void);

// Nanoseconds of the monotonic clock.
uint64_t measurement_nanoseconds(void);

// Bytes that are allocated by malloc, in its heap and mapped.
uint64_t measurement_allocated_bytes(void);

#endif
