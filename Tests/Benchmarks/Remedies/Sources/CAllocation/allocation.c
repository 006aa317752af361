// SPDX-License-Identifier: Apache-2.0
//
// The count of allocated bytes.

#include "CAllocation.h"

#include <malloc.h>

size_t allocated_bytes(void) {
    struct mallinfo2 information = mallinfo2();
    return information.uordblks + information.hblkhd;
}
