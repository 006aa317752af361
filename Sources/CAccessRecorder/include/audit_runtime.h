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

// Turns an object of the class into one of a copy of the class.
static inline void audit_set_class(void *object, const void *class_metadata) { *(const void **)object = class_metadata; }

static inline void *audit_empty_dictionary(void) { return _swiftEmptyDictionarySingleton; }
static inline void *audit_empty_set(void) { return _swiftEmptySetSingleton; }
static inline void *audit_empty_array(void) { return _swiftEmptyArrayStorage; }

#ifdef __cplusplus
}
#endif

#endif
