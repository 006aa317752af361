// SPDX-License-Identifier: Apache-2.0
//
// The bytes that the allocator has allocated; Swift's Glibc module lacks the header.

#ifndef C_ALLOCATION_H
#define C_ALLOCATION_H

#include <stddef.h>

/// The bytes that `malloc` has allocated, including those mapped for large blocks.
size_t allocated_bytes(void);

#endif
