// SPDX-License-Identifier: Apache-2.0
// Unwinding of the calling thread by libunwind, whose interface is macros that Swift cannot import.
#ifndef AUDIT_UNWIND_H
#define AUDIT_UNWIND_H

#include <stdint.h>

// Fills `addresses` with at most `capacity` return addresses of the calling thread, innermost first; returns how many.
// Allocates at a thread's first call only (libunwind's own address cache). Takes the loader's lock for an address in
// an image it has not seen.
int32_t audit_unwind(uint64_t *addresses, int32_t capacity);

#endif
