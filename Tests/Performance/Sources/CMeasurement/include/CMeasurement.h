// SPDX-License-Identifier: Apache-2.0
// What Swift cannot say for itself: a compiler barrier, a named region for profilers, the clock, the depth of the stack.
#ifndef C_MEASUREMENT_H
#define C_MEASUREMENT_H

#include <stdint.h>

// Keeps the compiler from moving loads of memory that others can see out of a loop. No instruction.
__attribute__((always_inline)) static inline void measurement_barrier(void) {
  __asm__ volatile("" ::: "memory");
}

// Calls `body`; a profiler can collect what happens in this function alone.
void measured_region(void (*body)(void *), void *context);

// Frames on the calling thread's stack by its chain of frame pointers, the caller's own first.
int measurement_frame_count(void);

// Nanoseconds of the monotonic clock.
uint64_t measurement_nanoseconds(void);

// Bytes that are allocated by malloc, in its heap and mapped.
uint64_t measurement_allocated_bytes(void);

#endif
