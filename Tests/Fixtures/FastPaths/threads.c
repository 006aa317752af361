// SPDX-License-Identifier: Apache-2.0
// Threads that make, read, write, copy and end collections through the fast paths and the engine's
// C sources, and what must be true of it: no write is lost, no read that counts saw half a write,
// every record is whole, every object ends.
#define _GNU_SOURCE
#include "swift_side.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit_runtime.h"
#include "pieces.h"

enum { THREADS = 4, READ_OPERATION = 20, WRITE_OPERATION = 21 };

typedef struct {
  uint16_t slot;
  int rounds;
  int pause;  // loops between the two words of a write, and of a read under shield
  void **variable;  // shared by all, or NULL
  uint64_t writes, good_reads, bad_reads;
  exit_counts exits;
  test_recorder *recorder;
} worker;

static volatile int started;
static volatile int writers_left;

static void begin(worker *own) {
  own->recorder = attach_recorder(own->slot);
  __atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS) sched_yield();
}

static void spin(int loops) {
  for (volatile int i = 0; i < loops; i++) {}
}

static void write_once(void **variable, int pause) {
  audit_window window = audit_open_write(variable, WRITE_OPERATION);
  test_storage *storage = ((audit_monitor *)window.monitor)->storage;
  storage->first = storage->first + 1;
  spin(pause);
  storage->second = storage->second + 1;
  close_write(window);
}

static _Bool read_once(worker *own, void *monitor) {
  audit_window window = audit_open_read(monitor, READ_OPERATION);
  test_storage *storage = ((audit_monitor *)window.monitor)->storage;
  uint64_t second = storage->second, first = storage->first;
  if (!close_read(window)) return 0;
  own->good_reads++;
  if (first != second) own->bad_reads++;
  return 1;
}

static void *make_collection(void) {
  test_storage *storage = make_storage();
  void *monitor = audit_make_monitor_of_dictionary(storage, NULL, NULL);
  swift_release(storage);
  return monitor;
}

// MARK: - What threads do

// Collections of the thread's own: nothing is in the way, so nothing is left to the slow functions
// after each place was seen twice.
static void *use_own(void *context) {
  worker *own = context;
  begin(own);
  for (int i = 0; i < own->rounds; i++) {
    void *variable = make_collection();
    for (int j = 0; j < 20; j++) {
      write_once(&variable, 0);
      if (!read_once(own, variable)) own->bad_reads++;
    }
    // A copy: the next write leaves the old monitor to it.
    void *copy = swift_retain(variable);
    write_once(&variable, 0);
    if (copy == variable) own->bad_reads++;
    audit_window moving = audit_open_moving_write(&variable, WRITE_OPERATION);
    close_write(moving);
    test_storage *storage = ((audit_monitor *)variable)->storage;
    if (storage->first != 21 || ((audit_monitor *)copy)->version >> 48 != own->slot) own->bad_reads++;
    swift_release(copy);
    swift_release(variable);
  }
  own->exits = exits;
  audit_set_thread_recorder(NULL);
  return NULL;
}

// One collection that all write.
static void *write_shared(void *context) {
  worker *own = context;
  begin(own);
  for (int i = 0; i < own->rounds; i++) {
    write_once(own->variable, own->pause);
    own->writes++;
  }
  own->exits = exits;
  __atomic_fetch_sub(&writers_left, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

// Reads it meanwhile.
static void *read_shared(void *context) {
  worker *own = context;
  begin(own);
  // Once more when they have ended.
  for (_Bool is_over = 0; !is_over;) {
    is_over = __atomic_load_n(&writers_left, __ATOMIC_SEQ_CST) == 0;
    for (int i = 0; i < 100; i++) read_once(own, *own->variable);
  }
  own->exits = exits;
  return NULL;
}

// Reads the rings meanwhile, as AccessRing.record does.
static uint64_t bad_records, whole_records;
static void *read_rings(void *context) {
  worker *own = context;
  begin(own);
  for (_Bool is_over = 0; !is_over;) {
    is_over = __atomic_load_n(&writers_left, __ATOMIC_SEQ_CST) == 0;
    for (uint16_t slot = 1; slot < THREADS; slot++) {
      void *recorder = (void *)(uintptr_t)__atomic_load_n(&audit_recorder_table[slot], __ATOMIC_ACQUIRE);
      uint64_t index = __atomic_load_n(&RECORDER(uint64_t, RING_HEAD), __ATOMIC_ACQUIRE);
      if (index < 2 * RING_RECORDS) continue;
      index -= 1 + index % (RING_RECORDS - 1);
      uint64_t *record = RECORDER(uint64_t *, RING_WORDS) + 4 * (index % RING_RECORDS), words[4];
      for (int i = 0; i < 4; i++) words[i] = __atomic_load_n(record + i, __ATOMIC_ACQUIRE);
      uint64_t head = __atomic_load_n(&RECORDER(uint64_t, RING_HEAD), __ATOMIC_ACQUIRE);
      if (index >= head || head >= index + RING_RECORDS || (uint32_t)words[0] != (uint32_t)index) continue;
      whole_records++;
      // A write has an odd version with the writer's slot, a read an even one.
      _Bool is_write = (words[0] >> 40 & 1) != 0;
      uint64_t operation = words[0] >> 32 & 0xFF;
      if (operation != (is_write ? WRITE_OPERATION : READ_OPERATION) || (words[2] & 1) != is_write ||
          (is_write && words[2] >> 48 != slot) || words[1] == 0 || (uint32_t)words[3] == 0) {
        bad_records++;
      }
    }
  }
  return NULL;
}

// Reads it meanwhile, under shield: no read sees half a write, because writers wait.
static void *read_shielded(void *context) {
  worker *own = context;
  begin(own);
  for (_Bool is_over = 0; !is_over;) {
    is_over = __atomic_load_n(&writers_left, __ATOMIC_SEQ_CST) == 0;
    for (int i = 0; i < 100; i++) {
      audit_window window = audit_open_read(*own->variable, READ_OPERATION);
      test_storage *storage = ((audit_monitor *)window.monitor)->storage;
      uint64_t second = storage->second;
      spin(own->pause);
      if (storage->first != second) own->bad_reads++;
      close_read(window);
      own->good_reads++;
    }
  }
  own->exits = exits;
  return NULL;
}

// MARK: - Runs

static void run_threads(worker workers[THREADS], void *(*const bodies[THREADS])(void *)) {
  pthread_t threads[THREADS];
  started = 0;
  for (int i = 0; i < THREADS; i++) {
    if (pthread_create(&threads[i], NULL, bodies[i], &workers[i]) != 0) abort();
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

static void check_own(void) {
  prepare_swift_side(AUDIT_BIAS_OPEN);
  worker workers[THREADS];
  void *(*bodies[THREADS])(void *);
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (worker){.slot = (uint16_t)(i + 1), .rounds = 500};
    bodies[i] = use_own;
  }
  run_threads(workers, bodies);
  for (int i = 0; i < THREADS; i++) {
    exit_counts *left = &workers[i].exits;
    CHECK(workers[i].bad_reads == 0 && workers[i].good_reads == 500 * 20);
    CHECK(left->writes_fully == 0 && left->claimed == 0);
    // Two stacks with one place in the table push each other out.
    CHECK(stacks_collided || (left->reads_fully <= 4 && left->walking <= 8));
    CHECK(left->changed == 0 && left->nested == 0 && left->made_fully == 0 && left->revoked == 0);
    // Each collection's making, its fork, its end and its accesses left a record.
    CHECK(workers[i].recorder->words[AUDIT_RECORDER_RING_HEAD / 8] == 500 * (1 + 2 * 20 + 2 + 1 + 2));
  }
  free_retired();
  CHECK(objects_alive == 0);
}

// Two threads write one collection, whose bias one of them has at first.
static void check_shared(int readers) {
  uint64_t revoked = 0, read = 0;
  for (int round = 0; round < 30; round++) {
    void *variable;
    attach_recorder(60);
    variable = make_collection();
    if (round % 3 == 1) ((audit_monitor *)variable)->bias = AUDIT_BIAS_NONE;
    worker workers[THREADS];
    void *(*bodies[THREADS])(void *) = {write_shared, write_shared, readers ? read_shared : write_shared, read_rings};
    writers_left = readers ? 2 : 3;
    for (int i = 0; i < THREADS; i++) {
      workers[i] = (worker){.slot = (uint16_t)(i + 1), .rounds = 400, .variable = &variable};
    }
    run_threads(workers, bodies);
    test_storage *storage = ((audit_monitor *)variable)->storage;
    uint64_t writes = workers[0].writes + workers[1].writes + workers[2].writes;
    CHECK(storage->first == writes && storage->second == writes);
    CHECK((((audit_monitor *)variable)->version & 0x0000FFFFFFFFFFFF) == 2 * writes);
    for (int i = 0; i < THREADS; i++) {
      CHECK(workers[i].bad_reads == 0);
      revoked += workers[i].exits.revoked;
      read += workers[i].good_reads;
    }
    swift_release(variable);
    audit_set_thread_recorder(NULL);
  }
  free_retired();
  CHECK(objects_alive == 0 && bad_records == 0 && whole_records > 0);
  CHECK(revoked > 0);
  CHECK(!readers || read > 0);
}

// Readers and writers of one collection under shield, where each waits for the other.
static void check_shielded(void) {
  uint64_t quick = 0;
  for (int round = 0; round < 20; round++) {
    attach_recorder(60);
    void *variable = make_collection();
    worker workers[THREADS];
    void *(*bodies[THREADS])(void *) = {write_shared, write_shared, read_shielded, read_shielded};
    writers_left = 2;
    for (int i = 0; i < THREADS; i++) {
      workers[i] = (worker){.slot = (uint16_t)(i + 1), .rounds = 2000, .pause = 100, .variable = &variable};
    }
    audit_set_mode(AUDIT_MODE_SHIELD);
    run_threads(workers, bodies);
    audit_set_mode(AUDIT_MODE_ON);
    test_storage *storage = ((audit_monitor *)variable)->storage;
    CHECK(storage->first == 4000 && storage->second == 4000 && ((audit_monitor *)variable)->sharing == 1);
    CHECK((((audit_monitor *)variable)->version & 0x0000FFFFFFFFFFFF) == 2 * 4000);
    for (int i = 0; i < THREADS; i++) {
      CHECK(workers[i].bad_reads == 0);
      quick += workers[i].good_reads + workers[i].writes - workers[i].exits.reads_fully - workers[i].exits.writes_fully;
    }
    swift_release(variable);
    audit_set_thread_recorder(NULL);
  }
  free_retired();
  CHECK(objects_alive == 0 && quick > 0);
}

#if defined(__aarch64__)
// A tag on the variable's address is no part of what the writer word holds.
static void check_tagged(void) {
  attach_recorder(5);
  void *variable = make_collection();
  void **tagged = (void **)((uint64_t)(uintptr_t)&variable | 0x0B00000000000000);
  audit_set_mode(AUDIT_MODE_SHIELD);
  for (int i = 0; i < 4; i++) {
    uint64_t before = exits.writes_fully;
    audit_window window = audit_open_write(tagged, WRITE_OPERATION);
    CHECK(exits.writes_fully == before + 1);
    close_write(window);
  }
  audit_set_mode(AUDIT_MODE_ON);
  swift_release(variable);
  audit_set_thread_recorder(NULL);
  free_retired();
}
#endif

// MARK: - Swift's own calls

// Of Convention.swift.
SWIFT void convention_read(void *monitor, uint8_t operation, uint64_t words[4]);
SWIFT void convention_write(void *variable, uint8_t operation, uint64_t words[4]);
SWIFT void convention_moving_write(void *variable, uint8_t operation, uint64_t words[4]);

// The third call of each finds nothing unusual, those before go on in C; with a stack that is new,
// in the stand-in for Swift's function, which does not tell writes apart.
static void check_convention(void) {
  void *recorder = attach_recorder(50);
  void *variable = make_collection();
  uint64_t nested = (uint64_t)(uintptr_t)RECORDER(uint64_t *, NESTED_HAZARDS);
  for (uint64_t call = 0; call < 6; call++) {
    uint64_t words[4];
    uint64_t monitor = (uint64_t)(uintptr_t)variable, version = ((audit_monitor *)variable)->version;
    convention_read(variable, READ_OPERATION, words);
    CHECK(words[0] == monitor && words[1] == version && words[2] == (uint64_t)(uintptr_t)recorder && words[3] == 0);
    CHECK(close_read((audit_window){(void *)words[0], words[1], (void *)words[2], words[3]}));
    for (int moving = 0; moving < 2; moving++) {
      (moving ? convention_moving_write : convention_write)(&variable, WRITE_OPERATION, words);
      version = ((audit_monitor *)variable)->version;
      CHECK(words[0] == monitor && words[1] == version && version % 2 == 1 && version >> 48 == 50);
      CHECK(call == 0 || words[2] == (moving ? nested : (uint64_t)(uintptr_t)recorder));
      CHECK(words[3] == 0);
      close_write((audit_window){(void *)words[0], words[1], (void *)words[2], words[3]});
    }
  }
  uint64_t *record = RECORDER(uint64_t *, RING_WORDS) + 4 * (RECORDER(uint64_t, RING_HEAD) - 1);
  CHECK((record[0] >> 32 & 0xFFFF) == (WRITE_OPERATION | 1 << 8) && record[1] == ((audit_monitor *)variable)->id);
  swift_release(variable);
  audit_set_thread_recorder(NULL);
  free_retired();
  CHECK(objects_alive == 0);
}

void check_threads(void) {
  check_own();
  check_convention();
  check_shared(0);
  check_shared(1);
  check_shielded();
#if defined(__aarch64__)
  check_tagged();
#endif
}
