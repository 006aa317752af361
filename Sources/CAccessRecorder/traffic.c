// SPDX-License-Identifier: Apache-2.0
// Accesses that somebody observes, from the end of the fast path's work to the thread's ring. The
// thread is the ring's only producer, the detector its only consumer; what finds it full is
// counted. Nothing here locks; memory comes from the kernel, once for each thread.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_traffic.h"

#include "audit_async.h"
#include "audit_event.h"
#include "audit_hunt.h"
#include "audit_monitor.h"
#include "recorder_words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// An observed access that is open. The one that begins it and the one that ends it may be two
// threads.
typedef struct {
  uint64_t is_open;
  void *monitor;
  uint64_t version;
  void *hazard;
  uint64_t outer;
  uint64_t count_before;
  uint64_t *lost;
  void *paused;  // the recorder of the thread that ends it
  uint64_t is_paused;
  audit_traffic_record record;
} open_access;

typedef struct {
  // The owning thread's.
  uint64_t head;
  uint64_t random;
  uint64_t until_next;
  uint64_t unused_1[5];
  // The detector's, and any thread's.
  uint64_t tail;
  uint64_t lost;
  uint64_t unused_2[6];
  open_access open[AUDIT_TRAFFIC_OPEN];
  audit_traffic_record records[AUDIT_TRAFFIC_CAPACITY];
} traffic;

#define MONITOR_KIND(monitor) ((monitor)->kind >> 1)

bool audit_traffic_is_observed(void) { return WORD(TRAFFIC_SAMPLING) != 0; }

#if defined(__x86_64__)
INLINED uint64_t time_stamp(void) { return __builtin_ia32_rdtsc(); }
#else
INLINED uint64_t time_stamp(void) { return 0; }
#endif

// What a record has for a time until the detector takes it: the processor's time stamp, where the
// kernel itself keeps time by it, because that takes a third of the time; otherwise nanoseconds.
INLINED uint64_t instant(void) { return WORD(TRAFFIC_TICKS) != 0 ? time_stamp() : audit_hunt_clock(); }

void audit_traffic_prepare(void) {
  audit_traffic_salt();
  if (WORD(TRAFFIC_TIME) != 0) return;
  int saved = errno;
  char name[8] = {0};
  int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    if (read(file, name, sizeof name - 1) != 4 || memcmp(name, "tsc\n", 4) != 0) name[0] = 0;
    close(file);
  }
  __atomic_store_n(WORD_AT(TRAFFIC_TIME), audit_hunt_clock(), __ATOMIC_RELAXED);
  if (name[0] != 0) __atomic_store_n(WORD_AT(TRAFFIC_TICKS), time_stamp(), __ATOMIC_RELEASE);
  errno = saved;
}

// A length in 32 bits: above 31 of them in units of 4 096.
enum { LONG_UNIT = 12 };
INLINED uint32_t packed(uint64_t length) {
  if (length < 1u << 31) return (uint32_t)length;
  length >>= LONG_UNIT;
  return 1u << 31 | (length < 1u << 31 ? (uint32_t)length : (1u << 31) - 1);
}

static __attribute__((noinline)) traffic *map_traffic(void *recorder) {
  int saved = errno;
  void *memory =
      mmap(NULL, sizeof(traffic), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    memory = NULL;
  } else {
    madvise(memory, sizeof(traffic), MADV_NOHUGEPAGE);
    __atomic_store_n(&RECORDER(traffic *, TRAFFIC), memory, __ATOMIC_RELEASE);
  }
  errno = saved;
  return memory;
}

// Whether this access is one of those that are looked at: one in `sampling` on average, at random
// distances, so that no rhythm of the program's hides from them.
static __attribute__((noinline)) _Bool is_sampled(traffic *own, uint64_t sampling, uint16_t slot) {
  if (own->until_next > 1) {
    own->until_next--;
    return 0;
  }
  // Marsaglia, "Xorshift RNGs" (2003), the triple 13, 7, 17.
  uint64_t random = own->random;
  if (random == 0) random = (audit_traffic_salt() ^ slot * 0x9E3779B97F4A7C15ull) | 1;
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  own->random = random;
  own->until_next = 1 + (random >> 16) % (2 * sampling - 1);
  return 1;
}

// The number of elements, which Dictionary, Set and Array keep behind the object header; less than
// 0 while the collection is taken apart, and of a variable.
INLINED int64_t element_count(const audit_monitor *monitor) {
  const int64_t *storage = monitor->storage;
  if (MONITOR_KIND(monitor) == AUDIT_KIND_VARIABLE || (int64_t)(uintptr_t)storage <= 0) return -1;
  return storage[2];
}

INLINED uint32_t saturated(uint64_t number) { return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX; }

INLINED uint64_t begin(
    void *recorder, audit_monitor *monitor, uint64_t version, void *hazard, uint64_t outer, uint64_t operation,
    uint32_t stack) {
  uint64_t sampling = WORD(TRAFFIC_SAMPLING);
  if (sampling == 0) return 0;
  traffic *own = RECORDER(traffic *, TRAFFIC);
  if (own == NULL) own = map_traffic(recorder);
  if (own == NULL) {
    __atomic_fetch_add(WORD_AT(TRAFFIC_LOST), 1, __ATOMIC_RELAXED);
    return 0;
  }
  if (sampling != 1 && !is_sampled(own, sampling, RECORDER(uint16_t, SLOT))) return 0;
  open_access *access = own->open, *end = access + AUDIT_TRAFFIC_OPEN;
  while (__atomic_load_n(&access->is_open, __ATOMIC_ACQUIRE) != 0) {
    if (++access == end) {
      __atomic_fetch_add(&own->lost, 1, __ATOMIC_RELAXED);
      return 0;
    }
  }
  access->is_open = 1;
  access->monitor = monitor;
  access->version = version;
  access->hazard = hazard;
  access->outer = outer;
  access->lost = &own->lost;
  access->is_paused = 0;
  audit_traffic_record *record = &access->record;
  record->collection = monitor->id;
  record->type = (uint64_t)(uintptr_t)monitor->type;
  record->creation_stack = monitor->creation_stack;
  record->label = monitor->label;
  record->kind = (uint8_t)MONITOR_KIND(monitor);
  record->stack = stack;
  record->thread = RECORDER(int32_t, THREAD_ID);
  record->operation = (uint8_t)operation;
  record->flags = (uint8_t)(operation >> 8) & AUDIT_TRAFFIC_WRITING;
  record->task = audit_current_task_id();
  int64_t count = element_count(monitor);
  access->count_before = (uint64_t)count;
  if (count >= 0) {
    record->count = saturated((uint64_t)count);
    record->flags |= AUDIT_TRAFFIC_HAS_COUNT;
  }
  record->time = instant();
  return (uint64_t)(uintptr_t)access | 1;
}

uint64_t audit_traffic_begin(
    void *recorder, void *address, uint64_t version, void *hazard, uint64_t outer, uint64_t operation) {
  const audit_monitor *monitor = address;
  // The access has just made its record; while the history is frozen it has none.
  uint64_t last = RECORDER(uint64_t, RING_HEAD) - 1;
  const uint64_t *record = RECORDER(uint64_t *, RING_WORDS) + ((last & RECORDER(uint64_t, RING_MASK)) << 2);
  _Bool is_own = record[1] == monitor->id && (uint8_t)(record[0] >> 32) == (uint8_t)operation;
  return begin(recorder, address, version, hazard, outer, operation, is_own ? (uint32_t)record[3] : 0);
}

INLINED open_access *access_of(uint64_t token) { return (open_access *)(uintptr_t)(token & ~(uint64_t)1); }

void audit_traffic_cancel(uint64_t token) { __atomic_store_n(&access_of(token)->is_open, 0, __ATOMIC_RELEASE); }

INLINED void pause_audit(open_access *access) {
  access->is_paused = 1;
  access->paused = audit_thread_recorder_slot;
  audit_thread_recorder_slot = NULL;
  audit_suppression_depth_slot++;
}

void audit_traffic_pause(uint64_t token) { pause_audit(access_of(token)); }

INLINED void measure_write(open_access *access) {
  audit_traffic_record *record = &access->record;
  int64_t count = element_count(access->monitor), before = (int64_t)access->count_before;
  record->flags &= ~AUDIT_TRAFFIC_HAS_COUNT;
  if (count < 0 || before < 0) return;
  record->flags |= AUDIT_TRAFFIC_HAS_COUNT;
  record->count = saturated((uint64_t)count);
  if (count > before) record->flags |= AUDIT_TRAFFIC_GREW;
  if (count < before) record->flags |= AUDIT_TRAFFIC_SHRANK;
}

// As the ends of windows in Swift, which have the reasons.
INLINED bool close_read(open_access *access) {
  access->record.duration = packed(instant() - access->record.time);
  if (access->hazard == NULL) return 0;
  const audit_monitor *monitor = access->monitor;
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  if (__atomic_load_n(&monitor->version, __ATOMIC_ACQUIRE) != access->version) return 0;
  __atomic_store_n((uint64_t *)access->hazard, access->outer, __ATOMIC_RELEASE);
  return 1;
}

INLINED bool close_write(open_access *access) {
  access->record.duration = packed(instant() - access->record.time);
  measure_write(access);
  if (access->hazard == NULL) return 0;
  audit_monitor *monitor = access->monitor;
  void *const *variable =
      (void *const *)(uintptr_t)(__atomic_load_n(&monitor->writer, __ATOMIC_RELAXED) & 0x0000FFFFFFFFFFFFu);
  if (variable == NULL || *variable != monitor) return 0;
  uint64_t version = access->version;
  uint64_t even = (version & 0xFFFF000000000000u) | ((version + 1) & 0x0000FFFFFFFFFFFFu);
  __atomic_store_n(&monitor->version, even, __ATOMIC_RELEASE);
  __atomic_store_n(&monitor->writer, 0, __ATOMIC_RELEASE);
  __atomic_store_n((uint64_t *)access->hazard, access->outer, __ATOMIC_RELEASE);
  return 1;
}

bool audit_traffic_close_read(uint64_t token, bool pauses) {
  open_access *access = access_of(token);
  if (!close_read(access)) return 0;
  if (pauses) pause_audit(access);
  return 1;
}

bool audit_traffic_close_write(uint64_t token, bool pauses) {
  open_access *access = access_of(token);
  if (!close_write(access)) return 0;
  if (pauses) pause_audit(access);
  return 1;
}

uint64_t audit_traffic_version(uint64_t token) { return access_of(token)->version; }
void *audit_traffic_hazard(uint64_t token) { return access_of(token)->hazard; }
uint64_t audit_traffic_outer(uint64_t token) { return access_of(token)->outer; }

// An integer's hash takes few instructions here, and many in the standard library. Folds a product
// of 128 bits, as wyhash does (Wang Yi, 2019); the salt keeps it from being turned round.
INLINED uint32_t integer_hash(uint64_t key) {
  uint64_t salt = WORD(TRAFFIC_SALT);
  unsigned __int128 product = (unsigned __int128)(key ^ salt) * (salt * 0xD1B54A32D192ED03u | 1);
  uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);
  return (uint32_t)(folded ^ folded >> 32);
}

INLINED void end(open_access *access, bool has_key, uint32_t key) {
  // The ring is that of the thread that ends the access, which is its only producer.
  void *recorder = audit_thread_recorder_slot;
  if (access->is_paused) {
    audit_thread_recorder_slot = recorder = access->paused;
    audit_suppression_depth_slot--;
  }
  traffic *own = recorder == NULL ? NULL : RECORDER(traffic *, TRAFFIC);
  if (own == NULL && recorder != NULL) own = map_traffic(recorder);
  uint64_t head = own == NULL ? 0 : own->head;
  uint64_t waiting = own == NULL ? 0 : head - __atomic_load_n(&own->tail, __ATOMIC_ACQUIRE);
  if (own == NULL || waiting >= AUDIT_TRAFFIC_CAPACITY) {
    __atomic_fetch_add(access->lost, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&access->is_open, 0, __ATOMIC_RELEASE);
    return;
  }
  audit_traffic_record *record = &own->records[head & (AUDIT_TRAFFIC_CAPACITY - 1)];
  *record = access->record;
  if (has_key) {
    record->key = key;
    record->flags |= AUDIT_TRAFFIC_HAS_KEY;
  }
  // Pairs with the acquiring load of the detector.
  __atomic_store_n(&own->head, head + 1, __ATOMIC_RELEASE);
  __atomic_store_n(&access->is_open, 0, __ATOMIC_RELEASE);
  if (waiting == AUDIT_TRAFFIC_CAPACITY / 2) audit_post_event();
}

void audit_traffic_end(uint64_t token, bool has_key, uint32_t key) { end(access_of(token), has_key, key); }

bool audit_traffic_finish_read(uint64_t token, uint64_t key) {
  open_access *access = access_of(token);
  if (!close_read(access)) return 0;
  end(access, 1, integer_hash(key));
  return 1;
}

bool audit_traffic_finish_write(uint64_t token, uint64_t key) {
  open_access *access = access_of(token);
  if (!close_write(access)) return 0;
  end(access, 1, integer_hash(key));
  return 1;
}

uint32_t audit_traffic_integer_hash(uint64_t key) { return integer_hash(key); }

uint64_t audit_traffic_salt(void) {
  uint64_t salt = WORD(TRAFFIC_SALT);
  if (salt != 0) return salt;
  uint64_t new = audit_random_seed() | 1;
  if (__atomic_compare_exchange_n(WORD_AT(TRAFFIC_SALT), &salt, new, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return new;
  return salt;
}

uint32_t audit_traffic_waiting(void *recorder) {
  traffic *own = __atomic_load_n(&RECORDER(traffic *, TRAFFIC), __ATOMIC_ACQUIRE);
  return own == NULL ? 0 : (uint32_t)(__atomic_load_n(&own->head, __ATOMIC_ACQUIRE) - own->tail);
}

// From instants to nanoseconds. The time stamp's rate is that from when observation began to now.
static void settle_times(audit_traffic_record *records, uint32_t count) {
  uint64_t stamp = time_stamp(), time = audit_hunt_clock(), begin = WORD(TRAFFIC_TICKS);
  double rate = begin == 0 || stamp <= begin ? 1 : (double)(time - WORD(TRAFFIC_TIME)) / (double)(stamp - begin);
  for (audit_traffic_record *record = records; record < records + count; record++) {
    uint64_t length = record->duration >> 31 == 0 ? record->duration
                                                  : (uint64_t)(record->duration & 0x7FFFFFFFu) << LONG_UNIT;
    record->duration = saturated((uint64_t)((double)length * rate));
    if (begin != 0) record->time = time - (uint64_t)(int64_t)((double)(int64_t)(stamp - record->time) * rate);
  }
}

uint32_t audit_traffic_take(void *recorder, audit_traffic_record *records, uint32_t capacity, uint64_t *lost) {
  *lost = 0;
  traffic *own = __atomic_load_n(&RECORDER(traffic *, TRAFFIC), __ATOMIC_ACQUIRE);
  if (own == NULL) return 0;
  if (__atomic_load_n(&own->lost, __ATOMIC_RELAXED) != 0) *lost = __atomic_exchange_n(&own->lost, 0, __ATOMIC_RELAXED);
  uint64_t tail = own->tail, head = __atomic_load_n(&own->head, __ATOMIC_ACQUIRE);
  uint32_t count = head - tail < capacity ? (uint32_t)(head - tail) : capacity;
  for (uint32_t taken = 0; taken < count;) {
    uint64_t index = (tail + taken) & (AUDIT_TRAFFIC_CAPACITY - 1);
    uint64_t piece = AUDIT_TRAFFIC_CAPACITY - index;
    if (piece > count - taken) piece = count - taken;
    memcpy(records + taken, own->records + index, piece * sizeof *records);
    taken += (uint32_t)piece;
  }
  settle_times(records, count);
  // Pairs with the acquiring load of the producer.
  __atomic_store_n(&own->tail, tail + count, __ATOMIC_RELEASE);
  return count;
}

void audit_traffic_forget(void *recorder) {
  traffic *own = RECORDER(traffic *, TRAFFIC);
  if (own == NULL) return;
  own->tail = own->head;
  own->lost = 0;
}

// MARK: - Behind the fast paths

SWIFT audit_window audit_open_read_changed(void *monitor, uint64_t operation, uint64_t before);
// With the arguments that the function that calls it has, so that it can take its place.
SWIFT audit_window open_read_fully(void *monitor, uint64_t operation, uint32_t stack, void *recorder) __asm__(
    "audit_open_read_fully");

// The window of an access whose observation has begun, or has not.
INLINED audit_window window_of(uint64_t token, void *monitor, uint64_t version, void *hazard) {
  if (token == 0) return (audit_window){.monitor = monitor, .version = version, .hazard = hazard, .outer = 0};
  return (audit_window){.monitor = monitor, .version = 1, .hazard = NULL, .outer = token};
}

// A word for an access inside another one, as `ThreadRecorder.nestedHazard` has it.
static inline uint64_t *nested_hazard(void *recorder) {
  uint64_t *word = RECORDER(uint64_t *, NESTED_HAZARDS), *unused = word + 7;
  while (word < unused && __atomic_load_n(word, __ATOMIC_RELAXED) != 0) word++;
  return word;
}

INLINED uint64_t *free_hazard(void *recorder) {
  uint64_t *word = &RECORDER(uint64_t, HAZARD);
  return __atomic_load_n(word, __ATOMIC_RELAXED) == 0 ? word : nested_hazard(recorder);
}

audit_window audit_observed_window(void *recorder, audit_window window, uint64_t operation) {
  // Not audited, or observed already.
  if (window.hazard == NULL) return window;
  uint64_t token =
      audit_traffic_begin(recorder, window.monitor, window.version, window.hazard, window.outer, operation);
  return token == 0 ? window : window_of(token, window.monitor, window.version, window.hazard);
}

// The fast path has found the stack of a read.
SWIFT audit_window audit_open_read_observed(void *monitor, uint64_t operation, uint32_t stack, void *recorder) {
  audit_monitor *words = monitor;
  // Protocol, read step 1.
  uint64_t version = __atomic_load_n(&words->version, __ATOMIC_ACQUIRE);
  if ((version & 1) != 0) __attribute__((musttail)) return open_read_fully(monitor, operation, stack, recorder);
  // Protocol, read step 2.
  append(recorder, words->id, version, stack, operation & 0xFF);
  uint64_t *hazard = free_hazard(recorder);
  __atomic_store_n(hazard, (uint64_t)(uintptr_t)monitor, __ATOMIC_RELAXED);
  uint64_t token = begin(recorder, monitor, version, hazard, 0, operation & 0xFF, stack);
  // Protocol, read step 3. The last one here: the elements are touched next.
  if (__atomic_load_n(&words->version, __ATOMIC_ACQUIRE) == version) return window_of(token, monitor, version, hazard);
  if (token != 0) audit_traffic_cancel(token);
  __atomic_store_n(hazard, 0, __ATOMIC_RELAXED);
  return audit_observed_window(recorder, audit_open_read_changed(monitor, operation, version), operation & 0xFF);
}

// The fast path has opened the window of a write and recorded it.
SWIFT audit_window audit_open_write_observed(
    void *monitor, uint64_t operation, uint64_t version, void *recorder, uint32_t stack, uint64_t may_move) {
  uint64_t *hazard = may_move != 0 ? nested_hazard(recorder) : free_hazard(recorder);
  __atomic_store_n(hazard, (uint64_t)(uintptr_t)monitor | (may_move != 0 ? 3 : 1), __ATOMIC_RELAXED);
  uint64_t token =
      begin(recorder, monitor, version, hazard, 0, (operation & 0xFF) | AUDIT_TRAFFIC_WRITING << 8, stack);
  return window_of(token, monitor, version, hazard);
}

// MARK: - As a file has it

static inline uint8_t *put_number(uint8_t *place, uint64_t number) {
  while (number >= 0x80) {
    *place++ = (uint8_t)number | 0x80;
    number >>= 7;
  }
  *place++ = (uint8_t)number;
  return place;
}

uint64_t audit_traffic_encode(const audit_traffic_record *records, uint32_t count, uint8_t *bytes) {
  enum { HAS_TASK = 32, SAME_COLLECTION = 64, SAME_THREAD = 128 };
  uint8_t *place = put_number(bytes, count);
  uint64_t time = 0, collection = 0;
  int32_t thread = 0;
  for (const audit_traffic_record *record = records; record < records + count; record++) {
    _Bool same_collection = record->collection == collection, same_thread = record->thread == thread;
    *place++ = record->flags | (record->task != 0 ? HAS_TASK : 0) | (same_collection ? SAME_COLLECTION : 0) |
               (same_thread ? SAME_THREAD : 0);
    *place++ = record->operation;
    // Accesses are nearly in order: a difference may be less than 0.
    int64_t later = (int64_t)(record->time - time);
    place = put_number(place, (uint64_t)later << 1 ^ (uint64_t)(later >> 63));
    if (!same_collection) place = put_number(place, record->collection);
    if (!same_thread) place = put_number(place, (uint32_t)record->thread);
    place = put_number(place, record->duration);
    if (record->flags & AUDIT_TRAFFIC_HAS_KEY) {
      for (int shift = 0; shift < 32; shift += 8) *place++ = (uint8_t)(record->key >> shift);
    }
    if (record->flags & AUDIT_TRAFFIC_HAS_COUNT) place = put_number(place, record->count);
    place = put_number(place, record->stack);
    if (record->task != 0) place = put_number(place, record->task);
    time = record->time;
    collection = record->collection;
    thread = record->thread;
  }
  return (uint64_t)(place - bytes);
}

#endif
