// SPDX-License-Identifier: Apache-2.0
// The making, the fork and the end of monitors where nothing is unusual. In C because a debug build
// does not optimise Swift, and a program that has many small collections makes and ends one for
// every few accesses. Whatever is unusual goes to the Swift functions that do the whole of it.
#ifndef AUDIT_MONITOR_H
#define AUDIT_MONITOR_H

#include <stddef.h>
#include <stdint.h>

#include "audit_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

// The words of a monitor. The Swift class `Monitor` is the layout's owner; `MonitorLayoutTests`
// compares.
typedef struct {
  const void *class_metadata;
  uint64_t counts;
  uint64_t version;
  uint64_t writer;
  void *storage;
  uint64_t id;
  uint32_t creation_stack;
  int32_t creator_thread;
  const void *type;
  const void *witness_table;
  uint32_t label;
  uint8_t kind;  // and AUDIT_MONITOR_FALLBACK
  uint8_t sharing;
  uint16_t bias;
  uint64_t next_retired;  // before it is retired: the task that made the collection, and 1; 0 for none
} audit_monitor;

_Static_assert(offsetof(audit_monitor, version) == AUDIT_MONITOR_VERSION, "layout");
_Static_assert(offsetof(audit_monitor, writer) == AUDIT_MONITOR_WRITER, "layout");
_Static_assert(offsetof(audit_monitor, id) == AUDIT_MONITOR_ID, "layout");
_Static_assert(offsetof(audit_monitor, bias) == AUDIT_MONITOR_BIAS, "layout");
_Static_assert(sizeof(audit_monitor) == AUDIT_MONITOR_SIZE, "layout");

// Where a monitor says what its collection is: `CollectionKind.code`, in the bits above the lowest.
#define AUDIT_MONITOR_FALLBACK 1
#define AUDIT_KIND_DICTIONARY 0
#define AUDIT_KIND_SET 1
#define AUDIT_KIND_ARRAY 2
#define AUDIT_KIND_VARIABLE 3

// Makes copies of a class's metadata, once, whose instances end in this file's functions: of those
// that are kept when they have ended, and of those that are not. Not thread-safe. NULL where the
// metadata is not of the known layout; then nothing here makes a monitor.
const void *audit_class_of_pinned(const void *class_metadata);
const void *audit_class_of_unpinned(const void *class_metadata);

// Makes a monitor while auditing is on, by the calling thread, whose recorder is given; retains the
// storage. `frame` is the frame of a function that the program called. NULL where there is no class
// for it.
void *audit_make_pinned(
    void *recorder, uintptr_t frame, void *storage, const void *type, const void *witness_table, int32_t kind,
    uint32_t label);

// Makes one that is not audited yet.
void *audit_make_unpinned(
    void *storage, const void *type, const void *witness_table, int32_t kind, uint32_t label);

// Gives the variable, whose monitor is shared, one of its own that is not audited yet.
void *audit_fork_unpinned(void *variable);

// Frees a monitor that has ended.
void audit_free_object(void *object);

#ifdef __cplusplus
}
#endif

#endif
