// SPDX-License-Identifier: Apache-2.0
// Handlers for the signals of a crash: they let an observer look, and hand the signal on to the
// handler that was there before.
#ifndef AUDIT_CRASH_H
#define AUDIT_CRASH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Called on the crashing thread, in the signal handler: async-signal-safe code only. `is_end`: what
// had the signal before does not bring the program back, so the process ends. Otherwise a handler
// of the program's own comes next, which may repair what is wrong and go on.
typedef void (*audit_crash_observer)(int32_t signal, bool is_end);

// Installs handlers for SIGSEGV, SIGBUS, SIGILL and SIGTRAP, once; later calls do nothing. A signal
// that is ignored stays ignored. A handler that was there is called with the mask, on the stack and
// as often as its flags say.
void audit_install_crash_handlers(audit_crash_observer observer);

// What the handler notes for the detector.
struct audit_crash_note {
  int32_t signal;
  // Whether the process ends by the signal. Otherwise the program's own handler comes next.
  bool is_end;
  // The access that the thread with this slot crashed in.
  uint16_t slot;
  bool is_writing;
  uintptr_t monitor;
  // The collection's version at a time when the access had begun, and where the record that bears
  // it stands in the thread's ring.
  uint64_t before;
  uint64_t record_index;
  // The other party; 0 when only the collection's destruction, by another thread, is known.
  uint16_t other_slot;
};

// Has the detector report this crash; 0 while it reports another one, and after it has reported one
// that ends the process.
bool audit_note_crash(const struct audit_crash_note *note);
// Whether a crash waits for its report.
bool audit_crash_waits(void);
// The note of the crash that waits for its report, for the detector.
bool audit_take_crash(struct audit_crash_note *note);
// Lets the crashed thread go on.
void audit_finish_crash(void);
// In a forked child: its parent's crash is not its own.
void audit_forget_crash(void);
// Whether this is the first call.
bool audit_looks_first(void);

// Writes to stderr what a crash's report would have begun with, where the detector does not come to
// make it. `other` is 0 when the other thread is unknown. Async-signal-safe, and gives up when
// nobody reads.
void audit_write_crash_facts(int32_t signal, int32_t thread, int32_t other);

// Gives the calling thread an alternate signal stack, if it has none; returns it, or NULL. A
// mapping whose pages are committed when a signal first uses them.
void *audit_provide_signal_stack(void);

// The bounds of the alternate signal stack that the calling code runs on; tells whether it runs on
// one. Async-signal-safe.
bool audit_signal_stack_bounds(uintptr_t *low, uintptr_t *high);

// Takes the stack back from the calling thread, which must be the one it was given to.
void audit_release_signal_stack(void *stack);

#ifdef __cplusplus
}
#endif

#endif
