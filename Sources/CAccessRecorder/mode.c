// SPDX-License-Identifier: Apache-2.0
// Reads the environment switch before main, so that a program in which auditing is off never leaves
// the fast path. Nothing here allocates except the copy of the variable's value.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_mode.h"

#include "audit_barrier.h"
#include "audit_fork.h"
#include "audit_libraries.h"
#include "program_note.h"

#include <stdlib.h>
#include <string.h>

// Each on a cache line of its own: the clock is written a hundred times a second.
__attribute__((aligned(64))) int32_t audit_mode_word = AUDIT_MODE_OFF;
__attribute__((aligned(64))) uint32_t audit_coarse_clock_word = 0;
int32_t audit_race_word = 0;

static const char *environment_value = NULL;

static const char *service_value = NULL;

const char *audit_environment_at_start(void) { return environment_value; }
const char *audit_service_at_start(void) { return service_value; }

_Bool audit_is_compiled_in(void) { return 1; }

static _Bool means_off(const char *value) {
  return value[0] == 0 || strcmp(value, "0") == 0 || strcmp(value, "off") == 0;
}

__attribute__((constructor)) static void audit_read_environment(void) {
  // Whether the environment switches auditing on or the program does so later: the order of the
  // handlers is that of now.
  audit_register_process_hooks();
  // secure_getenv answers NULL in set-user-ID programs: a caller must not choose where those write
  // files.
  const char *value = secure_getenv("ACCESS_AUDIT");
  audit_keep_program_note();
  // Later the program may be changing its environment.
  const char *service = secure_getenv("OTEL_SERVICE_NAME");
  if (service != NULL && service[0] != 0) service_value = strdup(service);
  if (value == NULL) return;
  environment_value = strdup(value);
  if (environment_value == NULL || means_off(value)) return;
  audit_mode_word = AUDIT_MODE_ON;
  // Here, where there is one thread: with more the kernel takes ten milliseconds and more to
  // register.
  audit_register_barrier();
  // Here, where the loader's lock can be had: the thread that makes the first access may hold locks
  // that others wait for.
  audit_keep_library_loaded();
}

#endif
