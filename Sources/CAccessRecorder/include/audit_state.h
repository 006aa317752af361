// SPDX-License-Identifier: Apache-2.0
// The state that the engine has once in a process: words, locks, tables. They lie in static storage
// that is ready before any code runs. A Swift global is made lazily, under a lock of the runtime's:
// in a forked child, where another thread may have held that lock, such a global never becomes
// ready. `Tests/Scripts/lazy-globals` checks that there is none.
#ifndef AUDIT_STATE_H
#define AUDIT_STATE_H

#include <pthread.h>
#include <stdint.h>

#include "audit_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

// The words, each on a cache line of its own. Swift reads them as `SharedWord`.
enum {
  // What a forked child goes on with.
  AUDIT_WORD_GENERATION,  // grows with each fork that led to this process
  AUDIT_WORD_FORKS,       // the tickets given to threads that fork
  AUDIT_WORD_FORKING,     // threads that are forking
  AUDIT_WORD_SLOW_FORK,   // the ticket of a fork that nobody waits for any longer
  AUDIT_WORD_GATE_BUSY,   // threads inside the fork gate
  AUDIT_WORD_POLICY,
  AUDIT_WORD_CONFIGURED_MODE,  // of accesses, while nothing is being reported
  AUDIT_WORD_WAIT_LIMIT,
  AUDIT_WORD_DELAY_LIMIT,
  AUDIT_WORD_HUNT_PERCENT,
  AUDIT_WORD_HUNT_SEED,
  AUDIT_WORD_HUNT_GENERATION,
  AUDIT_WORD_HUNT_PLANNED,  // a plan was read
  AUDIT_WORD_TRAFFIC_SAMPLING,  // one access in so many is observed; 0: none
  AUDIT_WORD_TRAFFIC_SALT,
  AUDIT_WORD_TRAFFIC_TICKS,  // the processor's time stamp when observation began first; 0: it is of no use
  AUDIT_WORD_TRAFFIC_TIME,   // `audit_hunt_clock` at that moment
  AUDIT_WORD_SLOTS_ALLOWED,
  AUDIT_WORD_SLOTS_USED,
  AUDIT_WORD_SLOTS_FULL,
  AUDIT_WORD_UNATTRIBUTED_IDS,
  AUDIT_WORD_INITIAL_BIAS,
  AUDIT_WORD_PINNED_CLASS,
  AUDIT_WORD_UNPINNED_CLASS,
  AUDIT_WORD_RETIRED_HEAD,
  AUDIT_WORD_RETIRED_WAITING,
  AUDIT_WORD_DETECTOR_REQUESTED,
  AUDIT_WORD_DETECTOR_ANSWERED,
  AUDIT_WORD_LAST_SCOPE,
  AUDIT_WORD_REHEARSED,
  AUDIT_WORD_SCOPES_IN_USE,
  AUDIT_WORD_STDERR_DEVICE,  // which file standard error was at the start
  AUDIT_WORD_STDERR_FILE,
  // What belongs to one process: a forked child begins with zeros.
  AUDIT_WORD_FIRST_OF_PROCESS,
  AUDIT_WORD_PENDING_REPORTS = AUDIT_WORD_FIRST_OF_PROCESS,
  AUDIT_WORD_PENDING_REPORTS_DROPPED,
  AUDIT_WORD_PENDING_REPORTS_UNWRITTEN,
  AUDIT_WORD_WAITS_EXHAUSTED,
  AUDIT_WORD_THREADS_REFUSED,
  AUDIT_WORD_SCOPES_ABANDONED,
  AUDIT_WORD_MAIN_THREAD_SCOPE,
  AUDIT_WORD_DETECTOR_STARTED,
  AUDIT_WORD_DETECTOR_SETTINGS,
  AUDIT_WORD_DETECTOR_ROUND,
  AUDIT_WORD_DETECTOR_NOTIFIES,
  AUDIT_WORD_DETECTOR_FAILURES,
  AUDIT_WORD_UNEXPLAINED,
  AUDIT_WORD_RETIRED_EARLY,
  AUDIT_WORD_FACTS_PREPARED,  // of a parent: its detector made them
  AUDIT_WORD_BARRIERS_REFUSED,
  AUDIT_WORD_WARNED_OF_THREADS,
  AUDIT_WORD_HUNT_BEGIN,    // when the process could begin to hold threads
  AUDIT_WORD_HUNT_COVERED,  // until when some thread is held
  AUDIT_WORD_HUNT_SPENT,    // the time in which some thread was held
  AUDIT_WORD_HUNT_HELD,     // threads that are held now
  AUDIT_WORD_HUNT_HOLDS,    // threads that were held
  AUDIT_WORD_HUNT_ENDING,   // the process began to exit
  AUDIT_WORD_DETECTOR_THREAD,
  AUDIT_WORD_COUNTED_ACCESSES,  // what the detector has read, for the line at exit
  AUDIT_WORD_COUNTED_COLLECTIONS,
  AUDIT_WORD_COUNTED_THREADS,
  AUDIT_WORD_COUNTED_LOSSES,
  AUDIT_WORD_TRAFFIC_LOST,  // observed accesses of which no record was kept
  AUDIT_WORD_OUTPUT_LOST,   // texts that could not be written whole
  AUDIT_WORD_OUTPUT_STUCK,  // descriptors, a bit each, that nobody reads
  AUDIT_WORD_DUTY_CHANGE,   // when the burst of the option `duty`, or the pause, is to end
  AUDIT_WORD_COUNT
};

typedef struct {
  uint64_t value;
} __attribute__((aligned(64))) audit_word_line;

extern audit_word_line audit_words[AUDIT_WORD_COUNT];
_Static_assert(AUDIT_WORD_BARRIERS_REFUSED == AUDIT_BARRIERS_REFUSED_INDEX && sizeof(audit_word_line) == 64, "layout");

__attribute__((always_inline)) static inline void *_Nonnull audit_word(int32_t word) {
  return &audit_words[word].value;
}

// The locks, see `ForkSafeLock`.
enum {
  AUDIT_LOCK_REGISTRY,
  AUDIT_LOCK_ENGINE,
  AUDIT_LOCK_PINNED_CLASS,
  AUDIT_LOCK_UNPINNED_CLASS,
  AUDIT_LOCK_LABELS,
  AUDIT_LOCK_PENDING_REPORTS,
  AUDIT_LOCK_VIOLATIONS,
  AUDIT_LOCK_VIOLATION_OBSERVERS,
  AUDIT_LOCK_TOTALS_OBSERVERS,
  AUDIT_LOCK_STATISTICS,
  AUDIT_LOCK_CODE_SUPPRESSIONS,
  AUDIT_LOCK_SUPPRESSION_HITS,
  AUDIT_LOCK_SCOPES,
  AUDIT_LOCK_SCOPE_CONFIGURATION,
  AUDIT_LOCK_TRACE_PROVIDER,
  AUDIT_LOCK_ACCESS_OBSERVERS,
  AUDIT_LOCK_ACCESS_NAMES,
  AUDIT_LOCK_COUNT
};

typedef struct {
  // 0: free; 1: held; a fork's ticket: held for that fork.
  uint32_t word;
  // The generation of processes that made the state.
  uint32_t generation;
  void *_Nullable state;
  // To the end of the cache line.
  uint64_t unused[6];
} audit_lock;

extern audit_lock audit_locks[AUDIT_LOCK_COUNT];

__attribute__((always_inline)) static inline audit_lock *_Nonnull audit_lock_at(int32_t index) {
  return &audit_locks[index];
}

// The recorders by slot.
#define AUDIT_SLOT_COUNT 65535
extern uint64_t audit_recorder_table[AUDIT_SLOT_COUNT];
static inline void *_Nonnull audit_recorders(void) { return audit_recorder_table; }
// A bit for each slot.
extern uint64_t audit_recorder_occupancy[AUDIT_SLOT_COUNT / 64 + 1];
static inline void *_Nonnull audit_recorder_occupancy_words(void) { return audit_recorder_occupancy; }

// Begins the words of one process anew.
void audit_forget_process(void);

#ifdef __cplusplus
}
#endif

#endif
