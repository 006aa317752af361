// SPDX-License-Identifier: Apache-2.0
// What the C sources of the engine need of Swift, in C: recorders, the runtime's reference counts,
// and the functions that do the whole of an access, cut down to what threads can meet that never
// report: they try again.
#ifndef FAST_PATHS_SWIFT_SIDE_H
#define FAST_PATHS_SWIFT_SIDE_H

#include <stdint.h>

#include "audit_monitor.h"
#include "recorder_words.h"

#define RING_RECORDS 64

// A recorder's parts in one piece of memory.
typedef struct {
  __attribute__((aligned(64))) uint64_t words[32];
  uint64_t nested[16];
  audit_chain chains[AUDIT_CHAIN_COUNT];
  uint64_t ring[RING_RECORDS][4];
  audit_walk_memory walks[AUDIT_WALK_COUNT];
} test_recorder;

// Two words that a write changes, one behind the other.
typedef struct {
  const void *class_metadata;
  uint64_t counts;
  volatile uint64_t first;
  volatile uint64_t second;
} test_storage;

// How often an access left the fast path.
typedef struct {
  uint64_t reads_fully, writes_fully, claimed, changed, nested, occupied, walking, captures, made_fully, revoked;
} exit_counts;
extern __thread exit_counts exits;
// Two stacks have one place in the table.
extern _Bool stacks_collided;
// Objects that the runtime has made and not freed.
extern int64_t objects_alive;

// Makes the classes known and switches auditing on. `bias` is what new monitors get.
void prepare_swift_side(uint16_t bias);
// Gives the calling thread the recorder of a slot.
test_recorder *attach_recorder(uint16_t slot);
// Frees what was retired.
void free_retired(void);
test_storage *make_storage(void);

// By Swift's convention, of the engine.
SWIFT audit_window audit_open_read(void *monitor, uint64_t operation);
SWIFT audit_window audit_open_write(void *variable, uint64_t operation);
SWIFT audit_window audit_open_moving_write(void *variable, uint64_t operation);
SWIFT void *audit_make_monitor_of_dictionary(void *storage, const void *type, const void *witness_table);

// As ReadWindow.close and WriteWindow.close; the first tells whether nobody wrote meanwhile.
_Bool close_read(audit_window window);
void close_write(audit_window window);

#endif
