// SPDX-License-Identifier: Apache-2.0
// The table of functions through which accesses reach the layers above them. Nothing here allocates
// or locks.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_outward.h"

static audit_outward_calls table;
static _Bool is_set;

#define CALL(name) __atomic_load_n(&table.name, __ATOMIC_RELAXED)

audit_outward_calls audit_outward(void) {
  if (!__atomic_load_n(&is_set, __ATOMIC_ACQUIRE)) audit_install_engine();
  return (audit_outward_calls){
      .start = CALL(start),
      .wake_detector = CALL(wake_detector),
      .scope = CALL(scope),
      .write_bare_report = CALL(write_bare_report),
  };
}

void audit_set_outward_calls(audit_outward_calls calls) {
  __atomic_store_n(&table.start, calls.start, __ATOMIC_RELAXED);
  __atomic_store_n(&table.wake_detector, calls.wake_detector, __ATOMIC_RELAXED);
  __atomic_store_n(&table.scope, calls.scope, __ATOMIC_RELAXED);
  __atomic_store_n(&table.write_bare_report, calls.write_bare_report, __ATOMIC_RELAXED);
  __atomic_store_n(&is_set, 1, __ATOMIC_RELEASE);
}

#endif
