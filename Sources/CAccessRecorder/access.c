// SPDX-License-Identifier: Apache-2.0
// Accesses whose stack is not the one that was seen last at the same place, as in a recursion: the
// fast path has found nothing else unusual. What is unknown goes to the Swift functions that do the
// whole access, as if they had been called instead. Nothing here allocates or locks.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "access_stack.h"
#include "audit_monitor.h"

SWIFT audit_window audit_open_read_fully(void *monitor, uint64_t operation);
SWIFT audit_window audit_open_read_changed(void *monitor, uint64_t operation, uint64_t before);
SWIFT audit_window audit_open_read_nested(void *monitor, uint64_t operation, uint64_t before);
SWIFT audit_window audit_open_write_walking(void *monitor, uint64_t operation, uint64_t version);
SWIFT audit_window audit_open_write_nested(void *monitor, uint64_t unused, uint64_t version);
SWIFT audit_window audit_open_write_occupied(void *monitor, uint64_t unused, uint64_t version);

// Remembers the chain, so that its next execution takes the fast path; while accesses are hunted
// until the detector's next round.
static inline void remember(void *recorder, uintptr_t frame, uint32_t stack) {
  audit_chain *entry = RECORDER(audit_chain *, CHAINS) + audit_chain_index(audit_return_address(frame));
  uint64_t depth = RECORDER_SHARED(uint64_t, DEPTH);
  audit_remember_chain(entry, frame, RECORDER(uintptr_t, STACK_HIGH), (uint32_t)depth, stack);
  if (entry->frame == frame && entry->stack_id == stack) entry->depth = depth;
}

// The stack of an access that nothing more needs to be done for; 0 where there is more.
static inline uint32_t stack_of_access(void *recorder, const void *monitor, uintptr_t frame) {
  _Bool is_chain;
  uint32_t stack = find_usual_stack(recorder, monitor, frame, &is_chain);
  if (stack != 0 && is_chain) remember(recorder, frame, stack);
  return stack;
}

SWIFT audit_window audit_open_read_unmatched(void *monitor, uint64_t operation) {
  // The fast path had it a moment ago.
  void *recorder = audit_thread_recorder();
  audit_monitor *words = monitor;
  // Protocol, read step 1.
  uint64_t version = __atomic_load_n(&words->version, __ATOMIC_ACQUIRE);
  uint32_t stack = (version & 1) != 0 ? 0 : stack_of_access(recorder, monitor, audit_frame_address());
  if (stack == 0) __attribute__((musttail)) return audit_open_read_fully(monitor, operation);
  // Protocol, read step 2.
  append(recorder, words->id, version, stack, operation & 0xFF);
  if (RECORDER(uint64_t, HAZARD) != 0) return audit_open_read_nested(monitor, operation, version);
  __atomic_store_n(&RECORDER(uint64_t, HAZARD), (uint64_t)(uintptr_t)monitor, __ATOMIC_RELAXED);
  // Protocol, read step 3.
  if (__atomic_load_n(&words->version, __ATOMIC_ACQUIRE) == version) {
    return (audit_window){.monitor = monitor, .version = version, .hazard = recorder, .outer = 0};
  }
  __atomic_store_n(&RECORDER(uint64_t, HAZARD), 0, __ATOMIC_RELAXED);
  return audit_open_read_changed(monitor, operation, version);
}

// The window is open, the stack is to be found. Bit 8 of the operation: it may end on another
// thread.
SWIFT audit_window audit_open_write_unmatched(void *monitor, uint64_t operation, uint64_t version) {
  void *recorder = audit_thread_recorder();
  uint32_t stack = stack_of_access(recorder, monitor, audit_frame_address());
  if (stack == 0) __attribute__((musttail)) return audit_open_write_walking(monitor, operation, version);
  // Protocol, write step 5.
  append(recorder, ((audit_monitor *)monitor)->id, version, stack, (operation & 0xFF) | AUDIT_RECORD_WRITING << 8);
  if (operation >> 8 != 0) return audit_open_write_occupied(monitor, 0, version);
  if (RECORDER(uint64_t, HAZARD) != 0) return audit_open_write_nested(monitor, 0, version);
  __atomic_store_n(&RECORDER(uint64_t, HAZARD), (uint64_t)(uintptr_t)monitor | 1, __ATOMIC_RELAXED);
  return (audit_window){.monitor = monitor, .version = version, .hazard = recorder, .outer = 0};
}

#endif
