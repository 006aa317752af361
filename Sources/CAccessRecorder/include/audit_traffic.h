// SPDX-License-Identifier: Apache-2.0
// Accesses that somebody observes: what is kept of one from its begin to its end, and the ring in
// which a thread leaves it for the detector. In C because a debug build does not optimise Swift.
// Nothing here allocates but the ring, which the kernel maps at a thread's first observed access.
#ifndef AUDIT_TRAFFIC_H
#define AUDIT_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A power of two. A record takes a cache line: half a megabyte for a thread, resident as it fills.
#define AUDIT_TRAFFIC_CAPACITY 8192
// Observed accesses that a thread has open at one time: the rest are counted as lost.
#define AUDIT_TRAFFIC_OPEN 8

enum {
  AUDIT_TRAFFIC_WRITING = 1,
  AUDIT_TRAFFIC_HAS_KEY = 2,
  AUDIT_TRAFFIC_HAS_COUNT = 4,
  AUDIT_TRAFFIC_GREW = 8,     // the collection had fewer elements when the write began
  AUDIT_TRAFFIC_SHRANK = 16,  // it had more
};

// One observed access that has ended.
typedef struct {
  uint64_t time;  // when it began, in nanoseconds of `audit_hunt_clock`
  uint64_t collection;
  uint64_t task;  // 0 outside tasks
  uint64_t type;  // the address of the metadata
  uint32_t duration;  // in nanoseconds; UINT32_MAX is that or more
  uint32_t key;
  uint32_t count;
  uint32_t stack;
  uint32_t creation_stack;
  uint32_t label;
  int32_t thread;
  uint8_t operation;
  uint8_t flags;
  uint8_t kind;
  uint8_t unused;
} audit_traffic_record;

_Static_assert(sizeof(audit_traffic_record) == 64, "a cache line");

// Chooses the clock of observed accesses, and the salt of their keys. Called before the first is
// observed, and again; reads a file of the kernel's.
void audit_traffic_prepare(void);

// Whether accesses are observed.
bool audit_traffic_is_observed(void);

// Begins the observation of an access whose window is open: the window's words are kept, and the
// program gets a window that ends by a call. `operation` has AUDIT_TRAFFIC_WRITING above its byte.
// The stack is that of the thread's last record. 0: the access is not observed.
uint64_t audit_traffic_begin(
    void *_Nonnull recorder, void *_Nonnull monitor, uint64_t version, void *_Nullable hazard, uint64_t outer,
    uint64_t operation);

// Take the time and the number of elements, and close the window, where nothing is unusual; then
// the audit is paused, if code of the program's comes next. Where it is not they tell so: the
// caller closes the window, and pauses.
bool audit_traffic_close_read(uint64_t token, bool pauses);
bool audit_traffic_close_write(uint64_t token, bool pauses);

// The same and the end of the observation in one, where the key is an integer; 0: neither.
bool audit_traffic_finish_read(uint64_t token, uint64_t key);
bool audit_traffic_finish_write(uint64_t token, uint64_t key);
uint32_t audit_traffic_integer_hash(uint64_t key);

// From here to the end of the observation the thread's accesses are not audited: a key is hashed.
void audit_traffic_pause(uint64_t token);

// Takes the observation back: the access has not begun.
void audit_traffic_cancel(uint64_t token);

// The window's own words.
uint64_t audit_traffic_version(uint64_t token);
void *_Nullable audit_traffic_hazard(uint64_t token);
uint64_t audit_traffic_outer(uint64_t token);

// Ends the observation, behind the end of the window: leaves the record to the detector.
void audit_traffic_end(uint64_t token, bool has_key, uint32_t key);

// The number that key hashes begin with, another one in each process.
uint64_t audit_traffic_salt(void);

// Records that a thread has left.
uint32_t audit_traffic_waiting(void *_Nonnull recorder);

// The detector takes up to `capacity` records of a thread's, oldest first, and the number of those
// that were lost since the last call; returns how many.
uint32_t audit_traffic_take(
    void *_Nonnull recorder, audit_traffic_record *_Nonnull records, uint32_t capacity, uint64_t *_Nonnull lost);

// Bytes that an access takes in a file at most.
#define AUDIT_TRAFFIC_ENCODED_SIZE 64

// Writes the payload of a block of accesses, for which there are AUDIT_TRAFFIC_ENCODED_SIZE bytes
// for each and as many more; returns its length.
uint64_t audit_traffic_encode(const audit_traffic_record *_Nonnull records, uint32_t count, uint8_t *_Nonnull bytes);

// In a forked child: what its parent has not read is not the child's.
void audit_traffic_forget(void *_Nonnull recorder);

#ifdef __cplusplus
}
#endif

#endif
