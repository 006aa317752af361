// SPDX-License-Identifier: Apache-2.0
// What hunting needs of C: its tables, in static storage as all state is, and what only the kernel
// can say before a thread is held inside an access. Nothing here allocates or locks.
#ifndef AUDIT_HUNT_H
#define AUDIT_HUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "audit_state.h"

#ifdef __cplusplus
extern "C" {
#endif

// Powers of two; an entry is so many words.
#define AUDIT_HUNT_SITES 4096
#define AUDIT_HUNT_SITE_WORDS 16
#define AUDIT_HUNT_PAIRS 2048
#define AUDIT_HUNT_PAIR_WORDS 16
#define AUDIT_HUNT_COLLECTIONS 1024
#define AUDIT_HUNT_COLLECTION_WORDS 16

// Resident as they fill.
extern uint64_t audit_hunt_sites[AUDIT_HUNT_SITES * AUDIT_HUNT_SITE_WORDS];
extern uint64_t audit_hunt_pairs[AUDIT_HUNT_PAIRS * AUDIT_HUNT_PAIR_WORDS];
extern uint64_t audit_hunt_collections[AUDIT_HUNT_COLLECTIONS * AUDIT_HUNT_COLLECTION_WORDS];

static inline void *_Nonnull audit_hunt_site(uint64_t index) {
  return &audit_hunt_sites[(index & (AUDIT_HUNT_SITES - 1)) * AUDIT_HUNT_SITE_WORDS];
}
static inline void *_Nonnull audit_hunt_pair(uint64_t index) {
  return &audit_hunt_pairs[(index & (AUDIT_HUNT_PAIRS - 1)) * AUDIT_HUNT_PAIR_WORDS];
}
static inline void *_Nonnull audit_hunt_collection(uint64_t index) {
  return &audit_hunt_collections[(index & (AUDIT_HUNT_COLLECTIONS - 1)) * AUDIT_HUNT_COLLECTION_WORDS];
}

// The words of a site's and of a collection's entry that C looks at; `HuntSite.Word` and
// `HuntCollection.Word` have all of them.
#define AUDIT_HUNT_SITE_KEY 0
#define AUDIT_HUNT_SITE_OPERATION 3
#define AUDIT_HUNT_COLLECTION_KEY 0
#define AUDIT_HUNT_COLLECTION_SHARED 1
#define AUDIT_HUNT_COLLECTION_FIRST_ACCESS 6
#define AUDIT_HUNT_COLLECTION_ACCESSES 4

// Where the search for a key begins.
static inline uint64_t audit_hunt_hash(uint64_t key) { return key * 0x9E3779B97F4A7C15ull >> 40; }

// The entry of a collection; NULL when there is none.
uint64_t *_Nullable audit_hunt_known_collection(uint64_t id);

// The entry of a collection that another thread than the one with the slot was seen to touch; NULL
// when there is none. What is known of that thread alone its next access says again.
uint64_t *_Nullable audit_hunt_foreign_collection(uint64_t id, uint16_t slot);

// What a site notes above its operation when the thread with the slot has executed it so often on
// collections of its own that it is looked at once in each of the detector's rounds, and has been.
static inline uint64_t audit_hunt_quiet_mark(uint16_t slot) {
  return __atomic_load_n(&audit_words[AUDIT_WORD_HUNT_GENERATION].value, __ATOMIC_RELAXED) << 32 | (uint64_t)slot << 16;
}

// Whether the access has nothing to tell: it is the maker's, in the same task, to a collection that
// no other thread was seen to touch, and its site's mark is that of the round and the thread.
bool audit_hunt_is_quiet(void *_Nonnull recorder, const void *_Nonnull monitor, uintptr_t frame);

// The same for a write that has given its variable the monitor in the place of an old one.
bool audit_hunt_is_quiet_fork(
    void *_Nonnull recorder, const void *_Nonnull monitor, uint64_t old_id, uintptr_t frame);

// The system's clock that does not go back, in nanoseconds. Unlike `audit_nanoseconds` it has no
// word that threads share: what hunting makes of a time that is wrong is a delay, never a report.
uint64_t audit_hunt_clock(void);

// Sleeps until a moment on that clock. Leaves errno as it was.
void audit_hunt_sleep(uint64_t until);

// Threads of the process; 0 when the kernel does not say.
uint32_t audit_thread_count(void);

// A number that no other process has had, as far as the kernel knows.
uint64_t audit_random_seed(void);

// What the other threads of the process do, but for the given one.
enum {
  AUDIT_OTHERS_UNKNOWN,  // or they wait for a time, a file, a peer
  // Each of them waits, without a limit of time that is near, for a word of memory to be changed:
  // for a lock, a condition, a join. None of them can run before the calling thread goes on.
  AUDIT_OTHERS_WAIT,
  // One of them at least can run, and more want to run on the machine than it has processors.
  AUDIT_OTHERS_STARVE,
};
// Stores where a lock lies that the calling thread holds and one of them waits for; 0 for none.
int32_t audit_look_at_others(int32_t detector, uint64_t *_Nonnull lock);

#ifdef __cplusplus
}
#endif

#endif
