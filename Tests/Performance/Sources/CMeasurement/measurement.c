// SPDX-License-Identifier: Apache-2.0
// The functions of CMeasurement.h.
#define _GNU_SOURCE
#include "CMeasurement.h"

#include <malloc.h>
#include <pthread.h>
#include <time.h>

__attribute__((noinline)) void measured_region(void (*body)(void *), void *context) {
  body(context);
  measurement_barrier();
}

// The end of the calling thread's stack; 0 when the C library does not know it.
static uintptr_t stack_end(void) {
  pthread_attr_t attributes;
  void *low;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  int failed = pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  return failed ? 0 : (uintptr_t)low + size;
}

__attribute__((noinline)) int measurement_frame_count(void) {
  uintptr_t end = stack_end();
  uintptr_t frame = *(const uintptr_t *)__builtin_frame_address(0);
  int count = 0;
  while (frame != 0 && frame + 16 <= end && (frame & 7) == 0) {
    count++;
    uintptr_t next = *(const uintptr_t *)frame;
    if (next <= frame) break;
    frame = next;
  }
  return count;
}

uint64_t measurement_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t measurement_allocated_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
