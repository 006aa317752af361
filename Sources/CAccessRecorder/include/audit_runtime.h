// SPDX-License-Identifier: Apache-2.0
// Entry points of the Swift runtime that the monitor needs and the language does not offer: a
// uniqueness test on an address, and an end of an object's life that is not the end of its memory.
#ifndef AUDIT_RUNTIME_H
#define AUDIT_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

bool swift_isUniquelyReferenced_nonNull_native(const void *object);
size_t swift_retainCount(void *object);
void swift_deallocClassInstance(void *object, size_t size, size_t alignment_mask);
void *swift_retain(void *object);
void swift_release(void *object);

// The runtime's shared empty storages: immortal objects that an empty collection of the kind refers
// to.
extern char _swiftEmptyDictionarySingleton[];
extern char _swiftEmptySetSingleton[];
extern char _swiftEmptyArrayStorage[];

// The upper half of the word that counts references is 0 when there is one strong reference and
// nothing unusual: a call saved. Everything else is the runtime's to say.
// `FastPathLayoutTests.uniqueness_isTheRuntimes` compares the two.
__attribute__((always_inline)) static inline bool audit_is_unique(const void *object) {
  const uint32_t *word = (const uint32_t *)((const char *)object + AUDIT_MONITOR_STRONG_EXTRA);
  return __atomic_load_n(word, __ATOMIC_ACQUIRE) == 0 || swift_isUniquelyReferenced_nonNull_native(object);
}

// A copy of a class's metadata, made once. An object whose metadata it becomes is handed to `end`
// when its last strong reference goes, and is neither deinitialised nor freed by the runtime. Not
// thread-safe. NULL where the metadata is not of the known layout.
const void *audit_class_without_destruction(const void *class_metadata, void (*end)(void *object));
// Turns an object of the class into one of the copy.
static inline void audit_set_class(void *object, const void *class_metadata) { *(const void **)object = class_metadata; }
// Frees such an object, which must have ended.
void audit_free_object(void *object);

static inline void *audit_empty_dictionary(void) { return _swiftEmptyDictionarySingleton; }
static inline void *audit_empty_set(void) { return _swiftEmptySetSingleton; }
static inline void *audit_empty_array(void) { return _swiftEmptyArrayStorage; }

#ifdef __cplusplus
}
#endif

#endif
