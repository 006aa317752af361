// SPDX-License-Identifier: Apache-2.0
//
// What the allocator has given out; Swift's Glibc module lacks the header.

#ifndef C_ALLOCATION_H
#define C_ALLOCATION_H

#include <stddef.h>

/// The bytes that `malloc` has given out, those it has mapped for large blocks among them.
size_t allocated_bytes(void);

#endif
