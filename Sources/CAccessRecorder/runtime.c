// SPDX-License-Identifier: Apache-2.0
// Objects whose memory outlives them. A thread that raced may retain an object after its last
// reference went; the runtime ends the process when it finds such a reference while it frees the
// object. So these objects are not freed by the runtime.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN


#include "audit_runtime.h"

#include <string.h>

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

enum { DESTRUCTOR_OFFSET = -2 * (int)sizeof(void *), COPY_CAPACITY = 2048 };

static _Alignas(16) char copy[COPY_CAPACITY];
static void (*end_object)(void *object);

__attribute__((swiftcall)) static void destroy(__attribute__((swift_context)) void *object) { end_object(object); }

const void *audit_class_without_destruction(const void *class_metadata, void (*end)(void *object)) {
  const struct class_metadata *original = class_metadata;
  uint32_t before = original->class_address_point;
  // A Swift class, with its destructor in front, which fits.
  if (original->kind != 0 || before < 2 * sizeof(void *) || original->class_size > COPY_CAPACITY ||
      original->class_size < before + sizeof *original) {
    return NULL;
  }
  end_object = end;
  memcpy(copy, (const char *)class_metadata - before, original->class_size);
  void (*replacement)(void *) = (void (*)(void *))destroy;
  memcpy(copy + before + DESTRUCTOR_OFFSET, &replacement, sizeof replacement);
  return copy + before;
}

void audit_free_object(void *object) {
  const struct class_metadata *metadata = *(const struct class_metadata **)object;
  swift_deallocClassInstance(object, metadata->instance_size, metadata->instance_alignment_mask);
}

#endif
