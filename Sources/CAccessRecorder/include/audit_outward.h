// SPDX-License-Identifier: Apache-2.0
// What accesses ask of the layers above them: one table of functions, which the engine installs
// when it is first asked for.
#ifndef AUDIT_OUTWARD_H
#define AUDIT_OUTWARD_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  // Reads the environment and starts the detector's thread, once; false when that cannot be
  // started.
  bool (*_Nonnull start)(void);
  // Starts the detector where it does not run, as in a forked child, and ends its sleep.
  void (*_Nonnull wake_detector)(void);
  // The test's scope that the calling task or thread belongs to; 0 for none.
  uint32_t (*_Nonnull scope)(void);
  // Writes what is known of a violation whose report the detector does not finish. Takes the
  // address of a `PendingReport`.
  void (*_Nonnull write_bare_report)(const void *_Nonnull pendingReport);
} audit_outward_calls;

// The table.
audit_outward_calls audit_outward(void);
// Every thread that installs a table installs the same one, perhaps while others read it.
void audit_set_outward_calls(audit_outward_calls calls);
// Installs the engine's table. The engine defines it: a program that holds accesses without an
// engine does not link.
void audit_install_engine(void);

#ifdef __cplusplus
}
#endif

#endif
