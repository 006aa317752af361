// SPDX-License-Identifier: Apache-2.0
// Fork handlers that are registered before any other constructor runs, and call functions that are
// set later.
#ifndef EARLY_FORK_HANDLERS_H
#define EARLY_FORK_HANDLERS_H

#ifdef __cplusplus
extern "C" {
#endif

// Sets the functions to call before each fork, after it in the parent, and after it in the child.
void early_fork_handlers_set(void (*prepare)(void), void (*parent)(void), void (*child)(void));

#ifdef __cplusplus
}
#endif

#endif
