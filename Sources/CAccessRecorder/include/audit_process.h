// SPDX-License-Identifier: Apache-2.0
// Reading memory that may be gone, and looking at threads.
#ifndef AUDIT_PROCESS_H
#define AUDIT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Copies memory through the kernel, which refuses instead of faulting; tells whether it copied all
// of it.
bool audit_read_memory(uintptr_t address, void *copy, size_t size);
// The same for one word.
bool audit_read_word(uintptr_t address, uint64_t *word);

// What the kernel says of one of the process's threads: whether it is asleep, and the processor
// time it has used, in ticks of 10 ms. Tells whether it said anything. Async-signal-safe.
bool audit_look_at_thread(int32_t thread, bool *is_asleep, uint64_t *ticks);

// Whether the main thread has ended, and of all others only the calling one is left.
bool audit_is_alone(void);

// The file of the image that an address is in, and where the image begins; NULL when it is in none.
// Takes the loader's lock.
const char *audit_image(uintptr_t address, uintptr_t *base);

#ifdef __cplusplus
}
#endif

#endif
