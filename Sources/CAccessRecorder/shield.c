// SPDX-License-Identifier: Apache-2.0
// Accesses under `shield` whose stack is known, and which meet nobody: what `Shield` and
// `WriteAttempt` do for each, in C because a debug build does not optimise Swift. Whatever is
// unusual goes to the Swift functions that do the whole access, as if they had been called instead.
// Nothing here allocates or locks.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "access_stack.h"
#include "audit_monitor.h"
#include "audit_runtime.h"
#include "audit_traffic.h"

SWIFT audit_window audit_open_read_fully(void *monitor, uint64_t operation);
// Has only the first two parameters; a tail call needs the same ones in both functions.
SWIFT audit_window audit_open_write_fully(
    void *variable, uint8_t operation, void *monitor, uint64_t before, uint64_t owner);
SWIFT audit_window audit_open_write_claimed(
    void *variable, uint8_t operation, void *monitor, uint64_t before, uint64_t owner);
SWIFT void audit_wait_for_readers(void *monitor, void *recorder);

#define TAIL __attribute__((musttail)) return

// The recorder of an access whose stack is found; NULL for what is unusual.
static inline void *recorder_of_access(const void *monitor, uintptr_t frame, uint32_t *stack) {
  void *recorder = audit_thread_recorder();
  if (recorder == NULL || audit_traffic_is_observed()) return NULL;
  *stack = 0;
  if (RECORDER_SHARED(uint64_t, DEPTH) == 0) return recorder;
  _Bool is_chain;
  *stack = find_usual_stack(recorder, monitor, frame, &is_chain);
  return *stack != 0 ? recorder : NULL;
}

// Notes that another thread than the one that made the monitor has touched it.
static inline void note_access(audit_monitor *monitor, const void *recorder) {
  if (monitor->id >> 48 == RECORDER(uint64_t, SLOT_BITS) >> 48) return;
  if (__atomic_load_n(&monitor->sharing, __ATOMIC_RELAXED) != 0) return;
  __atomic_store_n(&monitor->sharing, 1, __ATOMIC_RELAXED);
}

// As `Shield.openRead`.
SWIFT audit_window audit_open_read_shielded(void *address, uint64_t operation) {
  audit_monitor *monitor = address;
  uint32_t stack;
  void *recorder = recorder_of_access(monitor, audit_frame_address(), &stack);
  if (recorder == NULL) TAIL audit_open_read_fully(address, operation);
  uint64_t *hazard = RECORDER(uint64_t *, NESTED_HAZARDS);
  if (__atomic_load_n(hazard, __ATOMIC_RELAXED) != 0) TAIL audit_open_read_fully(address, operation);
  __atomic_store_n(hazard, (uint64_t)(uintptr_t)monitor, __ATOMIC_RELAXED);
  note_access(monitor, recorder);
  // Pairs with the fence of a writer between the odd version and the search for readers.
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  uint64_t version = __atomic_load_n(&monitor->version, __ATOMIC_ACQUIRE);
  if ((version & 1) != 0) {
    // As if it had not been published yet.
    __atomic_store_n(hazard, 0, __ATOMIC_RELEASE);
    TAIL audit_open_read_fully(address, operation);
  }
  append(recorder, monitor->id, version, stack, operation & 0xFF);
  return (audit_window){
      .monitor = monitor, .version = version | AUDIT_SHIELDED_VERSION, .hazard = NULL, .outer = (uint64_t)(uintptr_t)hazard};
}

// Whether a claim by compare-and-swap is not overwritten by the owner of a bias.
static inline _Bool is_settled(uint16_t bias, const void *recorder) {
  return bias == AUDIT_BIAS_NONE || bias == AUDIT_BIAS_OPEN || bias == RECORDER(uint64_t, SLOT_BITS) >> 48;
}

// As `WriteAttempt`.
SWIFT audit_window audit_open_write_shielded(
    void *variable, uint8_t operation, void *unused, uint64_t before, uint64_t owner) {
  audit_monitor *monitor = __atomic_load_n((audit_monitor **)variable, __ATOMIC_ACQUIRE);
  uint32_t stack;
  void *recorder = recorder_of_access(monitor, audit_frame_address(), &stack);
  if (recorder == NULL) TAIL audit_open_write_fully(variable, operation, unused, 0, 0);
#if defined(__aarch64__)
  // A tag has no room in the writer word: `WriterWord.pack` leaves it out.
  if ((uint64_t)(uintptr_t)variable >> 48 != 0) TAIL audit_open_write_fully(variable, operation, unused, 0, 0);
#endif
  // Protocol, write step 1.
  before = __atomic_load_n(&monitor->version, __ATOMIC_ACQUIRE);
  if ((before & 1) != 0 || !is_settled(__atomic_load_n(&monitor->bias, __ATOMIC_ACQUIRE), recorder)) {
    TAIL audit_open_write_fully(variable, operation, unused, 0, 0);
  }
  // Protocol, write step 2.
  uint64_t slot_bits = RECORDER(uint64_t, SLOT_BITS);
  uint64_t writer = (uint64_t)(uintptr_t)variable | slot_bits;
  owner = 0;
  if (!__atomic_compare_exchange_n(&monitor->writer, &owner, writer, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    TAIL audit_open_write_claimed(variable, operation, monitor, before, owner);
  }
  // The bias may have been given meanwhile; its owner stores over the claim.
  uint16_t bias = __atomic_load_n(&monitor->bias, __ATOMIC_ACQUIRE);
  if (!is_settled(bias, recorder) || __atomic_load_n(&monitor->writer, __ATOMIC_ACQUIRE) != writer) {
    uint64_t own = writer;
    __atomic_compare_exchange_n(&monitor->writer, &own, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    TAIL audit_open_write_fully(variable, operation, unused, 0, 0);
  }
  // Protocol, write steps 3 and 4.
  if (__atomic_load_n(&monitor->version, __ATOMIC_ACQUIRE) != before ||
      __atomic_load_n((audit_monitor **)variable, __ATOMIC_ACQUIRE) != monitor || !audit_is_unique(monitor)) {
    TAIL audit_open_write_claimed(variable, operation, monitor, before, 0);
  }
  note_access(monitor, recorder);
  if (bias == AUDIT_BIAS_OPEN) {
    bias = WORD(BARRIERS_REFUSED) == 0 ? (uint16_t)(slot_bits >> 48) : AUDIT_BIAS_NONE;
    __atomic_store_n(&monitor->bias, bias, __ATOMIC_RELEASE);
  }
  uint64_t version = (before & 0x0000FFFFFFFFFFFEu) | slot_bits | 1;
  __atomic_store_n(&monitor->version, version, __ATOMIC_RELEASE);
  // Protocol, write step 5.
  append(recorder, monitor->id, version, stack, operation | AUDIT_RECORD_WRITING << 8);
  // Has the fence that the elements' stores come behind.
  audit_wait_for_readers(monitor, recorder);
  // Nobody frees a monitor whose writer word is taken, so this is not published.
  return (audit_window){.monitor = monitor, .version = version, .hazard = NULL, .outer = 0};
}

#endif
