// SPDX-License-Identifier: Apache-2.0
// A call that needs more stack than a thread may have left.
#define _GNU_SOURCE
#include "audit_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

// An unoptimised build takes 40 KB to read the options and to start the detector, most of it in the
// runtime.
#define ROOM_WANTED ((uintptr_t)128 << 10)
#define ROOM_GIVEN ((size_t)512 << 10)

typedef struct {
  _Bool (*function)(void);
  _Bool result;
} call;

static void *run(void *argument) {
  call *made = argument;
  made->result = made->function();
  return NULL;
}

_Bool audit_call_with_room(_Bool (*function)(void)) {
  uintptr_t low, high, here = (uintptr_t)__builtin_frame_address(0);
  if (!audit_stack_bounds(&low, &high) || here < low || here - low >= ROOM_WANTED) return function();
  call made = {.function = function};
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return 0;
  pthread_attr_setstacksize(&attributes, ROOM_GIVEN);
  // Signals belong to the program's threads.
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  pthread_t thread;
  int status = pthread_create(&thread, &attributes, run, &made);
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  pthread_attr_destroy(&attributes);
  if (status != 0) return 0;
  pthread_join(thread, NULL);
  return made.result;
}
