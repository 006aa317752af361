// SPDX-License-Identifier: Apache-2.0
// The making, the fork and the end of monitors where nothing is unusual. Nothing here allocates but
// monitors, or locks.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_monitor.h"

#include "audit_async.h"
#include "audit_hunt.h"
#include "audit_runtime.h"
#include "audit_traffic.h"
#include "recorder_words.h"

#include <string.h>

// The Swift functions that do the whole of it.
SWIFT void *audit_make_monitor_fully(void *storage, const void *type, const void *witness_table, uintptr_t frame);
SWIFT uint32_t audit_capture_fully(uintptr_t frame, void *recorder);
SWIFT void audit_end_monitor_fully(void *monitor, uintptr_t frame);
SWIFT void audit_end_written_monitor(void *monitor, uint64_t last);
SWIFT void audit_hunt_fork(void *monitor, uint64_t old_id, uint8_t operation, void *recorder, uintptr_t frame);
SWIFT void audit_free_retired(void *monitor);

void *swift_allocObject(const void *class_metadata, size_t size, size_t alignment_mask);

SWIFT audit_window audit_open_write_claimed(
    void *variable, uint8_t operation, void *monitor, uint64_t before, uint64_t owner);
SWIFT audit_window audit_open_write_nested(void *monitor, uint64_t unused, uint64_t version);
SWIFT audit_window audit_open_write_occupied(void *monitor, uint64_t unused, uint64_t version);

// MARK: - Classes

// The start of a class's metadata, as the platform's ABI lays it out. In front of it stand the
// value witnesses and the function that destroys an object.
struct class_metadata {
  uintptr_t kind;
  const void *superclass;
  uint32_t flags;
  uint32_t instance_address_point;
  uint32_t instance_size;
  uint16_t instance_alignment_mask;
  uint16_t reserved;
  uint32_t class_size;
  uint32_t class_address_point;
};

enum { DESTRUCTOR_OFFSET = -2 * (int)sizeof(void *), COPY_CAPACITY = 2048, ALIGNMENT_MASK = 7 };

// The reference count orders what others did before. ThreadSanitizer does not see that, which is
// why it leaves Swift's own deinitialisers alone too.
#define AFTER_LAST_RELEASE __attribute__((no_sanitize("thread")))

SWIFT static void end_pinned(__attribute__((swift_context)) void *object);
SWIFT static void end_unpinned(__attribute__((swift_context)) void *object);

static const void *copy_class(
    char *copy, const void *class_metadata, SWIFT void (*end)(__attribute__((swift_context)) void *)) {
  const struct class_metadata *original = class_metadata;
  uint32_t before = original->class_address_point;
  // A Swift class of the known size, with its destructor in front, which fits.
  if (original->kind != 0 || before < 2 * sizeof(void *) || original->class_size > COPY_CAPACITY ||
      original->class_size < before + sizeof *original || original->instance_size != AUDIT_MONITOR_SIZE ||
      original->instance_alignment_mask != ALIGNMENT_MASK) {
    return NULL;
  }
  memcpy(copy, (const char *)class_metadata - before, original->class_size);
  memcpy(copy + before + DESTRUCTOR_OFFSET, &end, sizeof end);
  return copy + before;
}

const void *audit_class_of_pinned(const void *class_metadata) {
  static _Alignas(16) char copy[COPY_CAPACITY];
  return copy_class(copy, class_metadata, end_pinned);
}

const void *audit_class_of_unpinned(const void *class_metadata) {
  static _Alignas(16) char copy[COPY_CAPACITY];
  return copy_class(copy, class_metadata, end_unpinned);
}

void audit_free_object(void *object) { swift_deallocClassInstance(object, AUDIT_MONITOR_SIZE, ALIGNMENT_MASK); }

// The class in a word that says with its lowest bit that it is known, even if there is none.
static inline const void *class_in(const uint64_t *word) {
  return (const void *)(__atomic_load_n(word, __ATOMIC_ACQUIRE) & ~(uint64_t)1);
}

static void *const empty_storages[] = {
    [AUDIT_KIND_DICTIONARY] = _swiftEmptyDictionarySingleton,
    [AUDIT_KIND_SET] = _swiftEmptySetSingleton,
    [AUDIT_KIND_ARRAY] = _swiftEmptyArrayStorage,
    [AUDIT_KIND_VARIABLE] = _swiftEmptyArrayStorage,
};

// MARK: - Records

// The ID of the stack above `frame`, as `StackCapture` has it.
static inline uint32_t stack_above(void *recorder, uintptr_t frame) {
  _Bool is_chain;
  uint32_t stack = find_stack(recorder, frame, &is_chain);
  if (stack != 0 || RECORDER_SHARED(uint32_t, DEPTH) == 0) return stack;
  return audit_capture_fully(frame, recorder);
}

// MARK: - Making

static inline audit_monitor *make(
    const void *class, void *storage, uint64_t id, const void *type, const void *witness_table, uint32_t label,
    uint8_t kind, uint16_t bias) {
  audit_monitor *monitor = swift_allocObject(class, AUDIT_MONITOR_SIZE, ALIGNMENT_MASK);
  monitor->version = 0;
  monitor->writer = 0;
  monitor->storage = storage;
  monitor->id = id;
  monitor->creation_stack = 0;
  monitor->creator_thread = 0;
  monitor->type = type;
  monitor->witness_table = witness_table;
  monitor->label = label;
  monitor->kind = kind;
  monitor->sharing = 0;
  monitor->bias = bias;
  monitor->next_retired = 0;
  swift_retain(storage);
  return monitor;
}

static inline uint64_t next_id(void *recorder) {
  return RECORDER(uint64_t, SLOT_BITS) | ++RECORDER(uint64_t, COLLECTIONS_CREATED);
}

// The bias of a monitor that nobody has written, where its like is known already.
static inline _Bool initial_bias(uint16_t *bias) {
  uint64_t known = WORD(INITIAL_BIAS);
  *bias = known == 2 ? AUDIT_BIAS_OPEN : AUDIT_BIAS_NONE;
  return known != 0;
}

void *audit_make_pinned(
    void *recorder, uintptr_t frame, void *storage, const void *type, const void *witness_table, int32_t kind,
    uint32_t label) {
  const void *class = class_in(WORD_AT(PINNED_CLASS));
  uint16_t bias;
  if (class == NULL || !initial_bias(&bias)) return NULL;
  uint32_t stack = stack_above(recorder, frame);
  audit_monitor *monitor =
      make(class, storage, next_id(recorder), type, witness_table, label, (uint8_t)(kind << 1), bias);
  monitor->creation_stack = stack;
  monitor->creator_thread = RECORDER(int32_t, THREAD_ID);
  if (is_watched(recorder) && WORD(HUNT_PERCENT) != 0) {
    uint64_t task = audit_current_task_id();
    if (task != 0) monitor->next_retired = task + 1;
  }
  // The address lets the detector look at the collection's type and size, through the kernel.
  append(
      recorder, monitor->id, (uint64_t)(uintptr_t)monitor, stack,
      AUDIT_OPERATION_CREATE | (uint64_t)(label & 0xFFFF) << 16);
  return monitor;
}

void *audit_make_unpinned(
    void *storage, const void *type, const void *witness_table, int32_t kind, uint32_t label) {
  const void *class = class_in(WORD_AT(UNPINNED_CLASS));
  uint16_t bias;
  if (class == NULL || !initial_bias(&bias)) return NULL;
  uint64_t id = __atomic_add_fetch(WORD_AT(UNATTRIBUTED_IDS), 1, __ATOMIC_RELAXED);
  return make(class, storage, id, type, witness_table, label, (uint8_t)(kind << 1), bias);
}

// Whether accesses are recorded and nothing else is done; who observes accesses observes neither
// the making of a monitor nor its end.
INLINED bool is_usual(int32_t mode) { return mode == AUDIT_MODE_ON || mode == AUDIT_MODE_OBSERVED; }

// Called by Swift for a new collection without a label: Swift's convention for these arguments.
__attribute__((always_inline)) static inline void *make_of(
    int32_t kind, void *storage, const void *type, const void *witness_table) {
  int32_t mode = audit_mode();
  void *monitor = NULL;
  if (mode == AUDIT_MODE_OFF) {
    monitor = audit_make_unpinned(storage, type, witness_table, kind, 0);
  } else if (is_usual(mode) && WORD(SCOPES_IN_USE) == 0) {
    void *recorder = audit_thread_recorder();
    if (recorder != NULL) {
      monitor = audit_make_pinned(recorder, audit_frame_address(), storage, type, witness_table, kind, 0);
    }
  }
  return monitor != NULL ? monitor : audit_make_monitor_fully(storage, type, witness_table, audit_frame_address());
}

SWIFT void *audit_make_monitor_of_dictionary(void *storage, const void *type, const void *witness_table) {
  return make_of(AUDIT_KIND_DICTIONARY, storage, type, witness_table);
}

SWIFT void *audit_make_monitor_of_set(void *storage, const void *type, const void *witness_table) {
  return make_of(AUDIT_KIND_SET, storage, type, witness_table);
}

SWIFT void *audit_make_monitor_of_array(void *storage, const void *type, const void *witness_table) {
  return make_of(AUDIT_KIND_ARRAY, storage, type, witness_table);
}

SWIFT void *audit_make_monitor_of_variable(void *storage, const void *type, const void *witness_table) {
  return make_of(AUDIT_KIND_VARIABLE, storage, type, witness_table);
}

// MARK: - Forks

void *audit_fork_unpinned(void *variable) {
  const void *class = class_in(WORD_AT(UNPINNED_CLASS));
  if (class == NULL) return NULL;
  audit_monitor *old = *(audit_monitor **)variable;
  uint64_t id = __atomic_add_fetch(WORD_AT(UNATTRIBUTED_IDS), 1, __ATOMIC_RELAXED);
  audit_monitor *new = make(
      class, old->storage, id, old->type, old->witness_table, old->label, old->kind & ~AUDIT_MONITOR_FALLBACK,
      AUDIT_BIAS_NONE);
  new->creation_stack = old->creation_stack;
  new->creator_thread = old->creator_thread;
  __atomic_store_n((audit_monitor **)variable, new, __ATOMIC_RELEASE);
  swift_release(old);
  return new;
}

// Opens the window of a write whose variable shares its monitor: the fast path has claimed the
// monitor's writer word, and found nothing else unusual. As `WriteAttempt.open` and
// `Monitor.detach`: the attempt is recorded under the old monitor's ID, the variable gets a monitor
// that is inside the write already, and the old one is given up.
INLINED audit_window open_shared(
    void *variable, uint8_t operation, audit_monitor *old, uint64_t before, void *recorder, int32_t may_move,
    uintptr_t frame) {
  const void *class = class_in(WORD_AT(PINNED_CLASS));
  if (class == NULL || audit_is_unique(old)) return audit_open_write_claimed(variable, operation, old, before, 0);
  uint64_t slot_bits = RECORDER(uint64_t, SLOT_BITS);
  uint64_t old_id = old->id;
  uint32_t stack = stack_above(recorder, frame);
  append(
      recorder, old_id, (before & 0x0000FFFFFFFFFFFEu) | slot_bits | 1, stack,
      operation | AUDIT_RECORD_WRITING << 8 | AUDIT_RECORD_AGAIN << 8);
  uint16_t bias = __atomic_load_n(&old->bias, __ATOMIC_RELAXED);
  if (bias != slot_bits >> 48) bias = AUDIT_BIAS_NONE;
  audit_monitor *new = make(
      class, old->storage, next_id(recorder), old->type, old->witness_table, old->label,
      old->kind & ~AUDIT_MONITOR_FALLBACK, bias);
  uint64_t version = slot_bits | 1;
  new->version = version;
  new->writer = (uint64_t)(uintptr_t)variable | slot_bits;
  new->creation_stack = old->creation_stack;
  new->creator_thread = old->creator_thread;
  new->next_retired = old->next_retired;
  // A reader that finds it there finds it whole.
  __atomic_store_n((audit_monitor **)variable, new, __ATOMIC_RELEASE);
  __atomic_store_n(&old->writer, 0, __ATOMIC_RELEASE);
  swift_release(old);
  append(recorder, new->id, version, stack, operation | AUDIT_RECORD_WRITING << 8);
  if (is_watched(recorder) && !audit_hunt_is_quiet_fork(recorder, new, old_id, frame)) {
    audit_hunt_fork(new, old_id, operation, recorder, frame);
  }
  if (may_move) return audit_open_write_occupied(new, 0, version);
  if (__atomic_load_n(&RECORDER(uint64_t, HAZARD), __ATOMIC_RELAXED) != 0) {
    return audit_open_write_nested(new, 0, version);
  }
  __atomic_store_n(&RECORDER(uint64_t, HAZARD), (uint64_t)(uintptr_t)new | 1, __ATOMIC_RELAXED);
  return (audit_window){.monitor = new, .version = version, .hazard = recorder, .outer = 0};
}

SWIFT audit_window audit_open_write_shared(
    void *variable, uint8_t operation, audit_monitor *old, uint64_t before, void *recorder, int32_t may_move) {
  return open_shared(variable, operation, old, before, recorder, may_move, audit_frame_address());
}

// The same for an access that is observed.
SWIFT audit_window audit_open_write_shared_observed(
    void *variable, uint8_t operation, audit_monitor *old, uint64_t before, void *recorder, int32_t may_move) {
  audit_window window = open_shared(variable, operation, old, before, recorder, may_move, audit_frame_address());
  return audit_observed_window(recorder, window, operation | AUDIT_TRAFFIC_WRITING << 8);
}

// MARK: - Ends

AFTER_LAST_RELEASE SWIFT static void end_unpinned(__attribute__((swift_context)) void *object) {
  swift_release(((audit_monitor *)object)->storage);
  audit_free_object(object);
}

// As RetiredMonitors.add.
static inline void add_retired(audit_monitor *monitor) {
  uint64_t *waiting = WORD_AT(RETIRED_WAITING), *head = WORD_AT(RETIRED_HEAD);
  if ((int64_t)__atomic_add_fetch(waiting, 1, __ATOMIC_RELAXED) > AUDIT_RETIRED_LIMIT) {
    __atomic_sub_fetch(waiting, 1, __ATOMIC_RELAXED);
    return audit_free_retired(monitor);
  }
  uint64_t old = __atomic_load_n(head, __ATOMIC_RELAXED);
  do {
    monitor->next_retired = old;
    // Pairs with the acquiring exchange in `RetiredMonitors.takeAll`.
  } while (!__atomic_compare_exchange_n(
      head, &old, (uint64_t)(uintptr_t)monitor, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

// The last reference to a pinned monitor went; see `Monitor.retire`.
AFTER_LAST_RELEASE SWIFT static void end_pinned(__attribute__((swift_context)) void *object) {
  audit_monitor *monitor = object;
  void *recorder = audit_thread_recorder();
  if (!is_usual(audit_mode()) || recorder == NULL || WORD(POLICY) >= AUDIT_POLICY_SHIELD) {
    return audit_end_monitor_fully(monitor, audit_frame_address());
  }
  // First, so that it is there for everybody who finds the monitor retired.
  append(
      recorder, monitor->id, ~(uint64_t)0, stack_above(recorder, audit_frame_address()),
      AUDIT_OPERATION_DESTROY | AUDIT_RECORD_WRITING << 8 | AUDIT_RECORD_ATTEMPT << 8);
  uint64_t last = __atomic_exchange_n(&monitor->version, ~(uint64_t)0, __ATOMIC_SEQ_CST);
  if ((last & 1) != 0) return audit_end_written_monitor(monitor, last);
  void *owned = monitor->storage;
  monitor->storage = empty_storages[monitor->kind >> 1];
  add_retired(monitor);
  swift_release(owned);
}

#endif
