// SPDX-License-Identifier: Apache-2.0
// What a process knows of being forked, and the engine's calls at its forks and at its end. The
// calls are registered before `main`: of the program's handlers ours is then the last before a
// fork, the first after it, and the last at exit.
#ifndef AUDIT_FORK_H
#define AUDIT_FORK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a fork asks of locks and recorders.
typedef struct {
  void (*_Nonnull prepare)(void);
  void (*_Nonnull parent)(void);
  void (*_Nonnull child)(void);
} audit_fork_hooks;

// What is asked of the detector and of what it knows.
typedef struct {
  // Called behind the fork hooks' `child`.
  void (*_Nonnull child)(void);
  // `is_quick`: at `quick_exit`.
  void (*_Nonnull exit)(bool is_quick);
} audit_engine_hooks;

// Registers with the C library, once. Until hooks are set nothing happens.
void audit_register_process_hooks(void);
// Marks the memory as this process's, and sets the hooks of forks. To be called before there is any
// state that a child must not inherit as it is; later calls do nothing.
void audit_set_fork_hooks(audit_fork_hooks hooks);
bool audit_has_fork_hooks(void);
void audit_set_engine_hooks(audit_engine_hooks hooks);

// Marks the memory as this process's. A forked child finds the mark gone, however it was forked:
// the kernel empties the page.
void audit_mark_process(void);
// Whether the memory is still marked, or was never.
bool audit_is_marked_process(void);
// Calls the hooks of a child in a forked child where nobody has yet, and marks the memory. Returns
// when that is done.
void audit_notice_child(void);

// The calling thread's fork under way: its ticket, which stands in the locks that are held for it;
// 0 for none. Forks nest where a handler forks.
uint32_t audit_fork_ticket(void);
void audit_set_fork_ticket(uint32_t ticket);
int32_t audit_fork_depth(void);
void audit_set_fork_depth(int32_t depth);

// How deep the calling thread is inside the fork gate.
int32_t audit_gate_depth(void);
void audit_set_gate_depth(int32_t depth);

// Whether the calling thread is the detector.
bool audit_is_detector(void);
void audit_become_detector(void);

// The recorder that the calling thread owns, also while its accesses are suppressed; NULL when it
// has none.
void *_Nullable audit_owned_recorder(void);
// Makes the recorder the calling thread's; `end` is called with it when the thread ends. False
// where the C library has no key left for that.
bool audit_own_recorder(void *_Nonnull recorder, void (*_Nonnull end)(void *_Nonnull));

#ifdef __cplusplus
}
#endif

#endif
