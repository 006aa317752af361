// SPDX-License-Identifier: Apache-2.0
// What the engine's C sources call of Swift's runtime and of libunwind, for tests without them.
#include "swift_side.h"

#include <stdlib.h>
#include <string.h>

#include "audit_runtime.h"

int64_t objects_alive;

#define ONE_REFERENCE (2ull << 32)

char _swiftEmptyDictionarySingleton[64], _swiftEmptySetSingleton[64], _swiftEmptyArrayStorage[64];

static _Bool is_immortal(const void *object) {
  return object == _swiftEmptyDictionarySingleton || object == _swiftEmptySetSingleton || object == _swiftEmptyArrayStorage;
}

void *swift_allocObject(const void *class_metadata, size_t size, size_t alignment_mask);
void *swift_allocObject(const void *class_metadata, size_t size, size_t alignment_mask) {
  (void)alignment_mask;
  uint64_t *object = calloc(1, size);
  object[0] = (uint64_t)(uintptr_t)class_metadata;
  object[1] = 3;
  __atomic_fetch_add(&objects_alive, 1, __ATOMIC_RELAXED);
  return object;
}

void swift_deallocClassInstance(void *object, size_t size, size_t alignment_mask) {
  (void)size, (void)alignment_mask;
  __atomic_fetch_sub(&objects_alive, 1, __ATOMIC_RELAXED);
  free(object);
}

void *swift_retain(void *object) {
  if (!is_immortal(object)) __atomic_fetch_add((uint64_t *)object + 1, ONE_REFERENCE, __ATOMIC_RELAXED);
  return object;
}

typedef SWIFT void (*destructor)(__attribute__((swift_context)) void *object);

void swift_release(void *object) {
  if (is_immortal(object)) return;
  uint64_t before = __atomic_fetch_sub((uint64_t *)object + 1, ONE_REFERENCE, __ATOMIC_ACQ_REL);
  if (before >> 32 != 0) return;
  // In front of what a class pointer refers to.
  destructor end;
  memcpy(&end, (const char *)*(void **)object - 2 * sizeof(void *), sizeof end);
  end(object);
}

_Bool swift_isUniquelyReferenced_nonNull_native(const void *object) { return ((const uint64_t *)object)[1] >> 32 == 0; }

SWIFT static void end_storage(__attribute__((swift_context)) void *object) { swift_deallocClassInstance(object, 0, 0); }

// Class metadata of the known form, with the destructor and the value witnesses in front.
static struct {
  destructor end;
  const void *witnesses;
  uint64_t kind;
  const void *superclass;
  uint32_t flags, instance_address_point, instance_size;
  uint16_t alignment_mask, reserved;
  uint32_t class_size, class_address_point;
  uint64_t more[2];
} storage_class = {end_storage, 0, 0, 0, 2, 0, AUDIT_MONITOR_SIZE, 7, 0, 80, 16, {0}};

test_storage *make_storage(void) { return swift_allocObject(&storage_class.kind, sizeof(test_storage), 7); }

void prepare_swift_side(uint16_t bias) {
  *WORD_AT(PINNED_CLASS) = (uint64_t)(uintptr_t)audit_class_of_pinned(&storage_class.kind) | 1;
  *WORD_AT(UNPINNED_CLASS) = (uint64_t)(uintptr_t)audit_class_of_unpinned(&storage_class.kind) | 1;
  *WORD_AT(INITIAL_BIAS) = bias == AUDIT_BIAS_OPEN ? 2 : 1;
  audit_set_mode(AUDIT_MODE_ON);
}

#if defined(__aarch64__)
// libunwind's, as far as frame pointers lead: with what lies in memory, signatures and all.
int unw_backtrace(void **buffer, int size);
int unw_backtrace(void **buffer, int size) {
  int count = 0;
  for (uintptr_t frame = audit_frame_address(); count < size && frame >= AUDIT_LOWEST_FRAME;) {
    buffer[count++] = ((void **)frame)[1];
    uintptr_t next = *(uintptr_t *)frame;
    if (next <= frame) break;
    frame = next;
  }
  return count;
}
#endif
