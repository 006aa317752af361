// SPDX-License-Identifier: Apache-2.0
// What the command-line tool needs of the system and Swift cannot call.
#ifndef PROCESS_SUPPORT_H
#define PROCESS_SUPPORT_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Makes processes whose parent ends children of the calling process, so that it can wait for them;
// tells whether the kernel does it.
bool process_adopt_orphans(void);

// Copies what is left of a file into another one, within the kernel, and shares the content where
// the file system can; the bytes copied, 0 at the end, -1 with errno when the kernel cannot.
ssize_t process_copy(int from, int to);

// Makes a pipe whose ends programs do not inherit.
int process_pipe(int ends[2]);

// Has a program start in this folder; an error's number, or 0.
int process_start_in(posix_spawn_file_actions_t *actions, const char *folder);

// Has the kernel wake the calling thread at the moment that it sleeps to, without the 50 µs that it
// allows itself otherwise.
void process_sleep_exactly(void);

// The kernel's ID of the calling thread.
pid_t process_thread_id(void);

// The seconds that processors have worked for the calling process and for those that it has waited
// for.
double process_processor_seconds(void);

// Has the calling process killed when its parent ends.
void process_end_with_parent(void);

#ifdef __cplusplus
}
#endif

#endif
