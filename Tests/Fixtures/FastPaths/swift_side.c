// SPDX-License-Identifier: Apache-2.0
// The functions of Swift that accesses leave the fast path for, for tests without Swift.
#define _GNU_SOURCE
#include "swift_side.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_barrier.h"

__thread exit_counts exits;
_Bool stacks_collided;

// MARK: - Recorders

static uint64_t stack_entries[1 << 17];

test_recorder *attach_recorder(uint16_t slot) {
  test_recorder *own = aligned_alloc(64, (sizeof(test_recorder) + 63) / 64 * 64);
  memset(own, 0, sizeof *own);
  void *recorder = own;
  RECORDER(void *, RING_WORDS) = own->ring;
  RECORDER(uint64_t, RING_MASK) = RING_RECORDS - 1;
  RECORDER(uint64_t, SLOT_BITS) = (uint64_t)slot << 48;
  RECORDER(uint64_t, DEPTH) = 32;
  RECORDER(void *, CHAINS) = own->chains;
  RECORDER(uint16_t, SLOT) = slot;
  RECORDER(void *, NESTED_HAZARDS) = own->nested;
  RECORDER(int32_t, THREAD_ID) = audit_thread_id();
  RECORDER(void *, STACK_ENTRIES) = stack_entries;
  RECORDER(void *, WALKS) = own->walks;
  if (!audit_stack_bounds(&RECORDER(uintptr_t, STACK_LOW), &RECORDER(uintptr_t, STACK_HIGH))) abort();
  audit_recorder_table[slot] = (uint64_t)(uintptr_t)own;
  audit_set_thread_recorder(own);
  return own;
}

SWIFT uint32_t audit_capture_fully(uintptr_t frame, void *recorder);
SWIFT uint32_t audit_capture_fully(uintptr_t frame, void *recorder) {
  exits.captures++;
  uint64_t key = audit_hash_frames(frame, RECORDER(uintptr_t, STACK_HIGH), RECORDER(uint32_t, DEPTH)) & ~(uint64_t)1;
  uint64_t index = key >> 20 & 0xFFFF;
  uint64_t present = __atomic_load_n(&stack_entries[2 * index], __ATOMIC_RELAXED);
  if (present != 0 && present != key) __atomic_store_n(&stacks_collided, 1, __ATOMIC_RELAXED);
  __atomic_store_n(&stack_entries[2 * index], key, __ATOMIC_RELAXED);
  return (uint32_t)index + 1;
}

// MARK: - Reads

static audit_window unaudited(void *monitor) { return (audit_window){monitor, 0, NULL, 0}; }

// As Shield.openRead.
static audit_window read_shielded(void *recorder, audit_monitor *monitor, uint64_t operation, uintptr_t frame) {
  uint64_t *hazard = RECORDER(uint64_t *, NESTED_HAZARDS);
  for (;;) {
    __atomic_store_n(hazard, (uint64_t)(uintptr_t)monitor, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint64_t version = __atomic_load_n(&monitor->version, __ATOMIC_ACQUIRE);
    if ((version & 1) == 0) {
      append(recorder, monitor->id, version, audit_capture_fully(frame, recorder), operation & 0xFF);
      return (audit_window){monitor, version | (uint64_t)AUDIT_SHIELDED_VERSION, NULL, (uint64_t)(uintptr_t)hazard};
    }
    __atomic_store_n(hazard, 0, __ATOMIC_RELEASE);
    sched_yield();
  }
}

SWIFT audit_window audit_open_read_fully(void *monitor, uint64_t operation);
SWIFT audit_window audit_open_read_fully(void *monitor, uint64_t operation) {
  exits.reads_fully++;
  void *recorder = audit_thread_recorder();
  audit_monitor *words = monitor;
  if (audit_mode() == AUDIT_MODE_SHIELD) return read_shielded(recorder, words, operation, audit_frame_address());
  uint64_t version = __atomic_load_n(&words->version, __ATOMIC_ACQUIRE);
  if (recorder == NULL || (version & 1) != 0) return unaudited(monitor);
  append(recorder, words->id, version, audit_capture_fully(audit_frame_address(), recorder), operation & 0xFF);
  __atomic_store_n(&RECORDER(uint64_t, HAZARD), (uint64_t)(uintptr_t)monitor, __ATOMIC_RELAXED);
  return (audit_window){monitor, version, recorder, 0};
}

SWIFT audit_window audit_open_read_changed(void *monitor, uint64_t operation, uint64_t before);
SWIFT audit_window audit_open_read_changed(void *monitor, uint64_t operation, uint64_t before) {
  (void)operation, (void)before;
  exits.changed++;
  return unaudited(monitor);
}

SWIFT audit_window audit_open_read_nested(void *monitor, uint64_t operation, uint64_t before);
SWIFT audit_window audit_open_read_nested(void *monitor, uint64_t operation, uint64_t before) {
  (void)operation;
  exits.nested++;
  uint64_t *hazard = (uint64_t *)(((char **)audit_thread_recorder())[AUDIT_RECORDER_NESTED_HAZARDS / 8]);
  *hazard = (uint64_t)(uintptr_t)monitor;
  return (audit_window){monitor, before, hazard, 0};
}

_Bool close_read(audit_window window) {
  if (window.hazard == NULL && window.version == 0) return 0;
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  if (window.hazard == NULL) {
    uint64_t now = __atomic_load_n(&((audit_monitor *)window.monitor)->version, __ATOMIC_ACQUIRE);
    __atomic_store_n((uint64_t *)window.outer, 0, __ATOMIC_RELEASE);
    return now == (window.version & ~(uint64_t)AUDIT_SHIELDED_VERSION);
  }
  __atomic_store_n((uint64_t *)window.hazard, window.outer, __ATOMIC_RELEASE);
  return __atomic_load_n(&((audit_monitor *)window.monitor)->version, __ATOMIC_ACQUIRE) == window.version;
}

// MARK: - Writes

SWIFT void audit_wait_for_readers(void *monitor, void *own);

static audit_window publish_write(void *recorder, audit_monitor *monitor, uint64_t version) {
  if (audit_mode() == AUDIT_MODE_SHIELD) {
    audit_wait_for_readers(monitor, recorder);
    return (audit_window){monitor, version, NULL, 0};
  }
  uint64_t *hazard = recorder;
  if (*hazard != 0) {
    hazard = RECORDER(uint64_t *, NESTED_HAZARDS);
    while (*hazard != 0) hazard++;
  }
  *hazard = (uint64_t)(uintptr_t)monitor | 1;
  return (audit_window){monitor, version, hazard, 0};
}

// As Shield.waitForReaders.
SWIFT void audit_wait_for_readers(void *monitor, void *own) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  for (int slot = 1; slot < 64; slot++) {
    void *recorder = (void *)(uintptr_t)__atomic_load_n(&audit_recorder_table[slot], __ATOMIC_ACQUIRE);
    if (recorder == NULL || recorder == own) continue;
    uint64_t *hazard = RECORDER(uint64_t *, NESTED_HAZARDS);
    while (__atomic_load_n(hazard, __ATOMIC_ACQUIRE) == (uint64_t)(uintptr_t)monitor) sched_yield();
  }
}

// As WriterBias.settle.
static _Bool settle(audit_monitor *monitor, uint16_t slot) {
  uint16_t owner = __atomic_load_n(&monitor->bias, __ATOMIC_ACQUIRE);
  if (owner == AUDIT_BIAS_NONE || owner == AUDIT_BIAS_OPEN || owner == slot) return 1;
  if (owner == 0xFFFE) return 0;
  if (!__atomic_compare_exchange_n(&monitor->bias, &owner, 0xFFFE, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return 0;
  if (!audit_barrier_on_all_threads()) {
    printf("the kernel refuses its barrier\n");
    exit(1);
  }
  exits.revoked++;
  void *recorder = (void *)(uintptr_t)audit_recorder_table[owner];
  while (__atomic_load_n(&RECORDER(uint64_t, CLAIMING), __ATOMIC_ACQUIRE) == (uint64_t)(uintptr_t)monitor) sched_yield();
  __atomic_store_n(&monitor->bias, AUDIT_BIAS_NONE, __ATOMIC_RELEASE);
  return 1;
}

// As WriteAttempt.claim and `settle`, one try.
static _Bool try_write(void *variable, audit_monitor *monitor, void *recorder, uint64_t *version) {
  uint64_t slot_bits = RECORDER(uint64_t, SLOT_BITS);
  uint64_t writer = (uint64_t)(uintptr_t)variable | slot_bits, none = 0;
  if (!settle(monitor, RECORDER(uint16_t, SLOT))) return 0;
  if (!__atomic_compare_exchange_n(&monitor->writer, &none, writer, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return 0;
  uint16_t bias = __atomic_load_n(&monitor->bias, __ATOMIC_ACQUIRE);
  _Bool is_settled = bias == AUDIT_BIAS_NONE || bias == AUDIT_BIAS_OPEN || bias == RECORDER(uint16_t, SLOT);
  if (!is_settled || __atomic_load_n(&monitor->writer, __ATOMIC_ACQUIRE) != writer) {
    uint64_t own = writer;
    __atomic_compare_exchange_n(&monitor->writer, &own, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return 0;
  }
  *version = __atomic_load_n(&monitor->version, __ATOMIC_ACQUIRE);
  if ((*version & 1) != 0 || *(void **)variable != monitor) abort();
  if (bias == AUDIT_BIAS_OPEN) __atomic_store_n(&monitor->bias, RECORDER(uint16_t, SLOT), __ATOMIC_RELEASE);
  *version = (*version & 0x0000FFFFFFFFFFFEull) | slot_bits | 1;
  __atomic_store_n(&monitor->version, *version, __ATOMIC_RELEASE);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  return 1;
}

SWIFT audit_window audit_open_write_fully(void *variable, uint64_t operation);
SWIFT audit_window audit_open_write_fully(void *variable, uint64_t operation) {
  exits.writes_fully++;
  void *recorder = audit_thread_recorder();
  if (recorder == NULL) abort();
  audit_monitor *monitor;
  uint64_t version;
  while (monitor = *(audit_monitor **)variable, !try_write(variable, monitor, recorder, &version)) sched_yield();
  uint32_t stack = audit_capture_fully(audit_frame_address(), recorder);
  append(recorder, monitor->id, version, stack, (operation & 0xFF) | AUDIT_RECORD_WRITING << 8);
  return publish_write(recorder, monitor, version);
}

SWIFT audit_window audit_open_write_claimed(void *variable, uint8_t operation, void *monitor, uint64_t before, uint64_t owner);
SWIFT audit_window audit_open_write_claimed(
    void *variable, uint8_t operation, void *monitor, uint64_t before, uint64_t owner) {
  (void)before;
  exits.claimed++;
  // Another write ended since this one began, which would be reported; here it tries again.
  if (owner == 0) __atomic_store_n(&((audit_monitor *)monitor)->writer, 0, __ATOMIC_RELEASE);
  return audit_open_write_fully(variable, operation);
}

SWIFT audit_window audit_open_write_walking(void *monitor, uint64_t operation, uint64_t version);
SWIFT audit_window audit_open_write_walking(void *monitor, uint64_t operation, uint64_t version) {
  exits.walking++;
  void *recorder = audit_thread_recorder();
  uint32_t stack = audit_capture_fully(audit_frame_address(), recorder);
  append(recorder, ((audit_monitor *)monitor)->id, version, stack, (operation & 0xFF) | AUDIT_RECORD_WRITING << 8);
  return publish_write(recorder, monitor, version);
}

// Nothing here is observed.
SWIFT audit_window audit_open_write_walking_observed(void *monitor, uint64_t operation, uint64_t version);
SWIFT audit_window audit_open_write_walking_observed(void *monitor, uint64_t operation, uint64_t version) {
  return audit_open_write_walking(monitor, operation, version);
}

SWIFT audit_window audit_open_write_nested(void *monitor, uint64_t unused, uint64_t version);
SWIFT audit_window audit_open_write_nested(void *monitor, uint64_t unused, uint64_t version) {
  (void)unused;
  exits.nested++;
  return publish_write(audit_thread_recorder(), monitor, version);
}

SWIFT audit_window audit_open_write_occupied(void *monitor, uint64_t unused, uint64_t version);
SWIFT audit_window audit_open_write_occupied(void *monitor, uint64_t unused, uint64_t version) {
  (void)unused;
  exits.occupied++;
  void *recorder = audit_thread_recorder();
  uint64_t *hazard = RECORDER(uint64_t *, NESTED_HAZARDS);
  while (*hazard != 0) hazard++;
  *hazard = (uint64_t)(uintptr_t)monitor | 3;
  return (audit_window){monitor, version, hazard, 0};
}

void close_write(audit_window window) {
  audit_monitor *monitor = window.monitor;
  uint64_t ended = (window.version & 0xFFFF000000000000ull) | ((window.version + 1) & 0x0000FFFFFFFFFFFFull);
  __atomic_store_n(&monitor->version, ended, __ATOMIC_RELEASE);
  __atomic_store_n(&monitor->writer, 0, __ATOMIC_RELEASE);
  if (window.hazard != NULL) __atomic_store_n((uint64_t *)window.hazard, window.outer, __ATOMIC_RELEASE);
}

// MARK: - Monitors

void audit_install_engine(void);
void audit_install_engine(void) {}

SWIFT void *audit_make_monitor_fully(void *storage, const void *type, const void *witness_table, uintptr_t frame);
SWIFT void *audit_make_monitor_fully(void *storage, const void *type, const void *witness_table, uintptr_t frame) {
  exits.made_fully++;
  return audit_make_pinned(audit_thread_recorder(), frame, storage, type, witness_table, AUDIT_KIND_DICTIONARY, 0);
}

SWIFT void audit_end_monitor_fully(void *monitor, uintptr_t frame);
SWIFT void audit_end_monitor_fully(void *monitor, uintptr_t frame) { (void)monitor, (void)frame, abort(); }
SWIFT void audit_end_written_monitor(void *monitor, uint64_t last);
SWIFT void audit_end_written_monitor(void *monitor, uint64_t last) { (void)monitor, (void)last, abort(); }
SWIFT void audit_free_retired(void *monitor);
SWIFT void audit_free_retired(void *monitor) { audit_free_object(monitor); }
SWIFT void audit_hunt_fork(void *monitor, uint64_t old_id, uint8_t operation, void *recorder, uintptr_t frame);
SWIFT void audit_hunt_fork(void *monitor, uint64_t old_id, uint8_t operation, void *recorder, uintptr_t frame) {
  (void)monitor, (void)old_id, (void)operation, (void)recorder, (void)frame, abort();
}

void free_retired(void) {
  audit_monitor *next = (audit_monitor *)(uintptr_t)__atomic_exchange_n(WORD_AT(RETIRED_HEAD), 0, __ATOMIC_ACQUIRE);
  while (next != NULL) {
    audit_monitor *monitor = next;
    next = (audit_monitor *)(uintptr_t)monitor->next_retired;
    __atomic_fetch_sub(WORD_AT(RETIRED_WAITING), 1, __ATOMIC_RELAXED);
    audit_free_object(monitor);
  }
}
